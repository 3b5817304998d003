# labrun's hook for fish, sourced after the learner's own config.fish.

set -g _labrun_line ''
set -g _labrun_code 0
set -g _labrun_codes 0
set -g _labrun_unread ''
set -gx LABRUN_SHELL $fish_pid

function _labrun_postexec --on-event fish_postexec
    set -g _labrun_code $status
    set -g _labrun_codes $pipestatus
    set -g _labrun_line ''
    set -g _labrun_unread ''
    if string match -qr '^\s' -- "$argv[1]"
        set -g _labrun_unread space
    else if test (string length -- "$argv[1]" | string join +) -gt 16384
        set -g _labrun_unread too-long
    else
        set -g _labrun_line "$argv[1]"
    end
    _labrun_install
end

# Hands the entered line and its exit code over, and shows what is new. fish keeps $status across this by itself.
function _labrun_prompt --on-event fish_prompt
    if _labrun_install
        set -g _labrun_unread lost
    end
    if test -S "$LABRUN_SOCKET"
        _labrun_names
        LABRUN_LINE=$_labrun_line LABRUN_CODE=$_labrun_code LABRUN_PIPELINE="$_labrun_codes" \
            LABRUN_UNREAD=$_labrun_unread LABRUN_ALIASES="$_labrun_aliases" LABRUN_FUNCTIONS="$_labrun_functions" \
            "$LABRUN_BIN" hook
    end
    set -g _labrun_line ''
    set -g _labrun_unread ''
end

# The words of the line that are aliases, and those that are functions of the learner's own: only the shell knows them.
function _labrun_names
    set -g _labrun_aliases ''
    set -g _labrun_functions ''
    test -n "$_labrun_line"; or return 0
    for word in (string match -ra '[A-Za-z0-9_.:+-]+' -- (string sub -l 1000 -- "$_labrun_line"))[1..60]
        contains -- $word lab hint answer; and continue
        functions -q -- $word; or continue
        set -l about (functions --details --verbose -- $word)
        # What comes with fish is no function of the learner's own.
        string match -q -- "$__fish_data_dir/*" "$about[1]"; and continue
        if set -l alias (string match -r '^alias [^ =]+[ =](.*)$' -- "$about[5]")
            set -g _labrun_aliases "$_labrun_aliases"alias' '$word=(string escape --style=script -- $alias[2])\n
        else
            set -l body (functions -- $word | string collect)
            set -g _labrun_functions "$_labrun_functions"$word\x1f(string sub -l 4000 -- $body | string collect)\x1e
        end
    end
end

# Puts the hook back where a part of it was erased; true if it was.
function _labrun_install
    functions -q _labrun_postexec; and functions -q _labrun_prompt; and functions -q _labrun_names; and return 1
    source (string replace -r '/[^/]*$' /hook.fish -- "$LABRUN_SOCKET") 2>/dev/null
    return 0
end

function lab
    set -l lost ''
    if not functions -q _labrun_install
        source (string replace -r '/[^/]*$' /hook.fish -- "$LABRUN_SOCKET") 2>/dev/null
        set lost lost
    else if _labrun_install
        set lost lost
    end
    test (count $argv) -eq 0; and set argv task
    LABRUN_LOST=$lost "$LABRUN_BIN" $argv
end
# What a Tab offers after it.
"$LABRUN_BIN" completions fish --word lab 2>/dev/null | source
type -q hint; or function hint
    lab hint $argv
end
type -q answer; or function answer
    lab answer $argv
end
