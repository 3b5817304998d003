"""Whole processes, measured in turn: A B A B, after a warm-up."""
import os
import statistics
import time

WARM_UP = 3


class Failed(Exception):
    """A process that was to be measured did not end as it should: its time means nothing."""


def run(arguments, environment, expected=0):
    """Milliseconds from the start of a process to its end. Its output goes nowhere."""
    nowhere = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), *(
        (os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2))]
    began = time.perf_counter()
    pid = os.posix_spawnp(arguments[0], arguments, environment, file_actions=nowhere)
    _, status = os.waitpid(pid, 0)
    took = (time.perf_counter() - began) * 1000
    code = os.waitstatus_to_exitcode(status)
    if code != expected:
        raise Failed(f"{' '.join(arguments)} ended with {code}, and not with {expected}")
    return took


def pairs(ours, theirs, rounds, warm_up=WARM_UP):
    """Calls both in turn, and takes the milliseconds that they tell; the first rounds only warm up."""
    measured = [(ours(), theirs()) for _ in range(warm_up + rounds)][warm_up:]
    return [pair[0] for pair in measured], [pair[1] for pair in measured]


def figures(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def compared(ours, theirs):
    """What a row comes to: the ratio is that of the medians."""
    ours, theirs, count = figures(ours), figures(theirs), len(ours)
    return {"pairs": count, "ours": ours, "theirs": theirs, "ratio": ours["median"] / theirs["median"]}


def peak_memory(arguments, environment):
    """The most memory that a process had, in bytes. Its output is a pipe that is full, so that it waits at its very end:
    what wait4 tells would hold this program's own memory, too."""
    out, into = os.pipe()
    os.set_blocking(into, False)
    try:
        while True:
            os.write(into, b" " * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(into, True)
    actions = [(os.POSIX_SPAWN_DUP2, into, 1), (os.POSIX_SPAWN_CLOSE, out)]
    pid = os.posix_spawnp(arguments[0], arguments, environment, file_actions=actions)
    os.close(into)
    peak, same = 0, 0
    while same < 20:
        time.sleep(0.02)
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            lines = [line.split() for line in status if line.startswith("VmHWM:")]
        now = int(lines[0][1]) * 1024 if lines else 0
        same, peak = (same + 1 if now == peak else 0), now
    while os.read(out, 65536):
        pass
    os.close(out)
    os.waitpid(pid, 0)
    return peak
