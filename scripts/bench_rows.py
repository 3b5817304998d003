"""What is measured, one function a row: each sets up what it needs, and measures ours and theirs in turn."""
import os
import re

from bench_measure import compared, pairs, run
from bench_terminal import PROMPT, Terminal
from bench_world import LABRUN, Engine

LABS = os.path.abspath("bench/labs")
CROWD = 500


def graded(world, rounds, lab, setting, theirs):
    """`labrun check` at a lab's only step, which passes, each time for the first time; against a command."""
    session = world.session(os.path.join(LABS, lab))
    world.shell(setting)

    def ours():
        session.put_back()
        return run([LABRUN, "check"], session.environment)

    return compared(*pairs(ours, lambda: run(theirs, dict(os.environ)), rounds))


def check(world, rounds):
    volume = world.volume("bench-data")
    return graded(world, rounds, "one-volume", f"docker volume create {volume}",
                  ["docker", "volume", "inspect", volume])


def file(world, rounds):
    app = world.container("bench-app")
    setting = f"docker run -d --name {app} busybox sleep 86400; docker exec {app} sh -c 'echo ready > /note.txt'"
    return graded(world, rounds, "file-in-container", setting, ["docker", "exec", app, "cat", "/note.txt"])


def volume(world, rounds):
    name = world.volume("bench-data")
    setting = f"docker run --rm -v {name}:/data busybox sh -c 'echo ready > /data/note.txt'"
    theirs = ["docker", "run", "--rm", "-v", f"{name}:/data", "busybox", "cat", "/data/note.txt"]
    return graded(world, rounds, "file-in-volume", setting, theirs)


def grader(world, rounds):
    data, one, two = world.volume("app-data"), world.container("writer-1"), world.container("writer-2")
    setting = f"""
        docker volume create {data}
        docker run -dit --name {one} -v {data}:/data busybox sh
        docker exec {one} sh -c 'echo one_from_writer1 > /data/file.txt'
        docker run -dit --name {two} -v {data}:/mnt busybox sh
        docker exec {two} sh -c 'echo two_from_writer2 >> /mnt/file.txt'"""
    return graded(world, rounds, "after-step-8", setting, ["bench/grader.sh", world.name])


def practice(world, lab, home):
    """A practice shell in this lab, and its socket."""
    terminal = Terminal([LABRUN, "start", lab], world.environment(home), world.folder)
    world.terminals.append(terminal)
    terminal.type('echo "socket""=$LABRUN_SOCKET="')
    terminal.wait_for(b"socket=")
    _, socket = terminal.wait_for(b"=")
    terminal.wait_for(PROMPT)
    return terminal, socket


def hook(world, rounds):
    _, socket = practice(world, os.path.join(LABS, "one-volume"), "hook")
    environment = dict(os.environ, LABRUN_SOCKET=socket)
    hooked = lambda: run([LABRUN, "hook"], environment)
    return compared(*pairs(hooked, lambda: run(["/bin/true"], environment), rounds * 10))


def shell(world, rounds):
    """From the end of the learner's command, told by the shell itself, to the verdict on the terminal."""
    lab = os.path.join(world.folder, "many-volumes")
    os.mkdir(lab)
    with open(os.path.join(lab, "briefing.md"), "w", encoding="utf-8") as briefing:
        briefing.write("Nobody reads this.\n")
    with open(os.path.join(lab, "lab.yaml"), "w", encoding="utf-8") as file:
        file.write(many_volumes(rounds + 3))
    app = world.container("idle")
    world.shell(f"docker run -d --name {app} busybox sleep 86400")
    terminal, _ = practice(world, lab, "shell")
    step = iter(range(1, rounds + 4))

    def ours():
        number = next(step)
        # The quotes keep the mark out of what is typed.
        terminal.type(f'docker volume create {world.volume(f"v{number}")}; echo "en""ded=$EPOCHREALTIME="')
        terminal.wait_for(b"ended=")
        ended = float(terminal.wait_for(b"=")[1])
        told, _ = terminal.wait_for_news(f"Step {number} of {rounds + 3} · done".encode())
        terminal.wait_for(PROMPT)
        return (told - ended) * 1000

    return compared(*pairs(ours, lambda: run(["docker", "exec", app, "true"], dict(os.environ)), rounds))


def many_volumes(count):
    """A lab with a volume a step."""
    names = [f"v{number}" for number in range(1, count + 1)]
    steps = "".join(
        f"  - id: {name}\n    title: One more volume\n    task: Create **@{{{name}}}**.\n"
        f"    solution: docker volume create @{{{name}}}\n    checks: [volume: {{ name: {name} }}]\n"
        for name in names
    )
    return (
        "title: Many volumes\nsummary: For measuring.\nlevel: beginner\nminutes: 1\nrequires: { images: [busybox] }\n"
        f"owns: {{ volumes: [{', '.join(names)}] }}\nbriefing: briefing.md\nsteps:\n{steps}"
    )


def verify(world, rounds):
    with open("labs/docker-storage/docker-volumes/lab.yaml", encoding="utf-8") as lab:
        text = lab.read()
    solutions = re.findall(r"^    solution: (.*)$", text, re.M)
    if len(solutions) != len(re.findall(r"^  - id: ", text, re.M)):
        raise RuntimeError("a solution of docker-volumes no longer stands on one line")
    script = "\n".join(["set -e", *solutions])
    path = f"/tmp/{world.own('dind')}"
    world.paths.append(path)
    script = re.sub(r"@\{([^/}]+)\}", rf"{world.name}-\1", script.replace("@{/tmp/dind}", path))
    for name in ["writer-1", "writer-2", "bind-test"]:
        world.container(name)
    data = world.volume("app-data")

    def theirs():
        took = run(["bash", "-c", script], dict(os.environ))
        world.shell(f"docker volume rm {data}; rm -r {path}")
        return took

    # Its names are of its own making.
    environment = {name: value for name, value in world.environment().items() if name != "LABRUN_AS"}
    proved = lambda: run([LABRUN, "verify", "docker-volumes", "--no-mistakes"], environment)
    # Each takes seconds: one round warms up.
    return compared(*pairs(proved, theirs, rounds, 1))


def crowd(world, rounds):
    """The same check on two engines of our own: one has nothing but the volume, the other a crowd around it."""
    engines = {}
    for kind in ["crowded", "empty"]:
        engine = Engine(world)
        lab = os.path.join(LABS, "one-volume")
        session = world.session(lab, DOCKER_HOST=engine.host, LABRUN_HOME=os.path.join(engine.folder, "home"))
        engine.post("/volumes/create", {"Name": world.own("bench-data")})
        if kind == "crowded":
            for number in range(CROWD):
                engine.post("/volumes/create", {"Name": f"crowd-{number}"})
                engine.post(f"/containers/create?name=crowd-{number}", {"Image": "busybox", "Cmd": ["true"]})
        engines[kind] = session

    def checked(kind):
        engines[kind].put_back()
        return run([LABRUN, "check"], engines[kind].environment)

    return compared(*pairs(lambda: checked("crowded"), lambda: checked("empty"), rounds))


# Its name; what is done; against what; the ratio that is to be reached; how.
ROWS = [
    ("check", "`labrun check`, one state check", "`docker volume inspect`", 0.35, check),
    ("file", "the same, content of a file in a running container", "`docker exec C cat F`", 1.0, file),
    ("volume", "content of a file in a volume that no container uses", "`docker run --rm … cat`", 0.25, volume),
    ("grader", "all checks that hold after step 8 of docker-volumes", "`bench/grader.sh`", 0.2, grader),
    ("hook", "prompt hook when nothing changed", "`/bin/true`", 4.0, hook),
    ("shell", "practice shell: end of `docker volume create` to verdict", "`docker exec C true`", 0.2, shell),
    ("verify", "`labrun verify docker-volumes --no-mistakes`", "its solutions run by bash", 1.6, verify),
    ("crowd", f"one check with {CROWD} containers and {CROWD} volumes present", "with none", 1.2, crowd),
]
