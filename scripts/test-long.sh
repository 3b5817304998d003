#!/usr/bin/env bash
# What takes minutes, each part under its name: every row of the form tables, the long black-box tests, every mistake of
# every lab, and kills. Goes on after a part that fails, says at the end which did, and then ends with 1.
#
# SEED repeats what is drawn by chance. An engine that locks up is brought back, where scripts/engine.sh started it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/engine_watch.sh
CARGO=${CARGO:-cargo}
by_sudo=${SUDO_UID-}
unset SUDO_UID
export SEED=${SEED:-$RANDOM}
export RUST_BACKTRACE=${RUST_BACKTRACE:-0}

home=$(mktemp -d)
finish() {
    unwatch_engine
    rm -rf "$home"
    if [ -n "$by_sudo" ] && [ "$(id -u)" = 0 ]; then chown -R --reference=. target; fi
}
trap finish EXIT

part() { printf '\n== %s (%d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

failed=()
# Runs a part; once more where the engine had to be brought back meanwhile, since its containers have ended then.
try() {
    local name=$1
    shift
    part "$name"
    if "$@"; then return; fi
    if engine_came_back; then
        part "$name, once more, on the engine that was brought back"
        if "$@"; then return; fi
    fi
    failed+=("$name")
}

part "build (SEED=$SEED)"
scripts/test-tools.sh
$CARGO build --workspace --all-targets --locked --quiet
# A copy: the program is not built again while it is killed.
cp target/debug/labrun "$home/labrun"

watch_engine
forms() { FORMS_PROGRESS=1 run_tests --locked --no-fail-fast --test blackbox long::; }
proved() { LABRUN_HOME=$home/progress "$home/labrun" verify --all; }
soaked() { SECONDS=180 scripts/soak.py --labrun "$home/labrun" --seed "$SEED"; }
try "every row of the form tables, and the long black-box tests" forms
try "labs with every mistake (labrun verify --all)" proved
try "kills and floods (make soak)" soaked

part "all done (SEED=$SEED)"
if [ "${#failed[@]}" -gt 0 ]; then
    printf 'test-long: failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
