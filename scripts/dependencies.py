#!/usr/bin/env python3
"""Sees that every dependency may be used: its licence is one that deny.toml allows, its source is the registry, and it
builds with the Rust version that Cargo.toml promises. Those of the fuzz targets, which are never shipped, may be newer.

`make audit` looks at more; this needs nothing but cargo and runs in a second.
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
    exceptions = re.findall(r'\{ allow = \["([^"]+)"\], crate = "([^"]+)" \}', text)
    return set(re.findall(r'"([^"]+)"', block.group(1))), {crate: licence for licence, crate in exceptions}


def holds(expression, allowed):
    """SPDX: OR needs one side, AND both; `/` is the old way to write OR. No crate here nests more than one level."""
    expression = expression.replace("/", " OR ").replace("(", "").replace(")", "")
    return all(
        any(choice.strip() in allowed for choice in part.split(" OR ")) for part in expression.split(" AND ")
    )


def look(manifest, shipped):
    asked = [CARGO, "metadata", "--locked", "--format-version", "1", "--all-features", "--manifest-path", manifest]
    done = subprocess.run(asked, check=False, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{manifest}: is its lock file up to date? try: cargo update --workspace --manifest-path {manifest}")
    metadata = json.loads(done.stdout)
    ours = [package for package in metadata["packages"] if package["source"] is None]
    promised = version(next(package["rust_version"] for package in ours if package["rust_version"]))
    allowed, exceptions = allowed_licences()
    faults = []
    for package in metadata["packages"]:
        name = f"{package['name']} {package['version']}"
        if package["source"] is not None and not package["source"].startswith("registry+"):
            faults.append(f"{name}: comes from {package['source']}")
        if not holds(package["license"] or "none", allowed | {exceptions.get(package["name"])}):
            faults.append(f"{name}: licence {package['license']} is not allowed by deny.toml")
        needs = package["rust_version"]
        if shipped and needs and version(needs) > promised:
            faults.append(f"{name}: needs Rust {needs}")
    for fault in faults:
        print(f"{manifest}: {fault}", file=sys.stderr)
    print(f"{manifest}: {len(metadata['packages'])} packages, {len(faults)} faults")
    return len(faults)


def main():
    sys.exit(1 if look("Cargo.toml", True) + look("fuzz/Cargo.toml", False) else 0)


if __name__ == "__main__":
    main()
