#!/usr/bin/env python3
"""What a practice shell costs a prompt.

Types the same line at two terminals in turn, a plain bash and a bash inside of `labrun start`, and measures the time
from the Enter key to the next prompt. Beside it: the same for the hook alone, by whole processes. Needs an engine, the
image busybox, and a built labrun (target/release/labrun).

    scripts/bench-prompt.py [ROUNDS]
"""
import os
import pty
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

LABRUN = os.path.abspath("target/release/labrun")
PROMPT = b"ready> "
NAME = f"bench{os.getpid()}"


class Terminal:
    def __init__(self, arguments, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, environment)
        self.wait()

    def wait(self):
        seen = b""
        while not seen.rstrip(b"\x1b[?2004h").endswith(PROMPT.rstrip()) and not seen.endswith(PROMPT):
            ready, _, _ = select.select([self.fd], [], [], 60)
            if not ready:
                sys.exit(f"no prompt after a minute: {seen[-500:]!r}")
            seen += os.read(self.fd, 65536)
        return seen

    def run(self, line):
        began = time.perf_counter()
        os.write(self.fd, line.encode() + b"\r")
        self.wait()
        return (time.perf_counter() - began) * 1000

    def leave(self):
        os.write(self.fd, b"exit\r")
        os.waitpid(self.pid, 0)


def shown(name, values):
    ordered = sorted(values)
    p95 = ordered[int(len(ordered) * 0.95) - 1]
    print(f"{name:<44} median {statistics.median(values):7.2f} ms   p95 {p95:7.2f} ms")
    return statistics.median(values)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    home = tempfile.mkdtemp(prefix="labrun-bench-")
    with open(os.path.join(home, ".bashrc"), "w", encoding="utf-8") as rc:
        rc.write("PS1='ready> '\nbind 'set enable-bracketed-paste off' 2>/dev/null\n")
    environment = dict(os.environ, HOME=home, SHELL="/bin/bash", LABRUN_HOME=home, LABRUN_AS=NAME, TERM="dumb")
    container = f"{NAME}-idle"
    subprocess.run(["docker", "run", "-d", "--name", container, "busybox", "sleep", "3600"], check=True, stdout=subprocess.DEVNULL)
    try:
        plain = Terminal(["bash", "-i"], environment)
        practice = Terminal([LABRUN, "start", "docker-volumes"], environment)
        results = {}
        for line in ["true", f"docker exec {container} true"]:
            for _ in range(5):
                plain.run(line), practice.run(line)
            pairs = [(plain.run(line), practice.run(line)) for _ in range(rounds)]
            name = line.replace(container, "C")
            base = shown(f"{name}, plain bash", [pair[0] for pair in pairs])
            mine = shown(f"{name}, practice shell", [pair[1] for pair in pairs])
            results[name] = (base, mine)
        execs = results["docker exec C true"][0]
        for name, (base, mine) in results.items():
            print(f"{name}: the practice shell adds {mine - base:.2f} ms, {(mine - base) / execs:.3f} of `docker exec C true`")
        practice.leave()
        plain.leave()
    finally:
        subprocess.run(["docker", "rm", "-f", container], stdout=subprocess.DEVNULL)
        subprocess.run([LABRUN, "reset", "--yes"], env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
