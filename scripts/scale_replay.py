"""A relay before the engine that tells of more than happens there: commands in a container, in the engine's own words.

What it tells is what the engine told of one command, again and again, with other ids and times: some overlap, and some
events come after one that happened later, as on an engine that is busy. As the engine does, it keeps the last 256, and
drops what nobody takes from it. What really happens on that engine it does not tell.
"""
import http.server
import json
import os
import queue
import socketserver
import sys
import threading
import time
import urllib.parse

from scale_engine import Connection

# moby's eventsLimit, the length of a listener's queue, and how long there is room for in it.
KEPT, QUEUE, PATIENCE = 256, 1024, 0.1
# So many commands are under way at a time; each so manieth event changes places with the one before it.
UNDER_WAY, TURNED = 3, 7


class Replay(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, api, folder):
        self.engine, self.path = api.socket, os.path.join(folder, "replay.sock")
        self.lock, self.past, self.queues, self.execs, self.dropped = threading.Lock(), [], [], {}, 0
        super().__init__(self.path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def learn(self, api, container):
        """One command as this engine tells it: its events, and what is known of it afterwards."""
        before = time.time()
        made = api.post(f"/containers/{container}/exec", {"Cmd": ["true", "turn"], "AttachStdout": False})["Id"]
        api.post(f"/exec/{made}/start", {"Detach": True})
        filters = urllib.parse.quote(json.dumps({"container": [container]}))
        heard, end = {}, time.monotonic() + 60
        while True:
            asked = f"/events?since={before:.9f}&until={time.time():.9f}&filters={filters}"
            events = [json.loads(line) for line in api.ask("GET", asked)[1].splitlines()]
            # Each is kept as soon as it is told: a busy engine soon forgets it.
            heard |= {one["timeNano"]: one for one in events if one["Actor"]["Attributes"].get("execID") == made}
            self.events = list(heard.values())
            if len(self.events) == 3:
                break
            if time.monotonic() > end:
                raise RuntimeError(f"the engine told of a command only {[one['Action'] for one in self.events]}")
        self.known = json.loads(api.ask("GET", f"/exec/{made}/json")[1])

    def run(self, rate, seconds):
        """So many commands a second; gives the list of all that was told, and how long it took."""
        began, count = time.monotonic(), rate * seconds
        due = [one for at in range(count) for one in [(at, 0), (at, 1), (at - UNDER_WAY, 2)] if one[0] >= 0]
        due += [(at, 2) for at in range(count - UNDER_WAY, count)]
        told, held = [], None
        for number, (at, which) in enumerate(due):
            if which == 0:
                time.sleep(max(0, began + at / rate - time.monotonic()))
            event = self.event(at, which)
            told.append(event)
            if held is None and number % TURNED == 0:
                held = event
                continue
            for one in filter(None, (event, held)):
                self.tell(one)
            held = None
        if held:
            self.tell(held)
        return told, time.monotonic() - began

    def event(self, at, which):
        event, now = json.loads(json.dumps(self.events[which])), time.time_ns()
        made = f"{at:064x}"
        event["Actor"]["Attributes"]["execID"] = made
        event["time"], event["timeNano"] = now // 10**9, now
        for name in ("Action", "status"):
            event[name] = event[name].replace("true turn", f"true turn-{at}")
        known = {**self.known, "ID": made, "ProcessConfig": {**self.known["ProcessConfig"], "arguments": [f"turn-{at}"]}}
        self.execs[made] = known if which == 2 else {**known, "Running": True, "ExitCode": None}
        return event

    def tell(self, event):
        with self.lock:
            self.past.append(event)
            queues = list(self.queues)
        for one in queues:
            try:
                one.put(event, timeout=PATIENCE)
            except queue.Full:
                self.dropped += 1

    def listened(self, since, coming=None):
        """What it still knows from then on; what comes goes into the queue."""
        with self.lock:
            if coming:
                self.queues.append(coming)
            return [one for one in self.past[-KEPT:] if one["timeNano"] >= since]

    def handle_error(self, request, client_address):
        """A client that no longer wants its answer is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def left(self, coming):
        with self.lock:
            self.queues.remove(coming)

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers of its own about events and commands; everything else is the engine's."""

    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "labrun"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.partition("?")[0].split("/")
        if path[-1] == "events":
            return self.events(dict(urllib.parse.parse_qsl(self.path.partition("?")[2])))
        if path[-3:-2] == ["exec"] and path[-2] in self.server.execs:
            return self.says(200, json.dumps(self.server.execs[path[-2]]).encode())
        return self.relayed()

    def relayed(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = Connection(self.server.engine)
        connection.request(self.command, self.path, body or None, dict(self.headers))
        answer = connection.getresponse()
        self.says(answer.status, answer.read(), answer.headers)
        connection.close()

    do_POST = do_PUT = do_DELETE = do_HEAD = relayed

    def says(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {"Content-Type": "application/json"}).items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def events(self, options):
        since, until = (nanos(options.get(name)) for name in ("since", "until"))
        if until is not None:
            past = self.server.listened(since or 0)
            return self.says(200, b"".join(line(one) for one in past if one["timeNano"] <= until))
        coming = queue.Queue(QUEUE)
        past = self.server.listened(since or time.time_ns(), coming)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for one in past:
                self.chunk(line(one))
            while True:
                self.chunk(line(coming.get()))
        except OSError:
            self.close_connection = True  # nobody listens any more
        finally:
            self.server.left(coming)

    def chunk(self, said):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(said), said))
        self.wfile.flush()


def line(event):
    return json.dumps(event).encode() + b"\n"


def nanos(seconds):
    """The engine's way to write a moment: seconds, a dot, nanoseconds."""
    if not seconds:
        return None
    whole, _, part = seconds.partition(".")
    return int(whole) * 10**9 + int(part.ljust(9, "0"))
