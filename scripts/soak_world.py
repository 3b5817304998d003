"""What the soak works in: a lab of its own on the real engine, a learner of it, and the store as anybody may read it."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIGRATIONS = sorted((HERE.parent / "crates/store/src/migrations").glob("*.sql"))

# A little of everything that is removed and made anew; cheap, so that many rounds fit in the time.
LAB = """\
title: Kept whatever happens
summary: A lab for those who are killed.
level: beginner
minutes: 1
requires: { images: [busybox] }
owns: { containers: [holder], volumes: [one, two, busy], paths: [/tmp/soak-dir] }
briefing: briefing.md
steps:
  - { id: one, title: A volume, task: "Make @{one}.", solution: "docker volume create @{one}",
      checks: [{ volume: { name: one } }] }
  - { id: two, title: Another, task: "Make @{two}.", solution: "docker volume create @{two}",
      checks: [{ volume: { name: two } }] }
  - { id: note, title: A file, task: "Write @{/tmp/soak-dir}/note.",
      solution: "mkdir -p @{/tmp/soak-dir}/deep/er && echo kept > @{/tmp/soak-dir}/note",
      checks: [{ file: { in: host, path: /tmp/soak-dir/note, contains: kept } }] }
  - { id: holder, title: A container, task: "Start @{holder}.",
      solution: "docker create --name @{holder} -v @{one}:/data busybox true",
      checks: [{ mount: { container: holder, volume: one, at: /data } }] }
  - { id: gone, title: Remove it, task: "Remove @{holder}.", solution: "docker rm @{holder}",
      checks: [{ removed: { container: holder } }] }
"""
STEPS = ["one", "two", "note", "holder", "gone"]


class Failure(Exception):
    """Something that must hold did not."""


class Learner:
    """Somebody who goes through the lab, with a home of their own."""

    def __init__(self, labrun, name):
        self.labrun, self.name = os.path.abspath(labrun), name
        self.home = Path(tempfile.mkdtemp(prefix="labrun-soak-"))
        self.lab = self.home / "lab"
        self.lab.mkdir()
        (self.lab / "lab.yaml").write_text(LAB)
        (self.lab / "briefing.md").write_text("Nothing to read.\n")
        self.progress = self.home / "progress"
        self.shown = set()
        self.run("trust", str(self.lab), "--yes", expect=(0,))
        self.begin()

    @property
    def store(self):
        return self.progress / "progress.db"

    def is_writing(self):
        """Whether a change of the store is under way: its journal is emptied at the end, and stays."""
        try:
            return os.path.getsize(f"{self.store}-journal") > 0
        except FileNotFoundError:
            return False

    @property
    def environment(self):
        own = {"LABRUN_HOME": str(self.progress), "LABRUN_AS": self.name, "SHELL": "/bin/bash", "HOME": str(self.home),
               "NO_COLOR": "1"}
        return {**{k: v for k, v in os.environ.items() if not k.startswith("LABRUN")}, **own}

    def begin(self):
        self.run("start", str(self.lab), "--no-shell", expect=(0,))
        self.shown = set()

    def popen(self, *arguments, **more):
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        return subprocess.Popen([self.labrun, *arguments], env=self.environment, start_new_session=True, **more)

    def run(self, *arguments, expect):
        """Runs a command to its end; its exit code must be one of `expect`."""
        process = self.popen(*arguments)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure(f"{arguments} did not end within a minute") from None
        if process.returncode not in expect:
            raise Failure(f"{arguments} ended with {process.returncode}: {out.decode()} {err.decode()}")
        if b"damaged" in err:
            raise Failure(f"{arguments} found a damaged store: {err.decode()}")
        return self.saw(out)

    def saw(self, out):
        """Notes every pass that was shown, whole or not; gives a whole JSON report."""
        text = out.decode(errors="replace")
        self.shown |= {STEPS[int(number) - 1] for number in re.findall(r"Step (\d) of 5 · done", text)}
        try:
            report = json.loads(text)
        except ValueError:
            return None
        self.shown |= set(report.get("passed_steps", []))
        return report

    def form(self, name):
        return f"/tmp/{self.name}-soak-dir" if name == "note" else f"{self.name}-{name}"

    def does(self, step):
        """What a learner would type."""
        one, folder = self.form("one"), self.form("note")
        create = f"docker create --name {self.form('holder')} -v {one}:/data busybox true"
        return {
            "one": f"docker volume create {one}",
            "two": f"docker volume create {self.form('two')}",
            "note": f"mkdir -p {folder}/deep/er && echo kept > {folder}/note",
            "holder": create,
            # Catching up may have removed it already.
            "gone": f"{create} 2>/dev/null; docker rm {self.form('holder')}",
        }[step]

    def types(self, line):
        done = subprocess.run(["bash", "-c", line], capture_output=True, check=False)
        if done.returncode:
            raise Failure(f"{line}: {done.stderr.decode()}")

    def left(self):
        """Which of the lab's things are there."""
        asked = [("container", self.form("holder")), ("volume", self.form("one")), ("volume", self.form("two"))]
        there = [name for kind, name in asked if subprocess.run(
            ["docker", kind, "inspect", name], capture_output=True, check=False).returncode == 0]
        return there + ([self.form("note")] if os.path.lexists(self.form("note")) else [])

    def holds(self):
        """What must hold after every kill: the file is whole, and every pass that was shown is in it."""
        with sqlite3.connect(self.store, timeout=10) as store:
            said = store.execute("PRAGMA integrity_check").fetchall()
            if said != [("ok",)]:
                raise Failure(f"the store is damaged: {said}")
            if store.execute("PRAGMA foreign_key_check").fetchall():
                raise Failure("the store's rows do not belong together")
            passed = {step for (step,) in store.execute(
                "SELECT step FROM attempt JOIN session ON session.id = session WHERE verdict = 'pass' AND ended IS NULL")}
        store.close()
        if not self.shown <= passed:
            raise Failure(f"shown as passed and lost: {sorted(self.shown - passed)}")
        aside = [path.name for path in self.progress.glob("progress.damaged-*")]
        if aside:
            raise Failure(f"set aside, and was not damaged: {aside}")
        return passed

    def keeps(self, shown):
        """A reset ends the session, and what was recorded in it stays."""
        store = sqlite3.connect(self.store, timeout=10)
        last = "SELECT step FROM attempt WHERE verdict = 'pass' AND session = (SELECT max(session) FROM attempt)"
        kept = {step for (step,) in store.execute(last)}
        store.close()
        if not shown <= kept:
            raise Failure(f"a reset lost {sorted(shown - kept)}")

    def journal(self, name):
        """What the journal has of a thing: when, and what; and the times that it knows to be missing."""
        with sqlite3.connect(self.store, timeout=10) as store:
            kept = store.execute("SELECT at, action FROM journal WHERE name = ?", [name]).fetchall()
            gaps = store.execute("SELECT start, stop FROM gap").fetchall()
        store.close()
        return kept, gaps

    def age(self, version):
        """Makes the store one of an older labrun, with the same progress in it."""
        old = self.store.with_suffix(".old")
        new = sqlite3.connect(self.store)
        made = sqlite3.connect(old)
        for migration in MIGRATIONS[:version]:
            made.executescript(migration.read_text())
        tables = [name for (name,) in made.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            columns = ", ".join(row[1] for row in made.execute(f"PRAGMA table_info({table})"))
            rows = new.execute(f"SELECT {columns} FROM {table}").fetchall()
            marks = ", ".join("?" * len(columns.split(", ")))
            made.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        made.execute(f"PRAGMA user_version = {version}")
        made.commit()
        made.close()
        new.close()
        os.chmod(old, 0o600)
        os.replace(old, self.store)

    def leave(self):
        subprocess.run([self.labrun, "reset", "--yes"], env=self.environment, capture_output=True, check=False)
        shutil.rmtree(self.home, ignore_errors=True)


def calm(session, patience=10.0):
    """Waits until nothing of a killed process's session runs any more: what it started goes on without it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not any(of_session(entry, session) for entry in Path("/proc").glob("[0-9]*")):
            return
        time.sleep(0.01)


def of_session(entry, session):
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z" and fields[3] == str(session)
