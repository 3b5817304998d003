#!/usr/bin/env bash
# Builds and packs a release: target/release-files/labrun-VERSION-TARGET.tar.gz and its sha256.
#
# TARGET is static Linux for this processor unless it is set, and on macOS what rustc builds for. What the archive holds
# stands in the book: contributors/release.md.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
TARGET=${TARGET:-}
built=${CARGO_TARGET_DIR:-target}
command -v rustc >/dev/null || { echo 'release: there is no rustc: https://rustup.rs' >&2; exit 1; }
here=$(rustc -vV | sed -n 's/^host: //p')
if [ -z "$TARGET" ]; then
    case $here in
        *-linux-*) TARGET=$(uname -m)-unknown-linux-musl ;;
        *) TARGET=$here ;;
    esac
fi

say() { printf 'release: %s\n' "$*"; }
fail() { printf 'release: %s\n' "$*" >&2; exit 1; }

# SQLite and the TLS library are C.
case $TARGET in
    *-musl)
        if [ "${TARGET%%-*}" != "$(uname -m)" ]; then
            fail "$TARGET is built on a machine of its own kind: its C compiler is not here"
        fi
        command -v musl-gcc >/dev/null ||
            fail "there is no musl-gcc, which $TARGET needs. Debian and Ubuntu: apt-get install musl-tools"
        ;;
esac

# Rust's own library for the target.
has_std() { [ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET/lib" ]; }
if ! has_std; then
    command -v rustup >/dev/null ||
        fail "Rust's library for $TARGET is not here, and there is no rustup to bring it: https://rustup.rs"
    rustup target add "$TARGET" || fail "Rust's library for $TARGET can't be had; try: rustup target add $TARGET"
fi

say "building for $TARGET"
"$CARGO" build --release --locked --quiet --features tls --target "$TARGET"
program=$built/$TARGET/release/labrun
case $TARGET in
    *-musl)
        # A program interpreter in the file means that it is not static after all.
        if readelf --program-headers "$program" | grep -q INTERP; then fail "$program is not static"; fi
        ;;
esac
[ "$TARGET" = "$here" ] || [ "${TARGET%%-*}" = "${here%%-*}" ] ||
    fail "$program can't be run here, so its completions and manual can't be written"

say "listing what it is made of"
TARGET=$TARGET scripts/sbom.sh

version=$("$program" --version)
name=labrun-${version#labrun }-$TARGET
out=$built/release-files
stage=$out/$name
rm -rf "$stage"
mkdir -p "$stage/completions" "$stage/man/man1"
install -m 755 "$program" "$stage/labrun"
install -m 644 LICENSE-MIT LICENSE-APACHE README.md CHANGELOG.md "$stage/"
scripts/licences.py "$TARGET" >"$stage/LICENSES-OF-DEPENDENCIES.txt"
install -m 644 "target/sbom/$name.cdx.json" "$stage/labrun.cdx.json"
"$program" completions bash >"$stage/completions/labrun.bash"
"$program" completions zsh >"$stage/completions/_labrun"
"$program" completions fish >"$stage/completions/labrun.fish"
"$program" man --all "$stage/man/man1" >/dev/null

# The same source gives the same archive: names in order, the commit's time, nobody's ids.
tar=tar
if command -v gtar >/dev/null; then tar=gtar; fi
"$tar" --version 2>/dev/null | grep -q 'GNU tar' || fail "there is no GNU tar. macOS: brew install gnu-tar"
time=$(git log -1 --format=%ct)
"$tar" -C "$out" --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --mtime="@${SOURCE_DATE_EPOCH:-$time}" \
    -cf - "$name" | gzip -9 -n >"$out/$name.tar.gz"
rm -rf "$stage"
if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
(cd "$out" && "${sum[@]}" "$name.tar.gz" >"$name.tar.gz.sha256")
# What root builds in somebody's clone is theirs.
if [ -n "${SUDO_UID-}" ] && [ "$(id -u)" = 0 ]; then chown -R --reference=. "$built"; fi
say "$(wc -c <"$program") bytes of program, $(wc -c <"$out/$name.tar.gz") packed"
cat "$out/$name.tar.gz.sha256"
say "in $out"
