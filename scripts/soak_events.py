"""Events of others at a practice shell: what they cost it in memory and on the disk, measured and limited.

    scripts/soak_events.py --labrun target/debug/labrun [--events 200000] [--commands 5000] [--real-seconds 20]

A relay before the engine reports events of others: health checks, a container that restarts in a loop, copies, pulls,
builds, containers with large labels, commands with long arguments, other learners. Between them the learner enters
commands, and some of them run in the lab's own container. Then others run real commands on the real engine, beside a
container with a health check once a second. A limit that is passed, or a command of the learner's that is lost, fails.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench_terminal import PROMPT, Terminal
from scale_engine import Api, Connection
from scale_replay import Replay

MB = 1_000_000
# How much more than at the start, in bytes: for 200,000 events and 5,000 commands. A share of them gets a share.
MEMORY, DISK, ALL, COMMANDS = 5 * MB, 10 * MB, 200_000, 5_000
# A file has this in any case: the newest events of others.
DISK_LEAST = 1.5 * MB
AFTER_RESET = 2 * MB

LAB = """\
title: Undisturbed
summary: A lab for those who are not alone on an engine.
level: beginner
minutes: 1
requires: { images: [busybox] }
owns: { containers: [app] }
briefing: briefing.md
steps:
  - { id: run, title: T, task: T, solution: "docker exec @{app} date", checks: [{ exec: { container: app, runs: date } }] }
"""


class Failure(Exception):
    """A limit was passed, or something was lost."""


class World:
    def __init__(self, labrun):
        self.labrun, self.api = os.path.abspath(labrun), Api()
        self.name = f"soak-events-{os.getpid()}"
        self.folder = tempfile.mkdtemp(prefix="labrun-soak-")
        self.home = os.path.join(self.folder, "home")
        self.lab = os.path.join(self.folder, "lab")
        os.makedirs(self.lab)
        Path(self.lab, "lab.yaml").write_text(LAB)
        Path(self.lab, "briefing.md").write_text("Nothing to read.\n")
        self.app, self.other = f"{self.name}-app", f"{self.name}x-other"
        self.terminal = None

    def practise(self, host=None):
        own = {"LABRUN_HOME": self.home, "LABRUN_AS": self.name, "NO_COLOR": "1"}
        environment = {**{k: v for k, v in os.environ.items() if not k.startswith("LABRUN")}, **own}
        environment |= {"DOCKER_HOST": host} if host else {}
        self.terminal = Terminal([self.labrun, "start", self.lab], environment, self.folder)
        self.terminal.type('echo "parent""=$PPID="')
        self.terminal.wait_for(b"parent=")
        self.parent = int(self.terminal.wait_for(b"=")[1])
        self.terminal.wait_for(PROMPT)

    def enter(self, line):
        """Enters a line, and gives what comes before the next prompt."""
        self.terminal.type(line)
        return self.terminal.wait_for(PROMPT)[1]

    def leave(self):
        self.terminal.leave()
        self.terminal = None

    def memory(self):
        status = Path(f"/proc/{self.parent}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))

    def disk(self):
        files = [Path(self.home, name) for name in ("progress.db", "progress.db-journal")]
        return sum(file.stat().st_size for file in files if file.exists())

    def anchor(self):
        store = sqlite3.connect(f"file:{self.home}/progress.db?mode=ro", uri=True, timeout=10)
        (anchor,) = store.execute("SELECT max(anchor) FROM session WHERE ended IS NULL").fetchone()
        store.close()
        return anchor or 0

    def gaps(self):
        store = sqlite3.connect(f"file:{self.home}/progress.db?mode=ro", uri=True, timeout=10)
        (gaps,) = store.execute("SELECT count(*) FROM gap").fetchone()
        store.close()
        return gaps

    def comes_to(self, moment, patience=120):
        end = time.monotonic() + patience
        while self.anchor() < moment:
            if time.monotonic() > end:
                raise Failure("the recorder does not keep up")
            time.sleep(0.05)

    def docker(self, *words):
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"docker {' '.join(words)}: {done.stderr}")
        return done.stdout.strip()

    def close(self):
        if self.terminal:
            self.terminal.leave()
        for name in (self.app, self.other):
            subprocess.run(["docker", "rm", "-f", name], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Flood:
    """Events of others in the engine's words, sent by a relay."""

    def __init__(self, replay, world, own):
        self.replay, self.world, self.own, self.told, self.turn = replay, world, own, 0, 0

    def tell(self, kind, action, actor, **attributes):
        now = time.time_ns()
        actor = {"ID": actor, "Attributes": attributes}
        self.replay.tell({"Type": kind, "Action": action, "Actor": actor, "scope": "local", "time": now // 10**9,
                          "timeNano": now})
        self.told += 1
        return now

    def exec(self, container, name, exec_id, command):
        common = {"name": name, "image": "busybox", "execID": exec_id}
        self.tell("container", f"exec_create: {command}", container, **common)
        self.tell("container", f"exec_start: {command}", container, **common)
        return self.tell("container", "exec_die", container, **common, exitCode="0")

    def run(self, count, rate=3_000):
        """Sends so many more events; gives the time of the last one."""
        until, began, before = self.told + count, time.monotonic(), self.told
        while self.told < until:
            self.one()
            self.turn += 1
            ahead = (self.told - before) / rate - (time.monotonic() - began)
            if ahead > 0.02:
                time.sleep(ahead)
        return self.tell("volume", "create", "the-last-one")

    def one(self):
        turn, made, web = self.turn, f"{self.turn:064x}", "f" * 64
        exec_id = f"{10**12 + turn:064x}"
        kind = turn % 10
        if kind in (0, 1):
            self.exec(web, "web", exec_id, "/bin/sh -c curl localhost")
            self.tell("container", "health_status: healthy", web, name="web")
        elif kind == 2:
            for word in ("archive-path", "top", "attach", "resize", "export"):
                self.tell("container", word, web, name="web")
        elif kind == 3:
            self.tell("container", "die", web, name="web", exitCode="1")
            self.tell("network", "disconnect", "n", name="bridge", container=web)
            self.tell("volume", "mount", "cache", container=web, destination="/cache")
            self.tell("network", "connect", "n", name="bridge", container=web)
            self.tell("container", "start", web, name="web")
        elif kind == 4:
            image = f"image-{turn}:latest"
            self.tell("image", "pull", image, name=image, label="x" * 4096)
            self.tell("image", "tag", made, name=image)
            self.tell("builder", "prune", "")
        elif kind == 5:
            for word in ("create", "attach", "start", "die", "destroy"):
                self.tell("container", word, made, name=f"job-{turn}", image="job", exitCode="0", label="x" * 4096)
        elif kind == 6:
            self.exec(web, "web", exec_id, "y" * (1_000_000 if turn % 1000 == 6 else 1_000))
        elif kind == 7:
            self.exec(made, f"web-{turn}", exec_id, "cat /data/file.txt")
        elif kind == 8:
            self.exec(made, "bob-app", exec_id, "date")
        else:
            self.tell("volume", "create", f"volume-{turn}")
            self.tell("volume", "destroy", f"volume-{turn}")

    def own_exec(self, number, words):
        """A command in the lab's container, with what the engine knows of it afterwards."""
        exec_id = f"{2 * 10**12 + number:064x}"
        process = {**self.replay.known["ProcessConfig"], "entrypoint": words[0], "arguments": words[1:]}
        self.replay.execs = dict(list(self.replay.execs.items())[-100:])
        self.replay.execs[exec_id] = {**self.replay.known, "ID": exec_id, "ProcessConfig": process}
        return self.exec(self.own, self.world.app, exec_id, " ".join(words))


def measured(name, world, before, limits):
    memory, disk = world.memory(), world.disk()
    more, larger = memory - before[0], disk - before[1]
    print(f"soak: {name}: memory {memory / MB:.1f} MB ({more / MB:+.1f}), progress file {disk / MB:.1f} MB "
          f"({larger / MB:+.1f})", flush=True)
    if more > limits[0]:
        raise Failure(f"{name}: {more / MB:.1f} MB more memory; the limit is {limits[0] / MB:.1f} MB")
    if larger > limits[1]:
        raise Failure(f"{name}: the progress file is {larger / MB:.1f} MB larger; the limit is {limits[1] / MB:.1f} MB")


def after_reset(world, before):
    world.enter("lab reset --yes")
    time.sleep(0.5)
    measured("after the reset", world, before, (MEMORY, DISK))
    if world.disk() > AFTER_RESET:
        raise Failure(f"after the reset the progress file has {world.disk() / MB:.1f} MB")


def replayed(world, events, commands):
    """So many events of others, and so many commands of the learner between them."""
    replay = Replay(world.api, world.folder)
    try:
        world.practise(f"unix://{replay.path}")
        world.docker("run", "-d", "--name", world.app, "busybox", "sleep", "3600")
        replay.learn(world.api, world.app)
        flood = Flood(replay, world, world.docker("inspect", "-f", "{{.Id}}", world.app))
        # A first prompt, check and event cost something once.
        world.comes_to(flood.run(2_000))
        for number in range(20):
            flood.own_exec(10**9 + number, ["uname", str(number)])
            world.enter(f"true {number}")
        world.enter("lab check")
        before = world.memory(), world.disk()
        print(f"soak: at the start: memory {before[0] / MB:.1f} MB, progress file {before[1] / MB:.1f} MB", flush=True)
        parts = max(commands // 100, 1)
        for part in range(parts):
            flood.run(events // parts)
            for number in range(part * 100, min(part * 100 + 100, commands)):
                last = flood.own_exec(number, ["cat", f"/data/{number % 40}.txt"])
                # Most lines that people enter ask no engine.
                world.enter(f"docker exec {world.app} uname" if number % 100 == 0 else f"true {number}")
            if part == parts // 2:
                flood.own_exec(10**6, ["date"])
            world.comes_to(last)
        if gaps := world.gaps():
            raise Failure(f"the journal has {gaps} gaps, and nothing was missed")
        share = max(events / ALL, commands / COMMANDS)
        measured(f"{events} events of others, {commands} commands", world, before,
                 (MEMORY, DISK_LEAST + (DISK - DISK_LEAST) * min(share, 1)))
        # The prompt after it may have said so already.
        if "1 passed" not in (said := world.enter("lab check; lab status")):
            raise Failure(f"the learner's command is lost: {said}")
        after_reset(world, before)
        world.leave()
    finally:
        replay.end()
        subprocess.run(["docker", "rm", "-f", world.app], capture_output=True, check=False)


def real(world, seconds):
    """Others run commands on the real engine as fast as it goes, beside a health check once a second."""
    world.practise()
    health = ["--health-cmd", "date", "--health-interval", "1s"]
    world.docker("run", "-d", "--name", world.app, *health, "busybox", "sleep", "3600")
    world.docker("run", "-d", "--name", world.other, *health, "busybox", "sleep", "3600")
    world.enter(f"docker exec {world.other} true; lab check")
    before = world.memory(), world.disk()
    end, counts = time.monotonic() + seconds, []

    def others():
        connection, count = Connection(world.api.socket), 0
        while time.monotonic() < end:
            body = {"Cmd": ["true"], "Detach": True}
            made = world.api.post(f"/containers/{world.other}/exec", body, connection)["Id"]
            world.api.ask("POST", f"/exec/{made}/start", {"Detach": True}, connection)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=others, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if "done" in world.enter("lab check"):
        raise Failure("a health check passes a step")
    measured(f"{sum(counts)} real commands of others in {seconds} s", world, before, (MEMORY, DISK_LEAST))
    said = world.enter(f"docker exec {world.app} date; lab check")
    if "done" not in said:
        raise Failure(f"the learner's command is lost: {said}")
    after_reset(world, before)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labrun", required=True)
    parser.add_argument("--events", type=int, default=ALL)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--real-seconds", type=int, default=20)
    options = parser.parse_args()
    world = World(options.labrun)
    try:
        replayed(world, options.events, options.commands)
        if options.real_seconds:
            real(world, options.real_seconds)
    except Failure as failure:
        print(f"soak: {failure}", file=sys.stderr)
        return 1
    finally:
        world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
