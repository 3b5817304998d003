# shellcheck shell=bash
# labrun's hook for bash 3.2 and newer. Sourced in place of ~/.bashrc, which it sources first.

# What the learner's own bash would have read: on macOS terminals it is a login shell.
# shellcheck disable=SC1090 # these are the learner's
case ${OSTYPE-} in
    darwin*)
        if [ -r ~/.bash_profile ]; then . ~/.bash_profile; elif [ -r ~/.bashrc ]; then . ~/.bashrc; fi
        ;;
    *)
        if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
        ;;
esac

# The history is where bash keeps an entered line. Between two prompts its number must grow by one: then the newest entry
# is the line that was entered here, and nothing else is.
_labrun_last=first                                # the newest entry's number when the prompt was shown
_labrun_before=                                   # its text, where that is known
_labrun_entered=                                  # set by PS0: a line was entered, and ran
_labrun_entry='^ *([0-9]+)[* ] '                  # the prefix of an entry
_labrun_word='^[^A-Za-z0-9_.:+-]*([A-Za-z0-9_.:+-]+)(.*)$'
_labrun_control=                                  # what this hook has put into HISTCONTROL
_labrun_theirs=                                   # what the learner has there
_labrun_longest=16384                             # a longer line is not judged
export LABRUN_SHELL=$$

# bash 4.4 and newer expands PS0 when a line was entered and is about to run, and only then.
_labrun_ps0=
if [ "${BASH_VERSINFO[0]}" -gt 4 ] || { [ "${BASH_VERSINFO[0]}" = 4 ] && [ "${BASH_VERSINFO[1]}" -ge 4 ]; }; then
    # shellcheck disable=SC2016 # it is expanded there, not here
    _labrun_ps0='${_labrun_entry:$((_labrun_entered=1,0)):0}${_labrun_said[${#PROMPT_COMMAND}-_labrun_length&&_labrun_noticed++<1]}'
fi
_labrun_said=('' $'labrun: PROMPT_COMMAND has changed, so labrun does not see what you enter. To restore it: lab\n')
_labrun_length=0
_labrun_noticed=1

# Hands the entered line and its exit code over, shows what is new, and gives the exit code back.
_labrun_prompt() {
    local code=$? codes=("${PIPESTATUS[@]}") entered=$_labrun_entered entry='' number='' line='' unread=''
    local aliases='' functions='' traced='' IFS=' '
    case $- in *x*)
        traced=1
        set +x
        ;;
    esac
    _labrun_entered=
    # An older bash does not tell whether a line was entered.
    if [ -z "$_labrun_ps0" ]; then entered=perhaps; fi
    case ${PS0-} in
        *_labrun_entered*) ;;
        *)
            printf -v PS0 %s "${PS0-}$_labrun_ps0" 2>/dev/null || :
            entered=perhaps
            ;;
    esac
    # While the learner's own prompt commands run, their setting holds.
    if [ "${HISTCONTROL-}" = "$_labrun_control" ]; then printf -v HISTCONTROL %s "$_labrun_theirs" 2>/dev/null || :; fi
    if [ -S "$LABRUN_SOCKET" ]; then
        # A time in front of the line would be taken for a part of it; where there must be one, the line is not known.
        entry=$(
            {
                printf -v HISTTIMEFORMAT %s ''
                if [ -z "${HISTTIMEFORMAT-}" ]; then
                    builtin history 1
                elif [[ $(builtin history 1) =~ $_labrun_entry ]]; then
                    printf %s "${BASH_REMATCH[0]}"
                fi
            } 2>/dev/null
        )
        if [[ ${entry:0:32} =~ $_labrun_entry ]]; then
            number=${BASH_REMATCH[1]}
            line=${entry:${#BASH_REMATCH[0]}}
        fi
        _labrun_judge
        if [ -n "$line" ]; then _labrun_names "${line:0:1000}"; fi
        LABRUN_LINE=$line LABRUN_CODE=$code LABRUN_PIPELINE="${codes[*]}" LABRUN_UNREAD=$unread \
            LABRUN_ALIASES=$aliases LABRUN_FUNCTIONS=$functions "$LABRUN_BIN" hook
    fi
    [ -z "$traced" ] || set -x
    return "$code"
}

# Decides whether the newest entry is the line that was entered: else `line` is empty, and `unread` says why.
_labrun_judge() {
    if [ "$_labrun_last" = first ] || [ -z "$entered" ] || [ "$code" -gt 255 ]; then
        # Nothing was entered since this shell began, or nothing that ran.
        line=
    elif ! [ -o history ] || [ "${HISTSIZE-1}" = 0 ]; then
        unread=off
    elif [ "$number" = "$_labrun_last" ] && [ "$entered" = perhaps ]; then
        line=
    elif [ "$number" != $((_labrun_last + 1)) ]; then
        unread=left-out
        case :$_labrun_theirs: in *:ignorespace:* | *:ignoreboth:*) unread=space ;; esac
        if [ "$number" != "$_labrun_last" ] || [ -n "${HISTIGNORE-}" ]; then unread=left-out; fi
    else
        case $line in
            [[:space:]]*) unread=space ;;
        esac
        if [ -z "$line" ]; then unread=timed; fi
        if [ ${#line} -gt "$_labrun_longest" ]; then unread=too-long; fi
        if [ -z "$unread" ]; then _labrun_give_back; fi
    fi
    if [ -n "$unread" ]; then
        line=
        _labrun_before=
    fi
    _labrun_last=${number:-0}
}

# The learner's own HISTCONTROL did not hold while the line was read: its effect is given back.
_labrun_give_back() {
    case :$_labrun_theirs: in
        *:erasedups:*)
            builtin history -d "$number" && builtin history -s -- "$line"
            number=
            ;;
        *:ignoredups:* | *:ignoreboth:*)
            if [ "$line" = "$_labrun_before" ] && builtin history -d "$number"; then number=$((number - 1)); fi
            ;;
    esac
    _labrun_before=$line
}

# The words of a line that are aliases, and those that are functions of the learner's own: only the shell knows them.
_labrun_names() {
    local rest=$1 word count=0
    while [ $((count += 1)) -le 60 ] && [[ $rest =~ $_labrun_word ]]; do
        word=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
        if alias -- "$word"; then aliases+=$(alias -- "$word")$'\n'; fi
        case $word in
            lab | hint | answer | _labrun*) ;;
            *)
                if declare -F -- "$word"; then
                    entry=$(declare -f -- "$word")
                    functions+=$word$'\037'${entry:0:4000}$'\036'
                fi
                ;;
        esac
    done >/dev/null 2>&1
    aliases=${aliases:0:4000} functions=${functions:0:16000}
}

# Last in the row: what the history holds now is not what will be entered.
_labrun_arm() {
    local code=$? entry=
    if [ "${PROMPT_COMMAND[*]}" != $'_labrun_prompt\n_labrun_arm' ] || [ "$_labrun_last" = 0 ]; then
        entry=$(builtin history 1 2>/dev/null)
        if [[ ${entry:0:32} =~ $_labrun_entry ]] && [ "$_labrun_last" != first ]; then
            if [ "$_labrun_last" != "${BASH_REMATCH[1]}" ]; then _labrun_before=; fi
            _labrun_last=${BASH_REMATCH[1]}
        fi
    fi
    if [ "$_labrun_last" = first ]; then
        entry=$(builtin history 1 2>/dev/null)
        _labrun_last=0
        if [[ ${entry:0:32} =~ $_labrun_entry ]]; then _labrun_last=${BASH_REMATCH[1]}; fi
    fi
    # A line that was entered before must be kept when it is entered again; one that begins with a space need not.
    _labrun_theirs=${HISTCONTROL-}
    case :$_labrun_theirs: in
        *:ignorespace:* | *:ignoreboth:*) _labrun_control=ignorespace:labrun ;;
        *) _labrun_control=labrun ;;
    esac
    printf -v HISTCONTROL %s "$_labrun_control" 2>/dev/null || :
    _labrun_length=${#PROMPT_COMMAND} _labrun_noticed=0
    return "$code"
}

# Puts the hook where bash runs it before a prompt; true if it was not there. It comes first, so that it sees the exit
# code; the others see it too, since it is given back.
_labrun_install() {
    if [ -n "${bash_preexec_imported-}${__bp_imported-}" ]; then
        case " ${precmd_functions[*]-} " in *" _labrun_prompt "*) return 1 ;; esac
        precmd_functions=(_labrun_prompt ${precmd_functions[@]+"${precmd_functions[@]}"} _labrun_arm)
    else
        case ${PROMPT_COMMAND[*]-} in *_labrun_prompt*) return 1 ;; esac
        # An array's first element is meant, where it is one: the only one that a bash before 5.1 runs.
        # shellcheck disable=SC2178,SC2128
        if [ "${#PROMPT_COMMAND[@]}" -gt 1 ]; then
            printf -v PROMPT_COMMAND %s "_labrun_prompt"$'\n'"$PROMPT_COMMAND" 2>/dev/null && PROMPT_COMMAND+=(_labrun_arm)
        else
            printf -v PROMPT_COMMAND %s "_labrun_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"$'\n'_labrun_arm 2>/dev/null
        fi
    fi
    _labrun_last=first
    return 0
}

lab() {
    local lost=
    if _labrun_install; then
        lost=lost
        case "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}" in *_labrun_prompt*) ;; *) lost='readonly' ;; esac
    fi
    if [ $# = 0 ]; then set -- task; fi
    LABRUN_LOST=$lost "$LABRUN_BIN" "$@"
}

printf -v PS0 %s "${PS0-}$_labrun_ps0" 2>/dev/null || :
_labrun_install || :
case "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}" in
    *_labrun_prompt*) ;;
    *)
        LABRUN_UNREAD='readonly' "$LABRUN_BIN" hook
        echo 'labrun: PROMPT_COMMAND is readonly in your bash, so labrun sees nothing that you enter. Use: lab check' >&2
        ;;
esac
# What a Tab offers after it.
eval "$("$LABRUN_BIN" completions bash --word lab 2>/dev/null)"
type hint >/dev/null 2>&1 || hint() { lab hint "$@"; }
type answer >/dev/null 2>&1 || answer() { lab answer "$@"; }
