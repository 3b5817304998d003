#!/usr/bin/env python3
"""Kills labrun, its parent and its hook, again and again, at random moments and while it writes, and sees that nothing is
lost. Then others flood the engine with events, and it is measured what that costs: see soak_events.py.

    SECONDS=600 scripts/soak.py --labrun target/debug/labrun [--seed N] [--kills N] [--no-events]

After every kill: the store is whole, every pass that was shown is in it, and the same command, run again, finishes. The
seed is printed; with it and --kills the same kills are tried in the same order.
"""

import argparse
import collections
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import time
import urllib.parse

from scale_engine import Api, Connection
from soak_world import MIGRATIONS, STEPS, Failure, Learner, calm


class Soak:
    def __init__(self, labrun, seed):
        self.random = random.Random(seed)
        self.learner = Learner(labrun, f"soak-{os.getpid()}-{seed % 10000}")
        self.kills = collections.Counter()
        self.took = {}

    def kill(self, kind, *arguments):
        """Runs a command and kills it: at a random moment of the time that it takes, or as soon as it writes."""
        writing = self.random.random() < 0.4
        moment = self.random.random() * 1.1 * self.took.get(kind, 0.1)
        began = time.monotonic()
        process = self.learner.popen(*arguments)
        while process.poll() is None:
            now = time.monotonic() - began
            if (self.learner.is_writing() if writing else now >= moment) or now > 30:
                break
            if not writing:
                time.sleep(min(0.002, max(0.0, moment - now)))
        ended = process.poll() is not None
        if not ended:
            process.send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=30)
        self.learner.saw(out)
        calm(process.pid)
        if ended:
            # It was quicker than the kill. Known now, so that the next one comes in time.
            self.took[kind] = time.monotonic() - began
            if process.returncode not in (0, 1):
                raise Failure(f"{arguments} ended with {process.returncode}: {out.decode()} {err.decode()}")
        else:
            self.kills[kind] += 1
        self.learner.holds()

    def next_deed(self, report=None):
        """What the learner has not done yet, of what the current step wants."""
        report = report or self.learner.run("task", "--json", expect=(0,))
        return report.get("step") if report else None

    def anew(self):
        self.learner.run("reset", "--yes", expect=(0,))
        self.gone()
        self.learner.begin()

    def gone(self):
        if self.learner.left():
            raise Failure(f"left behind by a reset: {self.learner.left()}")

    def finish_check(self, step):
        report = self.learner.run("check", "--json", expect=(0, 1))
        if step in STEPS and step not in self.learner.holds():
            raise Failure(f"{step} was done, and does not pass: {report}")

    def check(self):
        step = self.next_deed()
        if step is None:
            return self.anew()
        self.learner.types(self.learner.does(step))
        for _ in range(self.random.randint(1, 3)):
            self.kill("check", "check", "--json")
        return self.finish_check(step)

    def catchup(self):
        step = self.random.randint(2, 5)
        for _ in range(self.random.randint(1, 2)):
            self.kill("catchup", "catchup", str(step), "--yes")
        self.learner.run("catchup", str(step), "--yes", expect=(0,))
        wanted = {"one": "one", "two": "two", "note": "note", "holder": "holder"}
        missing = [s for s in STEPS[: step - 1] if s in wanted and self.learner.form(s) not in self.learner.left()]
        if missing:
            raise Failure(f"catchup {step} ended well without {missing}")

    def reset(self):
        self.learner.run("catchup", str(self.random.randint(3, 5)), "--yes", expect=(0,))
        shown, self.learner.shown = self.learner.shown, set()
        self.kill("reset", "reset", "--yes")
        self.learner.keeps(shown)
        self.learner.run("reset", "--yes", expect=(0, 2))
        self.learner.keeps(shown)
        self.gone()
        self.kill("start", "start", str(self.learner.lab), "--no-shell")
        self.learner.begin()

    def migration(self):
        self.learner.age(self.random.randrange(1, len(MIGRATIONS)))
        self.kill("migration", "status", "--json")
        self.learner.run("status", "--json", expect=(0,))
        self.learner.holds()
        # What an old store has no table for.
        self.learner.run("trust", str(self.learner.lab), "--yes", expect=(0,))

    def watch(self):
        step = self.next_deed()
        if step is None:
            return self.anew()
        process = self.learner.popen("watch")
        time.sleep(self.random.random() * 0.3)
        subprocess.Popen(["bash", "-c", self.learner.does(step)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
                         ).wait()
        time.sleep(self.random.random() * 0.4)
        process.kill()
        out, _ = process.communicate(timeout=30)
        self.learner.saw(out)
        self.kills["watch"] += 1
        self.learner.holds()
        return self.finish_check(step)

    def recorder(self):
        """Kills who records while the engine has much to tell. The next one must make up for it."""
        if self.next_deed() is None:
            return self.anew()
        busy = Busy(self.learner.form("busy"))
        for last in (False, True):
            process = self.learner.popen("watch", stdout=subprocess.DEVNULL)
            moment, writing = self.random.randint(1, 40), self.random.random() < 0.6
            for turn in busy.turns(5 if last else 40):
                if not last and turn >= moment and (not writing or self.learner.is_writing()):
                    process.kill()
                    break
            if last:
                self.catches_up(busy, process)
            process.kill()
            process.communicate(timeout=30)
            self.kills["recorder"] += 1
            self.learner.holds()
        return None

    def catches_up(self, busy, process):
        """Waits until the journal has all that the engine tells of a thing."""
        end = time.monotonic() + 60
        while True:
            told = busy.told()
            kept, gaps = self.learner.journal(busy.name)
            missing = [one for one in told if one not in set(kept) and not any(a <= one[0] <= b for a, b in gaps)]
            if len(set(kept)) != len(kept):
                raise Failure(f"recorded twice: {sorted(kept)}")
            if not missing:
                return
            if process.poll() is not None or time.monotonic() > end:
                raise Failure(f"the engine tells of it, and it was never recorded: {missing}")
            time.sleep(0.05)

    def practice(self):
        step = self.next_deed()
        if step is None:
            return self.anew()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.learner.labrun, [self.learner.labrun, "start", str(self.learner.lab)],
                      self.learner.environment)
        said = read(terminal, 0.5)
        for line in (self.learner.does(step), "true", "lab check"):
            os.write(terminal, line.encode() + b"\n")
            if self.random.random() < 0.5:
                self.kills["hook"] += kill_hook(pid, self.random.random() * 0.02)
            said += read(terminal, self.random.random() * 0.5)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        said += read(terminal, 0.05)
        os.close(terminal)
        calm(pid)
        self.kills["practice shell"] += 1
        self.learner.saw(said)
        self.learner.holds()
        # Half of the line may have been typed: it is typed again.
        subprocess.run(["bash", "-c", self.learner.does(step)], capture_output=True, check=False)
        return self.finish_check(step)

    def round(self):
        kinds = [self.check] * 4 + [self.migration] * 3 + [self.recorder] * 2
        kinds += [self.catchup, self.reset, self.watch, self.practice]
        kind = self.random.choice(kinds)
        kind()
        return kind.__name__


class Busy:
    """Makes and removes a volume, again and again, as fast as the engine does so."""

    def __init__(self, name):
        self.name, self.api, self.since = name, Api(), time.time()
        self.connection = Connection(self.api.socket)

    def turns(self, count):
        """Between the one and the other it is the caller's turn."""
        for turn in range(count):
            self.api.post("/volumes/create", {"Name": self.name}, self.connection)
            try:
                yield turn
            finally:
                self.api.ask("DELETE", f"/volumes/{self.name}", connection=self.connection)

    def told(self):
        """What the engine still tells of it: when, and what."""
        filters = urllib.parse.quote(json.dumps({"volume": [self.name]}))
        asked = f"/events?since={self.since:.9f}&until={time.time():.9f}&filters={filters}"
        events = map(json.loads, self.api.ask("GET", asked)[1].splitlines())
        return [(event["timeNano"], event["Action"]) for event in events]


def kill_hook(parent, later):
    """Kills what the prompt of a practice shell runs, some moments after it was begun; tells how many were there."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        for shell in children(parent):
            for child in children(shell):
                if b"\0hook\0" in content(f"/proc/{child}/cmdline"):
                    time.sleep(later)
                    # It may have ended meanwhile; a number is not given again so soon.
                    if b"\0hook\0" in content(f"/proc/{child}/cmdline"):
                        os.kill(child, signal.SIGKILL)
                        return 1
                    return 0
    return 0


def children(process):
    return [int(child) for child in content(f"/proc/{process}/task/{process}/children").split()]


def content(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def read(terminal, seconds):
    said, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        try:
            said += os.read(terminal, 65536)
        except OSError:
            break
    return said


def events_of_others(labrun, seconds):
    """What events of others cost: all of them, or in a short soak a share."""
    share = min(1.0, seconds / 600)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "soak_events.py")
    numbers = {"events": max(5_000, 200_000 * share), "commands": max(50, 5_000 * share),
               "real-seconds": max(3, 20 * share)}
    words = [word for name, number in numbers.items() for word in (f"--{name}", str(int(number)))]
    return subprocess.run([sys.executable, script, "--labrun", labrun, *words], check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labrun", required=True)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--no-events", dest="events", action="store_false", help="leave out the events of others")
    parser.add_argument("--kills", type=int, help="end after so many kills")
    options = parser.parse_args()
    seconds = min(float(os.environ.get("SECONDS") or 600), 600)
    print(f"soak: seed {options.seed}, at most {seconds:.0f} seconds", flush=True)
    # The events of others take most of a long soak.
    end = time.monotonic() + (seconds * 0.4 if options.events and seconds >= 60 else seconds)
    soak = Soak(options.labrun, options.seed)
    rounds, now = 0, ""
    try:
        while time.monotonic() < end and (options.kills is None or soak.kills.total() < options.kills):
            rounds += 1
            now = soak.round()
    except Failure as failure:
        print(f"soak: round {rounds}, after {now or 'nothing'}, seed {options.seed}: {failure}", file=sys.stderr)
        print(f"soak: kept for you: {soak.learner.home}", file=sys.stderr)
        return 1
    soak.learner.leave()
    if options.events and not events_of_others(options.labrun, seconds):
        return 1
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(soak.kills.items()))
    print(f"soak: {soak.kills.total()} kills in {rounds} rounds, nothing lost ({kinds})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
