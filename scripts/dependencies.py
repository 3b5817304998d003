#!/usr/bin/env python3
"""Sees that every dependency may be used: its licence is one that deny.toml allows, its source is the registry, and it
builds with the Rust version that Cargo.toml promises.

cargo-deny looks at more (advisories, yanked versions); this needs nothing but cargo and runs in a second.
"""
import json
import os
import re
import subprocess
import sys

CARGO = os.environ.get("CARGO", "cargo")


def version(text):
    return (tuple(int(part) for part in text.split(".")) + (0, 0))[:3]


def allowed_licences():
    with open("deny.toml", encoding="utf-8") as file:
        text = file.read()
    block = re.search(r"^allow = \[(.*?)^\]", text, re.S | re.M)
    return set(re.findall(r'"([^"]+)"', block.group(1)))


def holds(expression, allowed):
    """SPDX: OR needs one side, AND both; `/` is the old way to write OR. No crate here nests more than one level."""
    expression = expression.replace("/", " OR ").replace("(", "").replace(")", "")
    return all(
        any(choice.strip() in allowed for choice in part.split(" OR ")) for part in expression.split(" AND ")
    )


def main():
    asked = [CARGO, "metadata", "--locked", "--format-version", "1", "--all-features"]
    metadata = json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout)
    ours = [package for package in metadata["packages"] if package["source"] is None]
    promised = version(ours[0]["rust_version"])
    allowed = allowed_licences()
    faults = []
    for package in metadata["packages"]:
        name = f"{package['name']} {package['version']}"
        if package["source"] is not None and not package["source"].startswith("registry+"):
            faults.append(f"{name}: comes from {package['source']}")
        if not holds(package["license"] or "none", allowed):
            faults.append(f"{name}: licence {package['license']} is not allowed by deny.toml")
        needs = package["rust_version"]
        if needs and version(needs) > promised:
            faults.append(f"{name}: needs Rust {needs}")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(metadata['packages'])} packages, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
