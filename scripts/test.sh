#!/usr/bin/env bash
# Every check, each under its name, but for what takes minutes: that is test-long.sh. Ends with the first that fails. SEED
# repeats what is drawn by chance.
#
# Cargo's tests come last, so that the end of the output is cargo's own result lines.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/engine_watch.sh
CARGO=${CARGO:-cargo}
# `sudo make test` is no `sudo labrun`: the tests keep their progress in folders of root's.
by_sudo=${SUDO_UID-}
unset SUDO_UID

finish() {
    unwatch_engine
    # What is proved removes what it made, when it is told to end.
    if [ -n "${waiting-}" ]; then pkill -P "$waiting" || true; wait "$waiting" || true; rm -rf "$engine"; fi
    # What root builds in somebody's clone is theirs, or their own cargo could not go on with it.
    if [ -n "$by_sudo" ] && [ "$(id -u)" = 0 ]; then chown -R --reference=. target; fi
}
trap finish EXIT

# With the time since the beginning.
part() { printf '\n== %s (%d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

scripts/test-tools.sh

part format
$CARGO fmt --all --check

part "dependencies (licences, sources, Rust version)"
scripts/dependencies.py

part "shell scripts (shellcheck)"
mapfile -t scripts < <(git ls-files -- '*.sh' '*.bash' .ci/run)
shellcheck "${scripts[@]}"
# macOS ships bash 3.2, which can't be had here: what it lacks must not be in the hook.
newer='\$\{[A-Za-z_]+(,,|\^\^|@[A-Za-z])|declare -[Ag]|local -[nAg]|mapfile|readarray|&>>|\|&|coproc|\[\[ -v |printf .%\('
if grep -nE "$newer" src/front/hook.bash; then
    echo "test: the hook must stay within bash 3.2" >&2
    exit 1
fi
zsh -n src/front/zshenv.zsh src/front/hook.zsh
fish --no-execute src/front/hook.fish
echo "${#scripts[@]} files and the hooks of zsh and fish, no faults"

part "page and plots of scale (bench/scale.json)"
scripts/scale_page.py --check

part "build (the program)"
# With one of those that need the tests' libraries, whose features are then the same: otherwise all would be built twice.
$CARGO build --workspace --bins --bench pure --locked --quiet

part "modules (cargo xtask modules)"
target/debug/xtask modules >/dev/null
echo "no module uses one that uses it"
labrun=target/debug/labrun

part "labs (labrun lint)"
$labrun lint labs bench/labs

# What waits for the engine most of the time: proving the labs, their mistakes left to test-long.sh, and a short share of
# the soak. What needs the processor goes on beside it.
engine=$(mktemp -d)
proved() { LABRUN_HOME=$engine/home "$engine/labrun" verify --all "$@"; }
on_the_engine() {
    # In CI nothing else uses the engine, so that what a lab touches without owning it can be told.
    local exclusive=()
    if [ -n "${CI:-}" ]; then exclusive=(--exclusive); fi
    part "labs (labrun verify ${exclusive[*]})" && proved "${exclusive[@]}" --no-mistakes || return
    part "a short share of the soak (make soak)" && SECONDS=10 scripts/soak.py --labrun "$engine/labrun" --seed 1
}
# A copy: the program is not built again while it is killed.
cp $labrun "$engine/labrun"
on_the_engine >"$engine/log" 2>&1 &
waiting=$!

part "build (the tests)"
$CARGO build --workspace --all-targets --locked --quiet

part "schemas of the lab files"
scripts/check-schema.py $labrun

part "lints (clippy, warnings denied)"
$CARGO clippy --workspace --all-targets --locked --quiet -- -D warnings
echo "no faults"

part "book and its links"
scripts/book.sh

part "documentation (rustdoc, warnings denied)"
RUSTDOCFLAGS="-D warnings" $CARGO doc --workspace --no-deps --document-private-items --locked --quiet
echo "no faults"

if wait "$waiting"; then ended=0; else ended=$?; fi
waiting=
cat "$engine/log"
rm -rf "$engine"
[ "$ended" = 0 ] || exit "$ended"

part "tests (unit, snapshot, black-box, engine)"
# Most of them wait for the engine or for a deadline: there is room for more than one a processor. Not for many more: each
# has containers on the engine's bridge, and Docker 20.10 can lock itself up when many leave one bridge at once.
threads=$(($(nproc) * 2))
[ "$threads" -le 8 ] || threads=8
watch_engine
RUST_TEST_THREADS=$threads run_tests --workspace --locked --no-fail-fast -- --skip long::
