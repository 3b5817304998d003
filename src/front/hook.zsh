# labrun's hook for zsh, part two: the learner's own .zshrc first, with their own ZDOTDIR.
if [[ -n $LABRUN_ZDOTDIR ]]; then ZDOTDIR=$LABRUN_ZDOTDIR; else unset ZDOTDIR; fi
unset LABRUN_ZDOTDIR
# Where the learner's own zsh would have kept its history, had it started here.
[[ $HISTFILE = */labrun-*/.zsh_history ]] && HISTFILE=${ZDOTDIR:-$HOME}/.zsh_history
if [[ -r ${ZDOTDIR:-$HOME}/.zshrc ]]; then . "${ZDOTDIR:-$HOME}/.zshrc"; fi

typeset -g _labrun_line= _labrun_expanded= _labrun_unread=
typeset -gi _labrun_longest=16384 # a longer line is not judged
export LABRUN_SHELL=$$

# Keeps the line that is about to run, as it was typed and with its aliases expanded. zsh does not tell a line that its
# history leaves out.
_labrun_preexec() {
    emulate -L zsh
    _labrun_line= _labrun_expanded= _labrun_unread=
    if [[ -z $1 ]]; then
        _labrun_unread=left-out
        if [[ -o hist_ignore_space ]]; then _labrun_unread=space; fi
        if (( HISTSIZE <= 1 )); then _labrun_unread=off; fi
    elif [[ $1 = [[:space:]]* ]]; then
        _labrun_unread=space
    elif (( $#1 > _labrun_longest || $#3 > _labrun_longest )); then
        _labrun_unread=too-long
    else
        _labrun_line=$1
        [[ $3 = "$1" ]] || _labrun_expanded=$3
    fi
    if (( ! ${precmd_functions[(Ie)_labrun_precmd]} )); then precmd_functions=(_labrun_precmd $precmd_functions); fi
}

# Hands the entered line and its exit code over, shows what is new, and gives the exit code back.
_labrun_precmd() {
    local code=$? codes="${pipestatus[*]}" functions_named= word
    emulate -L zsh
    if (( ! ${preexec_functions[(Ie)_labrun_preexec]} )); then
        preexec_functions+=(_labrun_preexec)
        _labrun_unread=lost
    fi
    if [[ -S $LABRUN_SOCKET ]]; then
        # The words that are functions of the learner's own: only the shell knows them.
        for word in ${${(z)${_labrun_expanded:-$_labrun_line}[1,1000]}[1,60]}; do
            if (( $+functions[$word] )) && [[ $word != (lab|hint|answer|_labrun*) ]]; then
                functions_named+=$word$'\037'"$word () { ${functions[$word][1,4000]}"$'\n}\036'
            fi
        done
        LABRUN_LINE=$_labrun_line LABRUN_EXPANDED=$_labrun_expanded LABRUN_CODE=$code LABRUN_PIPELINE=$codes \
            LABRUN_UNREAD=$_labrun_unread LABRUN_FUNCTIONS=${functions_named[1,16000]} "$LABRUN_BIN" hook
    fi
    _labrun_line= _labrun_expanded= _labrun_unread=
    return $code
}

# Puts the hook where zsh runs it before a line and before a prompt; true if it was not there.
_labrun_install() {
    emulate -L zsh
    typeset -ga preexec_functions precmd_functions
    local missing=1
    if (( ! ${preexec_functions[(Ie)_labrun_preexec]} )); then preexec_functions+=(_labrun_preexec); missing=0; fi
    if (( ! ${precmd_functions[(Ie)_labrun_precmd]} )); then
        precmd_functions=(_labrun_precmd $precmd_functions)
        missing=0
    fi
    # What was entered before is not what runs now.
    (( missing )) || _labrun_line= _labrun_expanded= _labrun_unread=
    return $missing
}
_labrun_install

lab() {
    local lost=
    if _labrun_install; then lost=lost; fi
    if (( $# == 0 )); then set -- task; fi
    LABRUN_LOST=$lost "$LABRUN_BIN" "$@"
}
# What a Tab offers after it, where the learner's own zsh completes at all.
if (( $+functions[compdef] )); then eval "$("$LABRUN_BIN" completions zsh --word lab 2>/dev/null)"; fi
whence hint >/dev/null || hint() { lab hint "$@" }
whence answer >/dev/null || answer() { lab answer "$@" }
