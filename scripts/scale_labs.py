"""Labs of any size, and stores that have seen much: what the growth is measured on."""
import json
import os
import sqlite3

HEAD = """\
title: {title}
summary: For measuring.
level: beginner
minutes: 1
requires: {{ images: [busybox] }}
owns: {{ {owns} }}
briefing: briefing.md
steps:
"""

STEP = """\
  - id: {id}
    title: One more
    task: Make **@{{{name}}}**.
    solution: docker volume create @{{{name}}}
    checks: [{checks}]
"""


def write(folder, owns, steps, title="Growing"):
    """A lab in a folder of its own."""
    os.makedirs(folder)
    with open(os.path.join(folder, "briefing.md"), "w", encoding="utf-8") as briefing:
        briefing.write("Nobody reads this.\n")
    with open(os.path.join(folder, "lab.yaml"), "w", encoding="utf-8") as lab:
        lab.write(HEAD.format(title=title, owns=owns) + "".join(steps))
    return folder


def volumes(count):
    return [f"v{number}" for number in range(1, count + 1)]


def of_steps(folder, count):
    """A lab of so many steps, each about a volume of its own. The last one is about the first one's."""
    names = volumes(count)
    about = [*names[:-1], names[0]]
    steps = [STEP.format(id=f"s{at}", name=name, checks=f"volume: {{ name: {name} }}") for at, name in enumerate(about)]
    return write(folder, f"volumes: [{', '.join(names)}]", steps)


def of_checks(folder, count):
    """A lab of one step with so many checks, each about a volume of its own."""
    names = volumes(count)
    checks = ", ".join(f"{{ volume: {{ name: {name} }} }}" for name in names)
    return write(folder, f"volumes: [{', '.join(names)}]", [STEP.format(id="all", name=names[0], checks=checks)])


def of_labs(folder, count):
    """A track of so many labs."""
    os.makedirs(folder)
    labs = [f"lab-{number}" for number in range(1, count + 1)]
    with open(os.path.join(folder, "track.yaml"), "w", encoding="utf-8") as track:
        track.write(f"title: Many\nsummary: For measuring.\nlabs: [{', '.join(labs)}]\n")
    for lab in labs:
        of_steps(os.path.join(folder, lab), 10)
    return folder


def of_exec(folder):
    """A lab whose second step wants a command in a container."""
    steps = [
        STEP.format(id="volume", name="v1", checks="volume: { name: v1 }"),
        STEP.format(id="read", name="v1", checks="exec: { container: app, reads: /note.txt }"),
    ]
    return write(folder, "volumes: [v1], containers: [app]", steps)


SECOND = 1_000_000_000


INTO_JOURNAL = """INSERT INTO journal (engine, at, actor, action, kind, name, entry, exit_code)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


class Store:
    """A session's store, to be filled with what would have taken months."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path)
        ask = "SELECT id, engine, started FROM session"
        self.session, self.engine, self.started = self.connection.execute(ask).fetchone()

    def passed(self, steps, since=None):
        """These steps have passed."""
        row = lambda step: (self.session, step, "pass", self.started, since, '[{"check":"volume","verdict":"pass"}]')
        self.attempts(map(row, steps))

    def failed(self, step, count):
        """So many attempts at a step did not pass, each for another reason."""
        report = lambda number: json.dumps([{
            "check": "volume", "verdict": "fail", "diagnosis": "name-mistyped",
            "seen": f"there is no volume of this name, but one called app-dat-{number}",
        }])
        self.attempts((self.session, step, "fail", self.started + at, None, report(at)) for at in range(count))

    def attempts(self, rows):
        sql = "INSERT INTO attempt (session, step, verdict, at, since, report) VALUES (?, ?, ?, ?, ?, ?)"
        self.connection.executemany(sql, rows)

    def earlier(self, step, count):
        """So many attempts in sessions that have ended, ten a session."""
        columns = ", ".join(row[1] for row in self.connection.execute("PRAGMA table_info(session)") if row[1] != "id")
        ended = columns.replace("ended", "started")
        now = self.session
        for _ in range(count // 10):
            sql = f"INSERT INTO session ({columns}) SELECT {ended} FROM session WHERE id = ?"
            self.session = self.connection.execute(sql, [now]).lastrowid
            self.failed(step, 10)
        self.session = now

    def began(self, seconds):
        """The session began so long ago, by the engine's clock."""
        self.started -= seconds * SECOND
        self.connection.execute("UPDATE session SET started = ?", [self.started])

    def heard(self, count, begin, end, container):
        """So many events between these moments: execs in a container, three events each, as the recorder keeps them."""
        apart = max(1, (end - begin) // (count + 1))
        rows = []
        for number in range(count):
            exec_id = f"{number // 3:064x}"
            action = ["exec_create", "exec_start", "exec_die"][number % 3]
            rows.append(self.event(begin + apart * (number + 1), action, container, exec_id, ["cat", "/etc/hostname"]))
        self.connection.executemany(INTO_JOURNAL, rows)

    def event(self, at, action, container, exec_id, argv):
        actor = f"{hash_of(container)}"
        attributes = {"name": container, "image": "busybox", "execID": exec_id}
        if action == "exec_die":
            attributes["exitCode"] = "0"
        else:
            attributes["command"] = " ".join(argv)
        detail = {"argv": argv, "exit_code": 0} if action == "exec_start" else None
        entry = {"at": at, "kind": "container", "action": action, "actor": actor, "attributes": attributes,
                 "detail": detail}
        return self.engine, at, f"{actor}/{exec_id}", action, "container", container, json.dumps(entry), detail and 0

    def read(self, at, container):
        """Somebody has read the file that the lab asks for, at this moment."""
        argv, exec_id = ["cat", "/note.txt"], "f" * 64
        rows = [self.event(at + after, action, container, exec_id, argv)
                for after, action in enumerate(["exec_create", "exec_start", "exec_die"])]
        self.connection.executemany(INTO_JOURNAL, rows)

    def close(self):
        self.connection.commit()
        self.connection.close()


def hash_of(name):
    return name.encode().hex().ljust(64, "0")[:64]
