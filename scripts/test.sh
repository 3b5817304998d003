#!/usr/bin/env bash
# Every check, each under its name. Ends with the first that fails.
#
# Cargo's tests come last, so that the end of the output is cargo's own result lines.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}

# What root builds in somebody's clone is theirs, or their own cargo could not go on with it.
if [ -n "${SUDO_UID-}" ] && [ "$(id -u)" = 0 ]; then trap 'chown -R --reference=. target' EXIT; fi

part() { printf '\n== %s\n' "$*"; }

# The shells that are tested in, what looks at their scripts, what `sudo labrun` is tested with, a registry to pull from,
# clocks that are off, compose for the steps that need it, and certificates.
missing=()
for tool in shellcheck zsh fish direnv podman sudo docker-registry faketime docker-compose openssl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ "${#missing[@]}" -gt 0 ]; then
    part "tools (${missing[*]})"
    command -v apt-get >/dev/null || { echo "test: install ${missing[*]}" >&2; exit 1; }
    if [ "$(id -u)" = 0 ]; then root=(env); else root=(sudo env); fi
    install=("${root[@]}" DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get)
    log=$(mktemp)
    "${install[@]}" install -y -qq "${missing[@]}" >"$log" 2>&1 ||
        { "${install[@]}" update -qq && "${install[@]}" install -y -qq "${missing[@]}"; } >"$log" 2>&1 ||
        { tail -n 15 "$log" >&2; exit 1; }
    # Debian starts a registry of its own with the package, on port 5000 of every address; the tests start theirs.
    if [[ " ${missing[*]} " == *" docker-registry "* && -d /run/systemd/system ]]; then
        "${root[@]}" systemctl disable --now --quiet docker-registry
    fi
    echo installed
fi

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

part build
$CARGO build --workspace --all-targets --locked --quiet
labrun=target/debug/labrun

part "labs (labrun lint)"
$labrun lint labs bench/labs

part "schemas of the lab files"
scripts/check-schema.py $labrun

# In CI nothing else uses the engine, so that what a lab touches without owning it can be told.
if [ -n "${CI:-}" ]; then
    part "labs (labrun verify --exclusive)"
    home=$(mktemp -d)
    LABRUN_HOME=$home $labrun verify --all --exclusive --no-mistakes
    rm -rf "$home"
fi

# Proving the labs with all their mistakes waits for the engine most of the time: what needs the processor goes on
# beside it.
home=$(mktemp -d)
LABRUN_HOME=$home $labrun verify --all >"$home/verify.log" 2>&1 &
verify=$!
trap 'kill "$verify" 2>/dev/null || true' EXIT

part "lints (clippy, warnings denied)"
$CARGO clippy --workspace --all-targets --locked --quiet -- -D warnings
echo "no faults"

part "book and its links"
scripts/book.sh

part "documentation (rustdoc, warnings denied)"
RUSTDOCFLAGS="-D warnings" $CARGO doc --workspace --no-deps --document-private-items --locked --quiet
echo "no faults"

part "labs (labrun verify)"
if wait "$verify"; then proved=0; else proved=$?; fi
trap - EXIT
cat "$home/verify.log"
rm -rf "$home"
[ "$proved" = 0 ] || exit "$proved"

part "a short share of the soak (make soak)"
SECONDS=10 scripts/soak.py --labrun $labrun --seed 1

part "tests (unit, snapshot, black-box, engine)"
# Most of them wait for the engine or for a deadline: there is room for more than one a processor.
RUST_TEST_THREADS=$(($(nproc) * 2)) $CARGO test --workspace --locked --no-fail-fast
