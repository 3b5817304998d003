#!/usr/bin/env python3
"""Prints the licences of what is linked into a release for a target: each crate with its licence files' texts.

A text that several crates share is printed once. A crate without such a file is named with its licence's SPDX expression.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

CARGO = os.environ.get("CARGO", "cargo")
FILE = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)


def linked(metadata):
    """The crates that labrun is made of; what only builds or tests it is not among them."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting, found = [metadata["resolve"]["root"]], set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            kinds = [(dep["pkg"], [kind["kind"] for kind in dep["dep_kinds"]]) for dep in nodes[name]["deps"]]
            waiting += [package for package, of in kinds if None in of]
    packages = [package for package in metadata["packages"] if package["id"] in found and package["source"]]
    return sorted(packages, key=lambda package: (package["name"], package["version"]))


def texts(package):
    folder = Path(package["manifest_path"]).parent
    files = sorted(path for path in folder.iterdir() if path.is_file() and FILE.match(path.name))
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]


def main():
    asked = [CARGO, "metadata", "--locked", "--format-version", "1", "--features", "tls"]
    asked += ["--filter-platform", sys.argv[1]]
    metadata = json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout)
    packages = linked(metadata)
    whose = {}
    print("labrun is made of these, each under its own licence.\n")
    for package in packages:
        print(f"{package['name']} {package['version']}: {package['license']}")
        for text in texts(package):
            whose.setdefault(text, []).append(package["name"])
    for text, names in whose.items():
        print(f"\n{'=' * 80}\n{', '.join(dict.fromkeys(names))}\n{'=' * 80}\n\n{text}")


if __name__ == "__main__":
    main()
