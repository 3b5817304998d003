"""A practice shell on a terminal, with somebody who types."""
import os
import pty
import re
import select
import time

PROMPT = b"ready> "
# In seconds: sixty-four learners at once wait for two cores.
PATIENCE = 300
COLOUR = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A program on a terminal of its own, up to its first prompt."""

    def __init__(self, arguments, environment, home):
        with open(os.path.join(home, ".bashrc"), "w", encoding="utf-8") as settings:
            settings.write("PS1='ready> '\nbind 'set enable-bracketed-paste off' 2>/dev/null\n")
        environment = dict(environment, HOME=home, SHELL="/bin/bash", TERM="dumb")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, environment)
        self.seen = b""
        self.wait_for(PROMPT)

    def wait_for(self, text):
        """Reads until this is there, and tells when that was (in seconds of the clock on the wall) and what came before it."""
        while text not in COLOUR.sub(b"", self.seen):
            self.more(text)
        at = time.time()
        before, _, self.seen = COLOUR.sub(b"", self.seen).partition(text)
        return at, before.decode(errors="replace")

    def more(self, text):
        ready, _, _ = select.select([self.fd], [], [], PATIENCE)
        if not ready:
            raise RuntimeError(f"{text!r} has not come for {PATIENCE} seconds: {self.seen[-500:]!r}")
        self.seen += os.read(self.fd, 65536)

    def wait_for_news(self, text):
        """Waits for what may have been too late for one prompt: Enter brings the next one."""
        while True:
            while text not in COLOUR.sub(b"", self.seen):
                if PROMPT in COLOUR.sub(b"", self.seen):
                    self.wait_for(PROMPT)
                    self.type("")
                    break
                self.more(text)
            else:
                return self.wait_for(text)

    def type(self, line):
        os.write(self.fd, line.encode() + b"\r")

    def leave(self):
        os.write(self.fd, b"exit\r")
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass  # nobody is there any more
        os.close(self.fd)
        os.waitpid(self.pid, 0)
