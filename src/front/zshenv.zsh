# labrun's hook for zsh, part one: the learner's own .zshenv, as if ZDOTDIR had never been changed.
_labrun_folder=$ZDOTDIR
if [[ -n $LABRUN_ZDOTDIR ]]; then ZDOTDIR=$LABRUN_ZDOTDIR; else unset ZDOTDIR; fi
if [[ -r ${ZDOTDIR:-$HOME}/.zshenv ]]; then . "${ZDOTDIR:-$HOME}/.zshenv"; fi
# What that one set is the learner's; the next file to be read is still ours.
LABRUN_ZDOTDIR=${ZDOTDIR-}
ZDOTDIR=$_labrun_folder
unset _labrun_folder
