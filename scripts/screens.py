#!/usr/bin/env python3
"""Takes the book's pictures of screens: screens.py [--labrun FILE] [--to FOLDER]

Drives a real practice shell on a real engine, in tmux, goes through labs with it, and draws what is on the screen.
Every word in a picture was printed by labrun or docker, or typed below. What the labs make is removed at the end. It
needs tmux, an engine with busybox, and nothing there that has a name of these labs.
"""

import argparse
import sys
from pathlib import Path

from screens_svg import drawn
from screens_terminal import COLUMNS, Stuck, Terminal

ROOT = Path(__file__).resolve().parent.parent
# A directory that somebody mounts who means the volume of that name.
NOT_THE_VOLUME = Path("/tmp/app-data")


class Photographer:
    """Keeps what is on the screen."""

    def __init__(self, terminal, folder):
        self.terminal, self.folder = terminal, folder

    def take(self, name, title, lines=None):
        """Draws these lines, or what is on the screen now."""
        lines = self.terminal.screen() if lines is None else lines
        file = self.folder / f"{name}.svg"
        file.write_text(drawn(lines, name, title, COLUMNS), encoding="utf-8")
        print(f"screens: {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}")


def docker_volumes(terminal, camera):
    """The lab docker-volumes from its beginning to its end, with five mistakes on the way."""
    types = terminal.type
    types("labrun list", "Begin one: labrun start LAB")
    camera.take("list", "labrun list shows the track and its labs")

    terminal.clear()
    types("labrun start docker-volumes", "exit: leave, nothing lost")
    camera.take("start", "labrun start docker-volumes shows the briefing and the first task")

    terminal.clear()
    types("docker volume create app-data", "Step 2 of 14 ·")
    camera.take("passed", "The volume is created: step 1 is done, and step 2 is shown")
    types("docker volume ls && docker volume inspect app-data", "Step 3 of 14 ·")

    terminal.clear()
    types("lab hint", "Hint 1")
    types("lab hint", "Hint 2")
    camera.take("hint", "lab hint, twice: each time one hint more")

    terminal.clear()
    types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh", "seen: app-data at /mnt")
    camera.take("mistake", "The volume is mounted at the wrong path: wanted is /data, seen is /mnt")
    watched = terminal.beside("labrun watch", "seen: app-data at /mnt")
    camera.take("watch", "labrun watch shows the step, its checks and the progress", watched)
    types("docker rm -f writer-1", "there is no container writer-1")
    types("docker run -dit --name writer-1 -v app-data:/mnt busybox sh", "still: app-data at /mnt")
    camera.take("mistake-again", "A mistake is explained once; made again, it gets one line")
    types("docker rm -f writer-1", "there is no container writer-1")
    types("docker run -dit --name writer-1 -v app-data:/data busybox sh", "Step 4 of 14 ·")
    camera.take("mistake-1", "First mistake: a wrong path in the container, and its repair")

    terminal.clear()
    types('docker exec writer-1 sh -c "echo one_from_writer > /data/file.txt"', "Step 4 of 14 · not yet")
    types('docker exec writer-1 sh -c "echo one_from_writer1 > /data/file.txt"', "Step 5 of 14 ·")
    camera.take("mistake-2", "Second mistake: another text than the task asks for, and its repair")

    terminal.clear()
    types(f"docker run -dit --name writer-2 -v {NOT_THE_VOLUME}:/mnt busybox sh", "Step 5 of 14 · not yet")
    types("docker rm -f writer-2", "there is no container writer-2")
    types("docker run -dit --name writer-2 -v app-data:/mnt busybox sh", "Step 6 of 14 ·")
    camera.take("mistake-3", "Third mistake: a directory in place of the volume, and its repair")

    terminal.clear()
    types("docker exec writer-1 cat /data/file.txt", "Step 6 of 14 · not yet")
    types("docker exec writer-2 cat /mnt/file.txt", "Step 7 of 14 ·")
    camera.take("mistake-4", "Fourth mistake: the right command in the wrong container, and its repair")

    types('docker exec writer-2 sh -c "echo two_from_writer2 >> /mnt/file.txt"', "Step 8 of 14 ·")
    types("docker exec writer-1 cat /data/file.txt", "Step 9 of 14 ·")

    terminal.clear()
    types("docker stop -t 0 writer-1 writer-2", "Step 9 of 14 · not yet")
    types("docker rm writer-1 writer-2", "Step 10 of 14 ·")
    camera.take("mistake-5", "Fifth mistake: containers stopped and not removed, and its repair")

    types("docker run --rm -v app-data:/check busybox cat /check/file.txt", "Step 11 of 14 ·")
    types("mkdir -p /tmp/dind", "not yet (1 of 3)")
    types("docker run -dit --name bind-test -v /tmp/dind:/dind busybox sh", "Step 12 of 14 ·")
    types('docker exec bind-test sh -c "echo bind_test_data > /dind/test.txt"', "Step 13 of 14 ·")
    types("cat /tmp/dind/test.txt", "Step 14 of 14 ·")
    terminal.clear()
    types("docker rm -f bind-test", "Lab finished")
    camera.take("finish", "The last step is done, and labrun says what was proved")


def first_lab(terminal, camera):
    """The lab of the authors' tutorial, tried and proved in a folder of its own."""
    types, lab = terminal.type, terminal.home / "my-lab"
    lab.mkdir()
    for file in (ROOT / "book/examples/first-lab").iterdir():
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        # What says where the book's listings begin and end is not in the author's file.
        (lab / file.name).write_text("".join(line for line in lines if "# ANCHOR" not in line), encoding="utf-8")

    terminal.clear()
    types("labrun start ./my-lab", "exit: leave, nothing lost")
    types("docker volume create note-shelfs", "not yet")
    types("docker volume rm note-shelfs", "note-shelfs")
    types("docker volume create note-shelf", "Step 2 of 3 Write the note")
    camera.take("own-lab", "The new lab in the practice shell: a mistake, its diagnosis, and the next step")
    types("exit", "exit")
    types("labrun reset --yes", "The lab is ended")

    terminal.clear()
    types("labrun trust --yes ./my-lab", "Any edit ends it")
    types("labrun verify ./my-lab", "left behind: nothing")
    camera.take("own-verify", "labrun verify proves the new lab, step by step")


def arguments():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Takes the book's pictures of screens, in a real practice shell.")
    parser.add_argument("--labrun", type=Path, default=ROOT / "target/release/labrun", help="the program")
    parser.add_argument("--to", type=Path, default=ROOT / "book/src/pictures", help="the folder for the pictures")
    return parser.parse_args()


def main():
    asked = arguments()
    program = asked.labrun.resolve()
    if not program.is_file():
        sys.exit(f"screens: there is no {program}; make build")
    if NOT_THE_VOLUME.exists():
        sys.exit(f"screens: {NOT_THE_VOLUME} is there already, and a picture needs the name")
    asked.to.mkdir(parents=True, exist_ok=True)
    terminal = Terminal(program)
    try:
        # Made here, since the engine would make it root's.
        NOT_THE_VOLUME.mkdir()
        camera = Photographer(terminal, asked.to.resolve())
        docker_volumes(terminal, camera)
        terminal.clear()
        terminal.type("labrun reset --yes", "The lab is ended")
        camera.take("reset", "labrun reset lists what the lab made, and removes it")
        terminal.type("exit", "exit")
        first_lab(terminal, camera)
    except Stuck as stuck:
        sys.exit(f"screens: {stuck}")
    finally:
        terminal.command(program, "reset", "--yes")
        NOT_THE_VOLUME.rmdir()
        terminal.close()


if __name__ == "__main__":
    main()
