"""A recorder under load: commands in a container, as many a second as the engine runs, more that it refuses to run, and
more yet that are only told of. What the journal has of them is compared with what the engine told somebody else."""
import json
import os
import sqlite3
import subprocess
import threading
import time

import scale_labs
from bench_measure import run
from bench_terminal import PROMPT, Terminal
from bench_world import LABRUN
from scale_engine import Connection
from scale_replay import Replay

WANTED = 100
SECONDS = 10
THREADS = 8
# Somebody whom no image knows: the engine begins with the command, tells of it, and does not run it.
NOBODY = "nobody-of-that-name"
# What labrun's hook waits for at most, in milliseconds.
DEADLINE = 150


class Load:
    """Threads that run a command in a container again and again, all together so often a second and not more."""

    def __init__(self, api, container, rate, seconds, user=""):
        self.api, self.container, self.rate, self.seconds, self.user = api, container, rate, seconds, user
        self.ids, self.started, self.lock, self.trouble = [], 0, threading.Lock(), None
        self.due = iter(range(rate * seconds))
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(THREADS)]

    def begin(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()

    def work(self):
        connection = Connection(self.api.socket)
        try:
            while (turn := self.turn()) is not None:
                time.sleep(max(0, self.began + turn / self.rate - time.monotonic()))
                if time.monotonic() - self.began > self.seconds:
                    return
                body = {"Cmd": ["true"], "AttachStdout": False, "Detach": True, "User": self.user}
                made = self.api.post(f"/containers/{self.container}/exec", body, connection)["Id"]
                with self.lock:
                    self.ids.append(made)
                status, said = self.api.ask("POST", f"/exec/{made}/start", {"Detach": True}, connection)
                if (status == 200) == bool(self.user):
                    raise RuntimeError(f"the engine's answer to a command: {status}, {said.decode(errors='replace')}")
        except Exception as error:  # told by whoever waits for the threads
            self.trouble = error

    def turn(self):
        with self.lock:
            return next(self.due, None)

    def end(self):
        for thread in self.threads:
            thread.join()
        if self.trouble:
            raise RuntimeError(f"the load broke off: {self.trouble}")
        return time.monotonic() - self.began


class Listener:
    """The engine's own list of events, as `docker events` tells it."""

    def __init__(self, container):
        self.seen = []
        filters = ["--filter", f"container={container}"]
        self.process = subprocess.Popen(
            ["docker", "events", "--format", "{{json .}}", *filters], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        for line in self.process.stdout:
            self.seen.append(key(json.loads(line)))

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.thread.join()


def key(event):
    """What tells an event from any other."""
    attributes = event["Actor"]["Attributes"]
    return event["timeNano"], event["Action"].partition(":")[0], attributes.get("execID", "")


def journal(store, container):
    """The events of a container that the journal has."""
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)
    rows = connection.execute("SELECT entry FROM journal WHERE name = ?", [container]).fetchall()
    connection.close()
    entries = [json.loads(entry) for (entry,) in rows]
    kept = []
    for one in entries:
        command = one["attributes"].get("execID", "")
        kept.append((one["at"], one["action"], command))
        # The entry of a command has its end as well.
        if ended := (one["detail"] or {}).get("ended"):
            kept.append((ended, "exec_die", command))
    return entries, kept


def settled(count, seconds=30):
    """Waits until a number no longer grows."""
    last, since, end = count(), time.monotonic(), time.monotonic() + seconds
    while time.monotonic() - since < 2 and time.monotonic() < end:
        time.sleep(0.1)
        if (now := count()) != last:
            last, since = now, time.monotonic()


def quantiles(values):
    ordered = sorted(values)
    at = lambda part: ordered[min(len(ordered) - 1, int(len(ordered) * part))]
    return {"p50": at(0.5), "p95": at(0.95), "max": ordered[-1], "count": len(ordered)}


def hooks(socket, load, quiet=60):
    """How long a prompt's hook takes: while nothing happens, and under the load."""
    environment = dict(os.environ, LABRUN_SOCKET=socket, LABRUN_LINE="docker ps", LABRUN_CODE="0")
    hook = lambda: run([LABRUN, "hook"], environment)
    before = [hook() for _ in range(quiet)]
    load.begin()
    during = []
    while any(thread.is_alive() for thread in load.threads):
        during.append(hook())
        time.sleep(0.02)
    return before, during


def practice(world, name, **more):
    """A practice shell with a home of this name; gives its socket and its store."""
    lab = scale_labs.of_exec(os.path.join(world.folder, f"{name}-lab"))
    terminal = Terminal([LABRUN, "start", lab], {**world.environment(name), **more}, world.folder)
    world.terminals.append(terminal)
    terminal.type('echo "socket""=$LABRUN_SOCKET="')
    terminal.wait_for(b"socket=")
    _, socket = terminal.wait_for(b"=")
    terminal.wait_for(PROMPT)
    return socket, os.path.join(world.folder, name, "progress.db")


def compared(store, container, ids, told, seconds):
    """What is lost and what is doubled of these commands."""
    settled(lambda: len(journal(store, container)[1]))
    # That a command was made is no evidence, and is not kept.
    told = [one for one in told if one[1] != "exec_create"]
    entries, kept = journal(store, container)
    kept = [one for one in kept if one[2] in ids]
    # The same as the command was given when it was made.
    details = sum(1 for one in entries if one["action"] == "exec_start" and one["attributes"].get("execID") in ids
                  and one["detail"] and " ".join(one["detail"]["argv"]) == one["attributes"]["command"])
    return {
        "seconds": seconds, "execs": len(ids), "rate": len(ids) / seconds, "events": len(told),
        "lost": len(set(told) - set(kept)), "doubled": len(kept) - len(set(kept)), "unheard": len(set(kept) - set(told)),
        "with_details": details,
    }


def refused(api, container, store, listener):
    """As many commands as are wanted, on the real engine, which begins with them and does not run them."""
    load = Load(api, container, WANTED, SECONDS, NOBODY)
    load.begin()
    took = load.end()
    settled(lambda: len(listener.seen), 10)
    ids = set(load.ids)
    return compared(store, container, ids, [one for one in listener.seen if one[2] in ids], took)


def replayed(world, api):
    """As many commands as are wanted, from beginning to end, told by a relay before the engine."""
    relay = Replay(api, world.folder)
    try:
        # A learner of their own, with a container of theirs: what others do is not recorded.
        own = {"DOCKER_HOST": f"unix://{relay.path}", "LABRUN_AS": f"{world.name}-replayed"}
        _, store = practice(world, "replayed", **own)
        container = world.container("replayed-app")
        world.shell(f"docker run -d --name {container} busybox sleep 3600")
        relay.learn(api, container)
        told, took = relay.run(WANTED, SECONDS)
        told = [key(one) for one in told]
        return compared(store, container, {one[2] for one in told}, told, took)
    finally:
        relay.end()


def recorder(world, api, _):
    """What is lost and what is doubled, and what the prompt waits meanwhile."""
    app = world.container("app")
    socket, store = practice(world, "recorder")
    world.shell(f"docker volume create {world.volume('v1')}; docker run -d --name {app} busybox sleep 3600")
    listener = Listener(app)
    # Once it has told this one, it hears all that follows.
    while not listener.seen:
        world.shell(f"docker exec {app} true")
        time.sleep(0.2)
    load = Load(api, app, WANTED, SECONDS)
    before, during = hooks(socket, load)
    took = load.end()
    settled(lambda: len(listener.seen), 10)
    ids = set(load.ids)
    found = compared(store, app, ids, [one for one in listener.seen if one[2] in ids], took)
    found["refused"] = refused(api, app, store, listener)
    listener.end()
    found["replayed"] = replayed(world, api)
    return {
        "wanted": WANTED, **found, "hook_quiet": quantiles(before), "hook_loaded": quantiles(during),
        "hook_late": sum(1 for ms in during if ms >= DEADLINE),
    }
