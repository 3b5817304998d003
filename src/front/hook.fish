# labrun's hook for fish, sourced after the learner's own config.fish.

set -g _labrun_line ''
set -g _labrun_code 0

function _labrun_postexec --on-event fish_postexec
    set -g _labrun_code $status
    set -g _labrun_line $argv[1]
end

# Hands the entered line and its exit code over, and shows what is new. fish keeps $status across this by itself.
function _labrun_prompt --on-event fish_prompt
    if test -S "$LABRUN_SOCKET"
        LABRUN_LINE=$_labrun_line LABRUN_CODE=$_labrun_code "$LABRUN_BIN" hook
    end
    set -g _labrun_line ''
end

function lab
    if test (count $argv) -eq 0
        "$LABRUN_BIN" task
    else
        "$LABRUN_BIN" $argv
    end
end
# What a Tab offers after it.
"$LABRUN_BIN" completions fish --word lab 2>/dev/null | source
type -q hint; or function hint
    lab hint $argv
end
type -q answer; or function answer
    lab answer $argv
end
