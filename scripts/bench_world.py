"""What is measured on: a learner of our own, with names that nobody else has; all of it is removed at the end."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

LABRUN = os.path.abspath(os.environ.get("BENCH_LABRUN", "target/release/labrun"))


def listed(*what):
    """What docker lists, a word a line."""
    return subprocess.run(["docker", *what], check=False, capture_output=True, text=True).stdout.split()


class World:
    """Remembers what was made, by exact name; `close` removes it."""

    count = 0

    def __init__(self):
        World.count += 1
        self.name = f"bench{os.getpid()}-{World.count}"
        self.folder = tempfile.mkdtemp(prefix="labrun-bench-")
        self.containers, self.volumes, self.paths, self.engines, self.terminals = [], [], [], [], []

    def close(self):
        for terminal in self.terminals:
            terminal.leave()
        for engine in self.engines:
            engine.end()
        remove = lambda *what: subprocess.run(["docker", *what], check=False, capture_output=True)
        if self.containers:
            remove("rm", "-f", "-v", *self.containers)
        if self.volumes:
            remove("volume", "rm", "-f", *self.volumes)
            # An engine with too much to do may make what labrun reads a volume through when labrun no longer waits for it.
            for volume in self.left(self.volumes):
                if held := listed("ps", "-aq", "--filter", "label=dev.labrun.probe", "--filter", f"volume={volume}"):
                    remove("rm", "-f", *held)
                remove("volume", "rm", "-f", volume)
            if left := self.left(self.volumes):
                print(f"could not be removed: {', '.join(left)}", file=sys.stderr)
        for path in [*self.paths, self.folder]:
            shutil.rmtree(path, ignore_errors=True)

    @staticmethod
    def left(volumes):
        """Those that are still there."""
        return sorted(set(volumes) & set(listed("volume", "ls", "-q")))

    def own(self, name):
        """The learner's form of a lab's name."""
        return f"{self.name}-{name}"

    def container(self, name):
        self.containers.append(self.own(name))
        return self.own(name)

    def volume(self, name):
        self.volumes.append(self.own(name))
        return self.own(name)

    def environment(self, home="home"):
        return dict(os.environ, LABRUN_HOME=os.path.join(self.folder, home), LABRUN_AS=self.name)

    def shell(self, script):
        """Runs a script; it must end well."""
        done = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{script}: {done.stderr}")
        return done.stdout

    def session(self, lab, **more):
        return Session(self, lab, more)


class Session:
    """A session of a lab, which can be put back to where it began: a step passes only once."""

    def __init__(self, world, lab, more):
        self.environment = dict(world.environment(os.path.basename(lab)), **more)
        begun = subprocess.run(
            [LABRUN, "start", lab, "--no-shell"], env=self.environment, capture_output=True, text=True, check=False
        )
        if begun.returncode:
            raise RuntimeError(f"labrun start {lab}: {begun.stderr}")
        self.store = os.path.join(self.environment["LABRUN_HOME"], "progress.db")
        shutil.copyfile(self.store, self.store + ".begun")

    def put_back(self):
        shutil.copyfile(self.store + ".begun", self.store)
        # On the disk by now: the one that is measured would wait for it.
        with open(self.store, "rb") as store:
            os.fsync(store.fileno())


class Engine:
    """An engine of our own, in a network of its own: it would take away the usual one's bridge."""

    def __init__(self, world):
        world.engines.append(self)
        self.folder = tempfile.mkdtemp(prefix="engine-", dir=world.folder)
        at = lambda name: os.path.join(self.folder, name)
        self.socket, self.host = at("engine.sock"), f"unix://{at('engine.sock')}"
        self.child = None
        if os.geteuid() != 0:
            raise RuntimeError("this row starts engines of its own, and that needs root")
        with open(at("log"), "wb") as log:
            self.child = subprocess.Popen(
                ["unshare", "--net", "dockerd", "--host", self.host, "--data-root", at("data"), "--exec-root",
                 at("run"), "--pidfile", at("pid"), "--bridge=none", "--iptables=false", "--ip-forward=false",
                 "--ip-masq=false"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"),
            )
        deadline = time.monotonic() + 60
        while subprocess.run(["docker", "--host", self.host, "version"], capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the engine of our own does not answer: {at('log')}")
            time.sleep(0.1)
        world.shell(f"set -o pipefail; docker save busybox | docker --host {self.host} load")

    def post(self, path, body):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.socket)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 201:
            raise RuntimeError(f"POST {path}: {answer.read()}")
        connection.close()

    def end(self):
        if self.child:
            self.child.terminate()
            self.child.wait()
