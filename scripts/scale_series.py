"""What grows, one function a series. Each gives its lines: a list of points, from the smallest size to the largest."""
import itertools
import os
import statistics

import scale_labs
from bench_measure import peak_memory, run
from bench_world import LABRUN
from scale_engine import Crowd

SMALL = (10, 100, 300, 1000)
ONE_VOLUME = os.path.abspath("bench/labs/one-volume")


class Case:
    """A command at a size, and what puts things back before each run of it."""

    def __init__(self, size, session, arguments=("check",), expected=0):
        self.size, self.session, self.expected = size, session, expected
        self.command = [LABRUN, *arguments]

    def run(self):
        self.session.put_back()
        return run(self.command, self.session.environment, self.expected)

    def memory(self):
        self.session.put_back()
        return peak_memory(self.command, self.session.environment)


def measured(cases, rounds):
    """A point a case. All are run in turn, beside `docker version`, so that a busy moment strikes all of them."""
    taken = {case: [] for case in cases}
    docker = []
    for number in range(rounds + 1):
        # The first round only warms up.
        docker += [run(["docker", "version"], dict(os.environ))][: number]
        for case in cases:
            taken[case] += [case.run()][: number]
    unit = statistics.median(docker)
    return [point(case.size, taken[case], unit, case.memory()) for case in cases]


def point(size, values, unit, memory):
    ordered = sorted(values)
    figures = {"size": size, "ms": statistics.median(values), "min": ordered[0], "max": ordered[-1]}
    return {**figures, "ratio": figures["ms"] / unit, "memory": memory, "runs": len(values)}


def crowd(world, api, rounds):
    """Containers and volumes of others, so many of each."""
    one = world.begun(ONE_VOLUME)
    failing = world.begun(scale_labs.of_steps(os.path.join(world.folder, "failing"), 1))
    crowd = Crowd(api, world.own("x"))
    world.crowds.append(crowd)
    world.shell(f"docker volume create {world.volume('bench-data')}")
    lines = {"a check that passes": [], "a check that fails, and why": [], "the start of a lab": []}
    for size in (10, 100, 500, 2000):
        crowd.grow_to(size)
        fresh = Fresh(world, size)
        cases = [Case(size, one), Case(size, failing, expected=1), Case(size, fresh, fresh.arguments)]
        for line, found in zip(lines.values(), measured(cases, rounds)):
            line.append(found)
    return lines


class Fresh:
    """A learner who begins a lab, each time for the first time."""

    def __init__(self, world, size):
        self.world, self.home = world, os.path.join(world.folder, f"fresh-{size}")
        self.environment = dict(world.environment(), LABRUN_HOME=self.home, LABRUN_AS=f"{world.name}-fresh")
        self.arguments = ["start", ONE_VOLUME, "--no-shell"]

    def put_back(self):
        self.world.shell(f"rm -rf '{self.home}'; mkdir -m 700 '{self.home}'")


def filled(world, lab, fill):
    """A session of a lab whose store is then filled."""
    session = world.begun(lab)
    store = scale_labs.Store(session.store)
    fill(store)
    store.close()
    os.replace(session.store, session.store + ".begun")
    return session


def steps(world, _, rounds):
    """The last step of a lab of so many; all before it have passed."""
    sessions = {}
    for size in SMALL:
        lab = scale_labs.of_steps(os.path.join(world.folder, f"steps-{size}"), size)
        sessions[size] = filled(world, lab, lambda store: store.passed(f"s{at}" for at in range(size - 1)))
    world.shell(f"docker volume create {world.volume('v1')}")
    return {"a check of the last step": measured([Case(size, sessions[size]) for size in SMALL], rounds)}


def checks(world, api, rounds):
    """A step of so many checks, each about another volume: all of them are there, or none is."""
    cases = {"a check that passes": [], "a check that fails, and why": []}
    for size in SMALL:
        lab = scale_labs.of_checks(os.path.join(world.folder, f"checks-{size}"), size)
        cases["a check that passes"].append(Case(size, world.begun(lab)))
        other = world.begun(lab, LABRUN_AS=f"{world.name}-none")
        cases["a check that fails, and why"].append(Case(size, other, expected=1))
    crowd = Crowd(api, world.name)
    world.crowds.append(crowd)
    crowd.volumes = [world.own(name) for name in scale_labs.volumes(SMALL[-1])]
    crowd.each(lambda name: api.post("/volumes/create", {"Name": name, "Labels": crowd.label}), crowd.volumes)
    return grouped(cases, rounds)


def labs(world, _, rounds):
    """A track of so many labs of ten steps each."""
    sizes = (10, 50, 100, 500)
    cases = {"a check in the last lab": [], "labrun lint of the whole track": []}
    for size in sizes:
        folder = scale_labs.of_labs(os.path.join(world.folder, f"labs-{size}"), size)
        session = world.begun(os.path.join(folder, f"lab-{size}"))
        cases["a check in the last lab"].append(Case(size, session, expected=1))
        cases["labrun lint of the whole track"].append(Case(size, session, ["lint", folder]))
    return grouped(cases, rounds)


def grouped(cases, rounds):
    """The points of several lines, all measured in turn."""
    points = iter(measured(list(itertools.chain(*cases.values())), rounds))
    return {name: [next(points) for _ in line] for name, line in cases.items()}


DAY = 86_400


def journal(world, _, rounds):
    """A session of a day, in which the engine reported so many events; the step wants a command in a container."""
    lab = scale_labs.of_exec(os.path.join(world.folder, "journal"))
    app = world.own("app")
    cases = {"all of them before the step before was done": [], "all of them since": []}
    for size in (1_000, 10_000, 30_000, 100_000):
        for name, line in cases.items():
            def fill(store, early=name.startswith("all of them before")):
                now = store.started
                store.began(DAY)
                begin, end = store.started, now - scale_labs.SECOND
                store.passed(["volume"], end if early else begin + 1)
                store.heard(size, begin + 2 if not early else begin, end - 2, app)
                store.read(now - 1000, app)
            line.append(Case(size, filled(world, lab, fill)))
    return grouped(cases, rounds)


def attempts(world, _, rounds):
    """So many attempts at the step that is checked, and as many in sessions that have ended."""
    cases = {"all at this step": [], "all in sessions that have ended": []}
    for size in (10, 100, 1_000, 10_000):
        cases["all at this step"].append(Case(size, filled(world, ONE_VOLUME, lambda store: store.failed("volume", size))))
        fill = lambda store: store.earlier("volume", size)
        cases["all in sessions that have ended"].append(Case(size, filled(world, ONE_VOLUME, fill)))
    world.shell(f"docker volume create {world.volume('bench-data')}")
    return grouped(cases, rounds)
