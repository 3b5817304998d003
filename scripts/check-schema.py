#!/usr/bin/env python3
"""Sees that the schemas beside the labs say of a lab file what labrun says.

Usage: check-schema.py LABRUN

1. Every lab and track that ships, and the book's example of every kind of check, are valid.
2. The faulty lab of the tests is not.
3. Of a lab with every kind of check, and of one with mistakes, copies are made that have one thing wrong each: a key that
   nobody knows, a value of another type, a key that is missing. The first two are never valid; and what the schema
   refuses, `labrun lint` refuses as well.

Takes jsonschema and ruamel.yaml (which knows YAML 1.2, as labrun does) from PyPI where they are not installed, into target/tools.
"""
import copy
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOOLS = "target/tools/schema"
FAULTY = "tests/blackbox/faulty-lab.yaml"
EXAMPLE = "book/examples/check-kinds/lab.yaml"
WITH_MISTAKES = "labs/docker-storage/docker-volumes/lab.yaml"


def run_again_with_tools():
    python = os.path.join(TOOLS, "bin", "python")
    if os.path.abspath(sys.prefix) == os.path.abspath(TOOLS):
        sys.exit(f"check-schema: {TOOLS} is broken; remove it and run this again")
    if not os.path.exists(python):
        quiet = ["--quiet", "--disable-pip-version-check"]
        try:
            subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
            subprocess.run([python, "-m", "pip", "install", *quiet, "jsonschema", "ruamel.yaml"], check=True)
        except subprocess.CalledProcessError:
            # What a broken installation left would be taken for a whole one.
            shutil.rmtree(TOOLS, ignore_errors=True)
            sys.exit(f"check-schema: {TOOLS} cannot be made; on Debian and Ubuntu the package python3-venv is missing,\n"
                     "              or install jsonschema and ruamel.yaml yourself")
    os.execv(python, [python, *sys.argv])


try:
    import jsonschema
    import ruamel.yaml
except ImportError:
    run_again_with_tools()


def schema(name):
    with open(f"labs/{name}.schema.json", encoding="utf-8") as file:
        read = json.load(file)
    jsonschema.Draft7Validator.check_schema(read)
    return jsonschema.Draft7Validator(read)


def read(path):
    yaml = ruamel.yaml.YAML(typ="safe", pure=True)
    # A schema never sees them; lint does.
    yaml.allow_duplicate_keys = True
    with open(path, encoding="utf-8") as file:
        return yaml.load(file)


def places(value, path=()):
    """The paths to every value of a tree."""
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in entries:
        yield from places(below, (*path, key))


def at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def mutants(lab):
    """Copies with one thing wrong each, and whether no schema may take them."""
    for path in places(lab):
        value = at(lab, path)
        if isinstance(value, dict) and path[-1:] != ("labels",):
            mutant = copy.deepcopy(lab)
            at(mutant, path)["zzzzzzzz"] = "x"
            yield f"{path}: a key that nobody knows", mutant, True
        if path:
            mutant = copy.deepcopy(lab)
            at(mutant, path[:-1])[path[-1]] = 3.5
            yield f"{path}: a number that is not whole", mutant, True
            mutant = copy.deepcopy(lab)
            del at(mutant, path[:-1])[path[-1]]
            yield f"{path}: missing", mutant, False


def refused_by_lint(labrun, labs):
    """Which of the labs lint finds faults in, by their number."""
    with tempfile.TemporaryDirectory() as folder:
        for number, lab in enumerate(labs):
            os.mkdir(f"{folder}/{number:05}")
            # JSON is YAML.
            with open(f"{folder}/{number:05}/lab.yaml", "w", encoding="utf-8") as file:
                json.dump(lab, file)
            for name in ("briefing.md", "wrap-up.md"):
                with open(f"{folder}/{number:05}/{name}", "w", encoding="utf-8") as file:
                    file.write("A text.\n")
        said = subprocess.run([labrun, "lint", folder, "--json"], stdout=subprocess.PIPE, check=False)
    reports = json.loads(said.stdout)["labs"]
    return {int(os.path.basename(report["lab"])) for report in reports if report["faults"]}, len(reports)


def main():
    labrun = sys.argv[1]
    lab, track = schema("lab"), schema("track")
    faults = []
    labs = sorted(glob.glob("labs/*/*/lab.yaml")) + [EXAMPLE]
    tracks = sorted(glob.glob("labs/*/track.yaml"))
    for paths, validator in ((labs, lab), (tracks, track)):
        for path in paths:
            faults += [f"{path}: {error.json_path}: {error.message}" for error in validator.iter_errors(read(path))]
    if lab.is_valid(read(FAULTY)):
        faults.append(f"{FAULTY} has no faults")
    for path in tracks:
        for what, mutant, never in mutants(read(path)):
            if never and track.is_valid(mutant):
                faults.append(f"{path}: valid with {what}")
    example, with_mistakes = read(EXAMPLE), read(WITH_MISTAKES)
    # Enough to have seen every key; all of it takes half a minute.
    with_mistakes["steps"] = with_mistakes["steps"][:3]
    for step in with_mistakes["steps"]:
        step["mistakes"] = step["mistakes"][:2]
    sound = [example, with_mistakes]
    wrong = [mutant for tree in sound for mutant in mutants(tree)]
    if refused_by_lint(labrun, sound) != (set(), len(sound)):
        faults.append("lint finds faults in what is to be copied")
    refused, linted = refused_by_lint(labrun, [mutant for _, mutant, _ in wrong])
    if linted != len(wrong):
        faults.append(f"lint looked at {linted} of {len(wrong)} labs")
    for number, (what, mutant, never) in enumerate(wrong):
        valid = lab.is_valid(mutant)
        if never and valid:
            faults.append(f"valid with {what}")
        if not valid and number not in refused:
            faults.append(f"refused, though lint takes it: {what}")
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    print(f"{len(labs)} labs and {len(tracks)} tracks are valid, {len(wrong)} faulty copies: {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
