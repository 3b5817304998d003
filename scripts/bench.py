#!/usr/bin/env python3
"""What labrun costs, side by side with what people use instead.

Every figure is a ratio of whole processes that were run in turn (A B A B …) on one machine in one run; others may use
that machine, too. Needs a Docker engine, the image busybox, target/release/labrun (`make build`), and for the row
`crowd` root. Writes bench/results.json and the table of the book's page; what it makes has names of its own, and is
removed at the end, also at Ctrl-C.

    scripts/bench.py [ROW[,ROW…]] [--pairs N]
    BENCH_LABRUN=FILE scripts/bench.py …    another binary than target/release/labrun
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from bench_measure import Failed, peak_memory
from bench_rows import LABS, ROWS
from bench_world import LABRUN, World

RESULTS = "bench/results.json"
PAGE = "book/src/contributors/performance.md"
BEGIN, END = "<!-- written by make bench: begin -->", "<!-- end -->"
# In bytes.
LIMITS = {"binary": 8_000_000, "memory": 16_000_000}


def measured(name, row, rounds):
    """One row's figures; what it made is gone afterwards, whatever happens."""
    world = World()
    try:
        return row(world, rounds)
    finally:
        # A second Ctrl-C must not leave anything behind.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        world.close()
        signal.signal(signal.SIGINT, before)


def memory(world, _):
    session = world.session(os.path.join(LABS, "one-volume"))
    world.shell(f"docker volume create {world.volume('bench-data')}")
    return peak_memory([LABRUN, "check"], session.environment)


def machine():
    engine = subprocess.run(["docker", "version", "-f", "{{.Server.Version}}"], capture_output=True, text=True, check=True)
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()), "cores": os.cpu_count(), "engine": engine.stdout.strip(),
        "load": round(os.getloadavg()[0], 1), "kernel": ".".join(os.uname().release.split(".")[:2]),
    }


def line(row):
    shown = lambda side: " / ".join(f"{row[side][key]:.2f}" for key in ["min", "median", "max"])
    reached = "yes" if row["reached"] else "**no**"
    return (f"| {row['work']} | {row['against']} | {shown('ours')} | {shown('theirs')} | {row['pairs']} "
            f"| **{row['ratio']:.2f}** | ≤ {row['reach']} | {reached} |")


def table(results):
    lines = ["| work | against | labrun: min / median / max, ms | theirs, ms | pairs | ratio | reach | reached |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += [line(results["rows"][name]) for name, *_ in ROWS if name in results["rows"]]
    sizes = results["sizes"]
    told = [f"{what} {sizes[key] / 1e6:.1f} MB (reach: ≤ {LIMITS[key] / 1e6:.0f})"
            for key, what in [("binary", "the release binary"), ("memory", "the peak memory of a check")]]
    where = results["machine"]
    return "\n".join([
        *lines, "", f"Sizes: {', '.join(told)}.", "",
        f"Measured on {where['date']}: {where['cores']} cores (load {where['load']} at the beginning, others' work "
        f"included), Linux {where['kernel']}, engine {where['engine']}.",
    ])


def write(results):
    with open(RESULTS, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
        file.write("\n")
    with open(PAGE, encoding="utf-8") as file:
        before, _, rest = file.read().partition(BEGIN)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{rest.partition(END)[2]}")


def main():
    known = [name for name, *_ in ROWS]
    parser = argparse.ArgumentParser(description="measures labrun side by side with what people use instead")
    parser.add_argument("rows", nargs="?", default="", help=f"some of {','.join(known)}; all if none is named")
    parser.add_argument("--pairs", type=int, default=20, help="pairs a row, at least; the hook takes ten times as many")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    wanted = [name for name in options.rows.split(",") if name] or known
    if unknown := set(wanted) - set(known):
        sys.exit(f"bench: there is no row {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if not os.path.exists(LABRUN):
        sys.exit("bench: target/release/labrun is not there; make build makes it")
    # Also where the one who started this ignores it, as a shell does for what runs in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = {"schema": 1, "rows": {}}
    if os.path.exists(RESULTS):
        with open(RESULTS, encoding="utf-8") as file:
            results["rows"] = json.load(file)["rows"]
    results["machine"] = machine()
    for name, work, against, reach, row in ROWS:
        if name in wanted:
            print(f"{name}: {work}, against {against}", flush=True)
            figures = measured(name, row, options.pairs)
            row = {"work": work, "against": against, "reach": reach, "reached": figures["ratio"] <= reach, **figures}
            results["rows"][name] = row
            for side in ["ours", "theirs"]:
                print("  {:<7} min {min:8.2f}  median {median:8.2f}  max {max:8.2f} ms".format(side, **figures[side]))
            print(f"  ratio {row['ratio']:.2f}, to be reached: {reach}: {'yes' if row['reached'] else 'NO'}", flush=True)
    results["sizes"] = {"binary": os.path.getsize(LABRUN), "memory": measured("memory", memory, 1)}
    for key, value in results["sizes"].items():
        print(f"{key}: {value / 1e6:.2f} MB, to be reached: {LIMITS[key] / 1e6:.0f}: {'yes' if value <= LIMITS[key] else 'NO'}")
    if not options.dry:
        write(results)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; what it made is removed")
    except (Failed, RuntimeError) as error:
        sys.exit(f"bench: {error}")
