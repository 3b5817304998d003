#!/usr/bin/env bash
# Every check, each under its name. Ends with the first that fails.
#
# Cargo's tests come last, so that the end of the output is cargo's own result lines.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}

part() { printf '\n== %s\n' "$*"; }

part format
$CARGO fmt --all --check

part "dependencies (licences, sources, Rust version)"
scripts/dependencies.py

part "shell scripts (shellcheck)"
if ! command -v shellcheck >/dev/null; then
    if [ "$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi
    command -v apt-get >/dev/null || { echo "test: install shellcheck" >&2; exit 1; }
    $sudo apt-get install -y -qq shellcheck >/dev/null || { $sudo apt-get update -qq && $sudo apt-get install -y -qq shellcheck >/dev/null; }
fi
mapfile -t scripts < <(git ls-files -- '*.sh' '*.bash' .ci/run)
shellcheck "${scripts[@]}"
echo "${#scripts[@]} files, no faults"

part "lints (clippy, warnings denied)"
$CARGO clippy --workspace --all-targets --locked --quiet -- -D warnings
echo "no faults"

part build
$CARGO build --workspace --all-targets --locked --quiet
labrun=target/debug/labrun

part "labs (labrun lint)"
$labrun lint labs

part "labs (labrun verify)"
LABRUN_HOME=$(mktemp -d) $labrun verify --all

part "book and its links"
scripts/book.sh

part "documentation (rustdoc, warnings denied)"
RUSTDOCFLAGS="-D warnings" $CARGO doc --workspace --no-deps --document-private-items --locked --quiet
echo "no faults"

part "tests (unit, snapshot, black-box, engine)"
$CARGO test --workspace --locked --no-fail-fast
