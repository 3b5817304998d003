# labrun's hook for zsh, part two: the learner's own .zshrc first, with their own ZDOTDIR.
if [[ -n $LABRUN_ZDOTDIR ]]; then ZDOTDIR=$LABRUN_ZDOTDIR; else unset ZDOTDIR; fi
unset LABRUN_ZDOTDIR
# Where the learner's own zsh would have kept its history, had it started here.
[[ $HISTFILE = */labrun-*/.zsh_history ]] && HISTFILE=${ZDOTDIR:-$HOME}/.zsh_history
if [[ -r ${ZDOTDIR:-$HOME}/.zshrc ]]; then . "${ZDOTDIR:-$HOME}/.zshrc"; fi

_labrun_preexec() {
    _labrun_line=$1
}

# Hands the entered line and its exit code over, shows what is new, and gives the exit code back.
_labrun_precmd() {
    local code=$?
    if [[ -S $LABRUN_SOCKET ]]; then
        LABRUN_LINE=${_labrun_line-} LABRUN_CODE=$code "$LABRUN_BIN" hook
    fi
    _labrun_line=
    return $code
}

typeset -ga preexec_functions precmd_functions
preexec_functions+=(_labrun_preexec)
precmd_functions=(_labrun_precmd $precmd_functions)

lab() {
    if (( $# == 0 )); then "$LABRUN_BIN" task; else "$LABRUN_BIN" "$@"; fi
}
# What a Tab offers after it, where the learner's own zsh completes at all.
if (( $+functions[compdef] )); then eval "$("$LABRUN_BIN" completions zsh --word lab 2>/dev/null)"; fi
whence hint >/dev/null || hint() { lab hint "$@" }
whence answer >/dev/null || answer() { lab answer "$@" }
