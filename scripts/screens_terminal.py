"""A terminal that somebody types in: tmux on a socket of its own, with bash and nobody's settings.

Belongs to screens.py. What the screens are drawn as is screens_svg.py's business.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

COLUMNS, ROWS = 80, 150
PROMPT = "$"
# How long anything may take on a busy machine, and how often one looks, in seconds.
PATIENCE, PAUSE = 60, 0.1
# At how many prompts a verdict may be late.
PROMPTS = 20

SETTINGS = "set -g status off\nset -g default-terminal tmux-256color\nset -g escape-time 0\n"
BASHRC = f"PS1='{PROMPT} '\nunset HISTCONTROL HISTFILE\n"


class Stuck(Exception):
    """What was waited for did not come; says what was on the screen instead."""


class Terminal:
    """Programs on a screen of 80 columns, so tall that nothing scrolls away."""

    def __init__(self, program):
        self.home = Path(tempfile.mkdtemp(prefix="labrun-screens-"))
        (self.home / ".bashrc").write_text(BASHRC)
        settings = self.home / "tmux.conf"
        settings.write_text(SETTINGS)
        self.tmux = ["tmux", "-u", "-L", f"labrun-screens-{os.getpid()}", "-f", str(settings)]
        self.environment = {
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "SHELL": shutil.which("bash") or "/bin/bash",
            "LANG": "C.UTF-8",
            "LABRUN_HOME": str(self.home / "progress"),
            # The engine is the one that the user's own docker talks to.
            "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker")),
            **{name: value for name, value in os.environ.items() if name.startswith("DOCKER_")},
        }
        self.run("new-session", "-d", "-s", "main", "-x", str(COLUMNS), "-y", str(ROWS), "bash")
        self.wait(lambda: self.at_prompt("main"), "the first prompt", "main")

    def run(self, *arguments):
        """What a command of tmux prints."""
        done = subprocess.run(
            [*self.tmux, *arguments], env=self.environment, cwd=self.home, check=True, capture_output=True, text=True
        )
        return done.stdout

    def lines(self, window="main", colours=False):
        """What is on the screen, without the blank lines at its end."""
        captured = self.run("capture-pane", "-p", *(["-e"] if colours else []), "-t", window)
        return captured.rstrip().splitlines() or [""]

    def at_prompt(self, window):
        """Whether the shell waits for a line."""
        cursor = self.run("display-message", "-p", "-t", window, "#{cursor_x}").strip()
        return self.lines(window)[-1].strip() == PROMPT and cursor == str(len(PROMPT) + 1)

    def wait(self, holds, what, window="main"):
        """Until it holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                screen = "\n".join(self.lines(window))
                raise Stuck(f"waited in vain for {what}; on the screen is:\n{screen}")
            time.sleep(PAUSE)

    def clear(self):
        """A fresh screen, without a command that labrun would hear of."""
        self.run("send-keys", "-t", "main", "C-l")
        self.wait(lambda: len(self.lines()) == 1 and self.at_prompt("main"), "a clear screen")

    def type(self, line, expect):
        """Enters a line, and waits until these words stand below it."""
        above = len(self.lines())
        self.run("send-keys", "-t", "main", "-l", line)
        self.wait(lambda: not self.at_prompt("main"), f"{line} to be typed")
        self.enter()
        # A verdict that was not ready in time comes with the next prompt, so ask for some.
        for _ in range(PROMPTS):
            if contains(self.lines()[above:], expect.split()):
                return
            time.sleep(5 * PAUSE)
            self.enter()
        raise Stuck(f"after {line} there is no “{expect}”; on the screen is:\n" + "\n".join(self.lines()))

    def enter(self):
        """Ends the line, and waits for the prompt after it."""
        before = len(self.lines())
        self.run("send-keys", "-t", "main", "Enter")
        self.wait(lambda: len(self.lines()) > before and self.at_prompt("main"), "a prompt")

    def beside(self, command, expect):
        """What another window shows of a command that doesn't end, with its colours."""
        self.run("new-window", "-d", "-n", "beside", command)
        self.wait(lambda: contains(self.lines("beside"), expect.split()), f"{expect} in {command}", "beside")
        screen = self.lines("beside", colours=True)
        self.run("send-keys", "-t", "beside", "C-c")
        return screen

    def screen(self):
        """What is on the screen, with its colours; prompts at which nothing was typed are left out."""
        plain, coloured = self.lines(), self.lines(colours=True)
        kept = [at for at, line in enumerate(plain) if line.strip() != PROMPT or at == len(plain) - 1]
        return [coloured[at] for at in kept]

    def command(self, *words):
        """Runs a command beside the screen, with the same progress; it may fail."""
        subprocess.run(words, env=self.environment, cwd=self.home, check=False, capture_output=True)

    def close(self):
        """Ends everything that runs here, and removes its files."""
        subprocess.run([*self.tmux, "kill-server"], check=False, capture_output=True)
        # What ran there may write a last time when its terminal goes away.
        time.sleep(10 * PAUSE)
        shutil.rmtree(self.home, ignore_errors=True)


def contains(lines, words):
    """Whether these words follow each other, wherever lines were broken."""
    return " ".join(words) in " ".join(" ".join(lines).split())
