#!/usr/bin/env python3
"""How labrun's cost grows: with what is on the engine, with the lab, with what was recorded, with the learners at once.

Every size is measured in turn with the others, beside `docker version`, by whole processes: what counts is the ratio.
Needs a Docker engine on this machine, the image busybox, and target/release/labrun (`make build`). Writes
bench/scale.json, and from it the page and the plots of the book. What it makes has names of its own and is removed at
the end, also at Ctrl-C.

    scripts/scale.py [SERIES[,SERIES…]] [--runs N]
    BENCH_LABRUN=FILE scripts/scale.py …    another binary than target/release/labrun
"""
import argparse
import json
import os
import resource
import signal
import sys
import time

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import scale_page
import scale_series
from bench_measure import Failed
from bench_world import LABRUN, Session, World
from scale_engine import Api, NoEngine
from scale_events import recorder
from scale_learners import learners

# Its name, and how it is measured; what it says stands in scale_page.
SERIES = {
    "crowd": scale_series.crowd, "steps": scale_series.steps, "checks": scale_series.checks,
    "labs": scale_series.labs, "journal": scale_series.journal, "attempts": scale_series.attempts,
    "recorder": recorder, "learners": learners,
}
# What a shell allows that nobody has changed.
OPEN_FILES = 1024


class Room(World):
    """A world with crowds in it."""

    def __init__(self):
        super().__init__()
        self.crowds, self.begun_count = [], 0

    def begun(self, lab, **more):
        """A session of a lab, with a home of its own."""
        self.begun_count += 1
        return Session(self, lab, {"LABRUN_HOME": os.path.join(self.folder, f"home-{self.begun_count}"), **more})

    def tidy(self):
        """Removes what is on the engine so far."""
        for terminal in self.terminals:
            terminal.leave()
        self.terminals = []
        for crowd in self.crowds:
            crowd.remove()
            if left := crowd.left():
                print(f"scale: could not be removed: {', '.join(left)}", file=sys.stderr)
        self.crowds = []

    def close(self):
        self.tidy()
        super().close()


def measured(name, api, runs):
    """One series; what it made is gone afterwards, whatever happens."""
    world = Room()
    try:
        return SERIES[name](world, api, runs)
    finally:
        # A second Ctrl-C must not leave anything behind.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        world.close()
        signal.signal(signal.SIGINT, before)


def machine(api):
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()), "cores": os.cpu_count(), "engine": api.version,
        "load": round(os.getloadavg()[0], 1), "kernel": ".".join(os.uname().release.split(".")[:2]),
    }


def told(name, result):
    if name == "recorder":
        return [json.dumps(result, indent=1)]
    lines = []
    for line, points in result.items():
        lines.append(f"  {line}")
        for point in points:
            grown = point["ms"] / points[0]["ms"]
            lines.append(f"    {point['size']:>7}: {point['ms']:8.2f} ms, {point['ratio']:6.2f} of docker version, "
                         f"{grown:6.2f} of the smallest, {point['memory'] / 1e6:5.1f} MB")
    return lines


def main():
    parser = argparse.ArgumentParser(description="measures how labrun's cost grows")
    parser.add_argument("series", nargs="?", default="", help=f"some of {','.join(SERIES)}; all if none is named")
    parser.add_argument("--runs", type=int, default=9, help="runs of each size")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    wanted = [name for name in options.series.split(",") if name and name != "all"] or list(SERIES)
    if unknown := set(wanted) - set(SERIES):
        sys.exit(f"scale: there is no series {', '.join(sorted(unknown))}; there are {', '.join(SERIES)}")
    if not os.path.exists(LABRUN):
        sys.exit("scale: target/release/labrun is not there; make build makes it")
    # Also where the one who started this ignores it, as a shell does for what runs in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    api = Api()
    results = scale_page.results()
    results["machine"] = machine(api)
    for name in [name for name in SERIES if name in wanted]:
        began = time.monotonic()
        # labrun has what it has at a learner's; sixty-four terminals need more here.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard if name == "learners" else OPEN_FILES, hard))
        print(f"{name}: {scale_page.SERIES[name].title}", flush=True)
        results["series"][name] = measured(name, api, options.runs)
        print("\n".join(told(name, results["series"][name])))
        print(f"  measured in {time.monotonic() - began:.0f} s", flush=True)
        if not options.dry:
            scale_page.write(results)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("scale: interrupted; what it made is removed")
    except NoEngine as error:
        sys.exit(f"scale: {error}")
    except (Failed, RuntimeError) as error:
        sys.exit(f"scale: {error}")
