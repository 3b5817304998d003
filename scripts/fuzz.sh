#!/usr/bin/env bash
# Tries each target (or TARGET alone) for SECONDS with bytes that nobody has thought of: `make fuzz`.
#
# What is found stays in fuzz/artifacts; the inputs that reach something new, in fuzz/target/corpus. `make fuzz-corpus`
# makes the small corpus of the repository from these.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
SECONDS_EACH=${SECONDS_EACH:-60}
CARGO=${CARGO:-cargo}

fail() { printf 'fuzz: %s\n' "$*" >&2; exit 4; }
rustup run nightly rustc --version >/dev/null 2>&1 || fail "there is no nightly Rust; try: rustup toolchain install nightly"
export PATH="$PATH:$PWD/../target/tools/fuzz/bin"
if ! "$CARGO" fuzz --version >/dev/null 2>&1; then
    echo "fuzz: installing cargo-fuzz into target/tools"
    "$CARGO" install --quiet --locked --root ../target/tools/fuzz cargo-fuzz || fail "cargo-fuzz could not be installed"
fi

mapfile -t targets < <(basename -s .rs -a fuzz_targets/*.rs)
if [ -n "${TARGET:-}" ]; then
    [[ " ${targets[*]} " == *" $TARGET "* ]] || fail "there is no target $TARGET; there are: ${targets[*]}"
    targets=("$TARGET")
fi

# Labs, pages and lines of the project itself: a start that no chance finds.
seed() {
    local into=target/corpus/$1 file
    mkdir -p "$into"
    case $1 in
        lab) for file in ../labs/*/*/lab.yaml ../book/examples/*/lab.yaml ../tests/blackbox/faulty-lab.yaml; do
                 cp "$file" "$into/$(echo "$file" | tr / _)"; done ;;
        markdown) for file in ../labs/*/*/*.md ../src/ui/markdown/sample.md; do
                 { printf 'P\1'; cat "$file"; } >"$into/$(echo "$file" | tr / _)"; done ;;
        *) ;;
    esac
}

# The fewest inputs, of a few kilobytes each, that reach all that was reached: they are replayed with every test. Those
# with a name were written by hand, and stay.
if [ "${MINIMISE:-}" = 1 ]; then
    for target in "${targets[@]}"; do
        echo "fuzz: the corpus of $target"
        few=target/few/$target
        rm -rf "$few" "$few.from" && mkdir -p "$few" "$few.from" "target/corpus/$target"
        find "target/corpus/$target" "corpus/$target" -type f -size -3k -exec cp -t "$few.from" {} +
        "$CARGO" +nightly fuzz run "$target" "$few" "$few.from" -- -merge=1 -set_cover_merge=1 -use_counters=0 -timeout=10
        find "corpus/$target" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
        cp "$few"/* "corpus/$target/"
    done
    du -sb corpus
    exit
fi

for target in "${targets[@]}"; do
    seed "$target"
    echo "fuzz: $target for $SECONDS_EACH seconds"
    words=()
    if [ -f "words/$target" ]; then words=(-dict="words/$target"); fi
    "$CARGO" +nightly fuzz run "$target" "target/corpus/$target" "corpus/$target" -- -max_total_time="$SECONDS_EACH" \
        -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -max_len=16384 -print_final_stats=1 "${words[@]}"
done
