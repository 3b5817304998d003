#!/usr/bin/env python3
"""Sees that a list of what a release is made of is a true one.

Usage: sbom_check.py FILE.cdx.json TARGET

1. It names every crate that is linked into a release for the target, by Cargo.lock's version, and no other.
2. Each of them has its licence, its package URL, and the SHA-256 that Cargo.lock has.
3. It is valid by CycloneDX's own schema; that takes cyclonedx-python-lib from PyPI, into target/tools. Where it can't be
   had, this is said, and the rest holds.
"""
import json
import os
import re
import shutil
import subprocess
import sys

from licences import CARGO, linked

TOOLS = "target/tools/sbom"
SCHEMA = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1], encoding="utf-8").read())
sys.exit(f"not valid: {fault}" if fault else 0)
"""


def fail(message):
    sys.exit(f"sbom: {message}")


def wanted(target):
    asked = [CARGO, "metadata", "--locked", "--format-version", "1", "--features", "tls", "--filter-platform", target]
    packages = linked(json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout))
    return {(package["name"], package["version"]) for package in packages}


def sums():
    with open("Cargo.lock", encoding="utf-8") as file:
        entries = re.findall(r'name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"', file.read())
    return {(name, version): checksum for name, version, checksum in entries}


def valid(path):
    """Whether it is valid; `None` where nobody can tell."""
    python = os.path.join(TOOLS, "bin", "python")
    if not os.path.exists(python):
        try:
            subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
            quiet = ["--quiet", "--disable-pip-version-check"]
            subprocess.run([python, "-m", "pip", "install", *quiet, "cyclonedx-python-lib[json-validation]"], check=True)
        except subprocess.CalledProcessError:
            # What a broken installation left would be taken for a whole one.
            shutil.rmtree(TOOLS, ignore_errors=True)
            return None
    done = subprocess.run([python, "-c", SCHEMA, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(done.stderr.strip())
    return True


def main():
    path, target = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if os.getcwd() in text:
        fail("it says where it was built")
    bom = json.loads(text)
    if bom.get("bomFormat") != "CycloneDX" or bom["metadata"]["component"]["name"] != "labrun":
        fail("it is no CycloneDX list of labrun")
    listed = {(part["name"], part["version"]): part for part in bom["components"]}
    ours = {key for key in listed if key[0].startswith("labrun-")}
    if "labrun-graders" not in {name for name, _ in ours}:
        fail("labrun-graders is missing")
    crates, checksums = wanted(target), sums()
    for word, names in ("is missing", crates - set(listed)), ("is not linked", set(listed) - crates - ours):
        for name, version in sorted(names):
            fail(f"{name} {version} {word}")
    for key in sorted(crates):
        part = listed[key]
        told = {one["content"] for one in part.get("hashes", []) if one["alg"] == "SHA-256"}
        if told != {checksums[key]}:
            fail(f"{key[0]} {key[1]} has another SHA-256 than in Cargo.lock: {told}")
        if not part.get("licenses") or not part.get("purl", "").startswith(f"pkg:cargo/{key[0]}@"):
            fail(f"{key[0]} {key[1]} has no licence, or no package URL")
    schema = "valid by CycloneDX's schema" if valid(path) else "its schema could not be had: not held against it"
    print(f"sbom: {path}: {len(crates)} crates, {schema}")


if __name__ == "__main__":
    main()
