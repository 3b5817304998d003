#!/usr/bin/env bash
# Writes what a release is made of, as a CycloneDX list: target/sbom/labrun-VERSION-TARGET.cdx.json.
#
# cargo-cyclonedx writes it, for the features of a release; sbom_check.py sees that it is whole and true.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
here=$(rustc -vV | sed -n 's/^host: //p')
case $here in
    *-linux-*) TARGET=${TARGET:-$(uname -m)-unknown-linux-musl} ;;
    *) TARGET=${TARGET:-$here} ;;
esac
fail() { printf 'sbom: %s\n' "$*" >&2; exit 4; }
export PATH="$PATH:$PWD/target/tools/cyclonedx/bin"
if ! "$CARGO" cyclonedx --version >/dev/null 2>&1; then
    echo "sbom: installing cargo-cyclonedx into target/tools"
    "$CARGO" install --quiet --locked --root target/tools/cyclonedx cargo-cyclonedx ||
        fail "cargo-cyclonedx could not be installed"
fi

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
out=target/sbom
name=labrun-$version-$TARGET
mkdir -p "$out"
# It is written beside each Cargo.toml of the workspace.
trap 'rm -f "$name.cdx.json" {graders,crates/*}/"$name.cdx.json"' EXIT
# The same commit gives the same list: its time and no serial number of chance.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
"$CARGO" cyclonedx --quiet --format json --spec-version 1.5 --all --target "$TARGET" --no-build-deps \
    --features tls --override-filename "$name.cdx"
# Where it was built is nobody's business, and would make another list of the same commit.
sed "s|file://$PWD|file:///labrun|g" "$name.cdx.json" >"$out/$name.cdx.json"
scripts/sbom_check.py "$out/$name.cdx.json" "$TARGET"
