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

_labrun_last=
_labrun_entered=
_labrun_entry='^[[:space:]]*([0-9]+)\*?[[:space:]]+(.*)$'

# Hands the entered line and its exit code over, shows what is new, and gives the exit code back.
_labrun_prompt() {
    local code=$? line='' entry=''
    if [ -S "$LABRUN_SOCKET" ]; then
        entry=$(HISTTIMEFORMAT='' builtin history 1)
        if [[ $entry =~ $_labrun_entry ]]; then
            # The same number again is an empty line; or, if one was entered, a line that the history keeps only once.
            if [ "${BASH_REMATCH[1]}" != "$_labrun_last" ] || [ -n "$_labrun_entered" ]; then
                line=${BASH_REMATCH[2]}
            fi
            # What was there before this shell began was not entered in it.
            if [ "$_labrun_last" = first ]; then line=''; fi
            _labrun_last=${BASH_REMATCH[1]}
        elif [ "$_labrun_last" = first ]; then
            _labrun_last=
        fi
        _labrun_entered=
        LABRUN_LINE=$line LABRUN_CODE=$code "$LABRUN_BIN" hook
    fi
    return "$code"
}
_labrun_last=first

# bash 4.4 and newer expands PS0 when a line was entered, and only then.
if [ "${BASH_VERSINFO[0]}" -gt 4 ] || { [ "${BASH_VERSINFO[0]}" = 4 ] && [ "${BASH_VERSINFO[1]}" -ge 4 ]; }; then
    # shellcheck disable=SC2016 # it is expanded there, not here
    PS0=${PS0-}'${_labrun_entry:$((_labrun_entered=1,0)):0}'
fi

# First in the row, so that it sees the exit code; the others see it too, since it is given back.
if [ -n "${bash_preexec_imported-}${__bp_imported-}" ]; then
    precmd_functions=(_labrun_prompt ${precmd_functions[@]+"${precmd_functions[@]}"})
else
    # An array's first element is meant, where it is one: the only one that a bash before 5.1 runs.
    # shellcheck disable=SC2178,SC2128
    PROMPT_COMMAND=_labrun_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
fi

lab() {
    if [ $# = 0 ]; then "$LABRUN_BIN" task; else "$LABRUN_BIN" "$@"; fi
}
# What a Tab offers after it.
eval "$("$LABRUN_BIN" completions bash --word lab 2>/dev/null)"
type hint >/dev/null 2>&1 || hint() { lab hint "$@"; }
type answer >/dev/null 2>&1 || answer() { lab answer "$@"; }
