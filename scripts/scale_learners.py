"""Learners on one engine at once, each in a practice shell of their own, going through docker-volumes.

The engine is one of our own, without a bridge: where sixty-four containers leave Docker 20.10's bridge at once, its network
part can lock itself up for ever (`unWatchSvcRecord` sends to `watchLoop`, which waits for the lock of the sender).
"""
import os
import re
import statistics
import threading
import time

from bench_measure import run
from bench_terminal import PROMPT, Terminal
from bench_world import LABRUN, Engine

# So many learners, each through the whole lab.
SIZES = (1, 4, 16, 64)
# In seconds, a size; who is not done by then is counted, and told. Two cores start a container in a third of a second, and
# sixty-four learners start 256 of them.
BOUND = 900
# How often Enter is pressed before somebody asks for the verdict.
ENTERS = 8


def solutions():
    """Each step's id and solution; a question is answered by what the step shows."""
    with open("labs/docker-storage/docker-volumes/lab.yaml", encoding="utf-8") as lab:
        text = lab.read()
    found = re.findall(r"^    solution: (.*)$", text, re.M)
    if len(found) != len(re.findall(r"^  - id: ", text, re.M)):
        raise RuntimeError("a solution of docker-volumes no longer stands on one line")
    return found


class Learner(threading.Thread):
    """Types the solutions, and notes how long each verdict took from the end of the command. Who is not done within the
    bound stops, and says what was shown last."""

    def __init__(self, world, engine, number, lines, barrier):
        super().__init__(daemon=True)
        self.world, self.engine, self.lines, self.barrier = world, engine, lines, barrier
        self.name = f"{world.name}-{number}"
        self.home = os.path.join(world.folder, self.name)
        self.waited, self.late, self.asked, self.trouble, self.memory, self.shown = [], 0, 0, None, 0, None

    def form(self, line):
        line = line.replace("@{/tmp/dind}", f"/tmp/{self.name}-dind")
        return re.sub(r"@\{([^/}]+)\}", rf"{self.name}-\1", line)

    def settle(self):
        """Notes what will be there, so that it is removed whatever happens, and opens the shell."""
        self.world.paths.append(f"/tmp/{self.name}-dind")
        os.mkdir(self.home)
        environment = dict(
            os.environ, LABRUN_HOME=os.path.join(self.home, "data"), LABRUN_AS=self.name, DOCKER_HOST=self.engine.host)
        self.terminal = Terminal([LABRUN, "start", "docker-volumes"], environment, self.home)
        self.world.terminals.append(self.terminal)

    def run(self):
        try:
            self.settle()
            self.barrier.wait(BOUND)
            self.deadline = time.monotonic() + BOUND
            for number, line in enumerate(self.lines, 1):
                if not self.step(number, self.form(line)):
                    break
            with open(f"/proc/{self.terminal.pid}/status", encoding="ascii") as status:
                self.memory = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) * 1024
        except threading.BrokenBarrierError:
            self.trouble = "another learner could not begin"
        except Exception as error:  # told by whoever waits for this thread
            self.trouble = f"{type(error).__name__}: {error}"
            self.barrier.abort()

    def step(self, number, line):
        """Does a step; whether it was passed in time."""
        # The quotes keep the mark out of what is typed.
        self.terminal.type(f'{line}; echo "en""ded=$EPOCHREALTIME="')
        self.terminal.wait_for(b"ended=")
        ended = float(self.terminal.wait_for(b"=")[1])
        done = f"Step {number} of 14 · done"
        told, shown, tries = None, "", 0
        while told is None:
            if time.monotonic() > self.deadline:
                self.shown = f"step {number}: {shown[-600:]}"
                return False
            at, before = self.terminal.wait_for(PROMPT)
            shown += before.replace("\r\n", "\n")
            if done in before:
                told = at
            else:
                # Too late for this prompt: Enter brings the next one.
                tries += 1
                # Sixty-four who press it without a pause would be a load of their own.
                time.sleep(min(1, 0.05 * 2 ** min(tries, 5)))
                # Who sees no end to that asks.
                self.terminal.type("lab check" if tries % ENTERS == 0 else "")
        self.late += tries > 0
        self.asked += tries >= ENTERS
        self.waited.append((told - ended) * 1000)
        return True


def room(world, engine, size):
    """So many learners; what each waited for, step by step."""
    lines = solutions()
    barrier = threading.Barrier(size)
    learners = [Learner(world, engine, f"l{size}-{number}", lines, barrier) for number in range(1, size + 1)]
    began = time.monotonic()
    for learner in learners:
        learner.start()
    for learner in learners:
        learner.join()
    if troubles := [learner.trouble for learner in learners if learner.trouble]:
        raise RuntimeError(f"{len(troubles)} of {size} learners were stopped: {troubles[0]}")
    return learners, time.monotonic() - began


def learners(world, _, rounds):
    """The time from the end of a command to its verdict, in a practice shell."""
    points, engine = [], Engine(world)
    beside = dict(os.environ, DOCKER_HOST=engine.host)
    docker = statistics.median(run(["docker", "version"], beside) for _ in range(rounds))
    for size in SIZES:
        done, took = room(world, engine, size)
        waited = sorted(ms for learner in done for ms in learner.waited)
        unfinished = [learner.shown for learner in done if learner.shown]
        if unfinished:
            print(f"  {len(unfinished)} of {size} were not done within {BOUND} s; the first saw, at {unfinished[0]}")
        points.append({
            "size": size, "ms": statistics.median(waited), "min": waited[0], "max": waited[-1], "runs": len(waited),
            "p95": waited[int(len(waited) * 0.95) - 1], "ratio": statistics.median(waited) / docker,
            "memory": max(learner.memory for learner in done), "seconds": took, "steps": len(solutions()),
            "unfinished": len(unfinished), "asked": sum(learner.asked for learner in done),
            "late": sum(learner.late for learner in done) / sum(len(learner.waited) for learner in done),
        })
        world.tidy()
        # All that is on it is the room's.
        world.shell(f"export DOCKER_HOST={engine.host}; docker ps -aq | xargs -r docker rm -f; "
                    "docker volume ls -q | xargs -r docker volume rm")
    return {"from the end of a command to its verdict": points}
