#!/bin/sh
# `lab`, in a shell within the practice shell: labrun's hook is not in it.
if [ "$PPID" = "${LABRUN_SHELL-}" ]; then
    LABRUN_LOST=replaced
    echo 'labrun: exec has replaced the practice shell, and labrun does not see what you enter in the new one.' >&2
    echo 'To get a practice shell again: exit, then labrun' >&2
else
    LABRUN_LOST=nested
    echo 'labrun: this is a shell within the practice shell; labrun does not see what you enter in it.' >&2
    echo 'To get back to the practice shell: exit' >&2
fi
export LABRUN_LOST
if [ $# = 0 ]; then set -- task; fi
exec "$LABRUN_BIN" "$@"
