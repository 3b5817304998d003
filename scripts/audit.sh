#!/usr/bin/env bash
# What is known against labrun's dependencies: `make audit`.
#
# cargo-deny sees licences, sources and what is banned; cargo-audit asks RustSec's database for known faults, which is
# on GitHub and nowhere else. What is not here or can't be reached is said, with what to do; only what was looked at and
# is wrong fails. ADVISORIES=FOLDER is a copy of that database.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
DATABASE=https://github.com/RustSec/advisory-db
wrong=0
unseen=()

part() { printf '\n== %s\n' "$*"; }
there() { "$CARGO" "$1" --version >/dev/null 2>&1; }

part "dependencies (licences, sources, Rust version)"
CARGO=$CARGO scripts/dependencies.py || wrong=1

part "cargo deny (bans, licences, sources)"
if there deny; then
    for manifest in Cargo.toml fuzz/Cargo.toml; do
        echo "$manifest"
        "$CARGO" deny --manifest-path "$manifest" --config deny.toml check bans licenses sources || wrong=1
    done
else
    unseen+=("bans: there is no cargo-deny; try: cargo install cargo-deny --locked")
fi

part "cargo audit (known faults, yanked versions)"
if ! there audit; then
    unseen+=("known faults: there is no cargo-audit; try: cargo install cargo-audit --locked")
elif [ -n "${ADVISORIES:-}" ]; then
    for lock in Cargo.lock fuzz/Cargo.lock; do
        "$CARGO" audit --db "$ADVISORIES" --no-fetch --stale --file "$lock" || wrong=1
    done
elif GIT_TERMINAL_PROMPT=0 timeout 30 git ls-remote --quiet "$DATABASE" HEAD >/dev/null 2>&1; then
    for lock in Cargo.lock fuzz/Cargo.lock; do "$CARGO" audit --file "$lock" || wrong=1; done
else
    unseen+=("known faults: $DATABASE can't be reached from here; run this where it can, or give a copy: ADVISORIES=FOLDER")
fi

part "what was not looked at"
if [ "${#unseen[@]}" = 0 ]; then echo "nothing: all was looked at"; else printf '%s\n' "${unseen[@]}"; fi
exit "$wrong"
