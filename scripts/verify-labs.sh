#!/usr/bin/env bash
# Lints every lab in a folder, pulls the images that are missing, and verifies the labs on the engine that is here: what
# action.yml runs, and what runs anywhere.
#
#   LABS       the folder: a lab, or a folder with labs at any depth (default: labs)
#   JUNIT      where to write what was found, as JUnit XML (default: labrun-verify.xml); a file of an earlier run is
#              replaced, another program's only with --force in ARGUMENTS
#   ARGUMENTS  more words for `labrun verify`, separated by spaces, such as: --in-shell --jobs 2
#   LABRUN     the program; without it, it is built from the checkout that this script is in
set -euo pipefail

LABS=${LABS:-labs} JUNIT=${JUNIT:-labrun-verify.xml}
read -ra arguments <<<"${ARGUMENTS-}"

# The file always reports this run: an old one goes first, and a run that ends early leaves one with the reason.
rm -f -- "$JUNIT"
home='' failure='the labs were not verified: see the log'
ended() {
    local code=$?
    [ -z "$home" ] || rm -rf "$home"
    if [ "$code" -ne 0 ] && [ ! -s "$JUNIT" ]; then
        printf '%s\n' '<?xml version="1.0" encoding="UTF-8"?>' \
            '<testsuites tests="1" failures="0" errors="1">' \
            '<testsuite name="verify-labs" tests="1" failures="0" errors="1">' \
            "<testcase classname=\"verify-labs\" name=\"verify\"><error message=\"$failure\"/></testcase>" \
            '</testsuite>' '</testsuites>' >"$JUNIT" || true
    fi
    exit "$code"
}
trap ended EXIT

failure='no Docker engine answers'
docker version --format 'Docker {{.Server.Version}}' || { echo 'verify-labs: no Docker engine answers' >&2; exit 4; }

failure='labrun could not be built or run'
if [ -z "${LABRUN-}" ]; then
    checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    # The caller's own target folder and settings are not this program's.
    (cd "$checkout" && cargo build --release --locked --quiet --target-dir target)
    LABRUN=$checkout/target/release/labrun
fi
"$LABRUN" --version

failure='there is no lab.yaml in the folder'
mapfile -d '' -t files < <(find "$LABS" -name lab.yaml -type f -print0 | sort -z)
[ "${#files[@]}" -gt 0 ] || { echo "verify-labs: there is no lab.yaml below $LABS" >&2; exit 2; }
# Paths, also where a folder is called like a lab that ships with labrun.
labs=()
for file in "${files[@]}"; do labs+=("$(cd "$(dirname "$file")" && pwd)"); done

failure='lint found faults in a lab'
"$LABRUN" lint "${labs[@]}"

# Trust and progress of this run alone.
home=$(mktemp -d)
export LABRUN_HOME=$home
failure='an image could not be pulled, or a lab not trusted'
for lab in "${labs[@]}"; do
    "$LABRUN" images pull "$lab"
    "$LABRUN" trust --yes "$lab"
done

failure='labrun verify ended early'
"$LABRUN" verify --junit "$JUNIT" "${arguments[@]}" "${labs[@]}"
