"""The engine as a script reaches it: its API over its socket, and a crowd of things on it that are ours by exact name."""
import concurrent.futures
import http.client
import json
import os
import socket
import subprocess
import urllib.parse

AT_ONCE = 4


class NoEngine(Exception):
    """There is no engine to measure on, or none that a script can speak to."""


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Api:
    """The engine that the `docker` command of this shell talks to."""

    def __init__(self):
        asked = ["docker", "version", "-f", "{{.Server.Version}}"]
        try:
            answers = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
        except (FileNotFoundError, subprocess.TimeoutExpired):
            raise NoEngine("no Docker engine answers here; `make engine` brings one") from None
        if answers.returncode:
            raise NoEngine("no Docker engine answers here; `make engine` brings one")
        self.version = answers.stdout.strip()
        told = ["docker", "context", "inspect", "-f", "{{.Endpoints.docker.Host}}"]
        host = os.environ.get("DOCKER_HOST") or subprocess.run(told, capture_output=True, text=True, check=True).stdout
        if not host.startswith("unix://"):
            raise NoEngine(f"the engine is at {host.strip()}; scale speaks to one on this machine, over its socket")
        self.socket = host.strip().removeprefix("unix://")

    def ask(self, method, path, body=None, connection=None):
        """Its answer: the status, and what it says."""
        connection = connection or Connection(self.socket)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def post(self, path, body, connection=None):
        status, said = self.ask("POST", path, body, connection)
        if status not in (200, 201, 204):
            raise RuntimeError(f"POST {path}: {said.decode(errors='replace').strip()}")
        return json.loads(said) if said.startswith(b"{") else None


class Crowd:
    """Volumes, and containers that are never started, with names and a label that nobody else has. `remove` takes exactly
    these away."""

    def __init__(self, api, prefix):
        self.api, self.prefix = api, prefix
        self.label = {"dev.labrun.scale": prefix}
        self.volumes, self.containers = [], []

    def grow_to(self, count):
        new = range(len(self.volumes) + 1, count + 1)
        # Written down before they are made, so that nothing is forgotten when somebody interrupts.
        self.volumes += [f"{self.prefix}-v{number}" for number in new]
        self.containers += [f"{self.prefix}-crowd-{number}" for number in new]
        self.each(self.make, new)

    def make(self, number):
        self.api.post("/volumes/create", {"Name": f"{self.prefix}-v{number}", "Labels": self.label})
        body = {"Image": "busybox", "Cmd": ["true"], "Labels": self.label}
        self.api.post(f"/containers/create?name={self.prefix}-crowd-{number}", body)

    def remove(self):
        containers = [f"/containers/{name}?force=1&v=1" for name in self.containers]
        volumes = [f"/volumes/{name}" for name in self.volumes]
        self.each(lambda path: self.api.ask("DELETE", path), containers)
        self.each(lambda path: self.api.ask("DELETE", path), volumes)
        self.volumes, self.containers = [], []

    def left(self):
        """What of it is still there, by its label."""
        filters = urllib.parse.quote(json.dumps({"label": [f"dev.labrun.scale={self.prefix}"]}))
        containers = json.loads(self.api.ask("GET", f"/containers/json?all=1&filters={filters}")[1])
        volumes = json.loads(self.api.ask("GET", f"/volumes?filters={filters}")[1])["Volumes"] or []
        return [one["Names"][0] for one in containers] + [one["Name"] for one in volumes]

    @staticmethod
    def each(deed, things):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for _ in pool.map(deed, things):
                    pass
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
