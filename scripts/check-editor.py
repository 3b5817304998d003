#!/usr/bin/env python3
"""Sees what an editor with yaml-language-server makes of the labs: the schemas as authors meet them.

Usage: check-editor.py

1. Every lab and track that ships has no fault, by the schema that its own first line names.
2. A key that nobody knows, and a value of another type, are marked in their lines.
3. In a step, the keys of a step are offered; resting on a key tells what it is for, in the schema's own words.

Needs node and npm; takes yaml-language-server from npm, into target/tools. Ends with 1 where something is otherwise.
"""
import glob
import json
import os
import pathlib
import subprocess
import sys
import threading

TOOLS = "target/tools/editor"
SERVER = f"{TOOLS}/node_modules/.bin/yaml-language-server"
LAB = "labs/docker-storage/docker-volumes/lab.yaml"
PATIENCE = 120  # seconds in all; it takes about ten


class Server:
    """A language server, spoken to over its standard input and output."""

    def __init__(self, command):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, **pipes)
        self.last = 0
        self.version = 0
        self.diagnostics = {}

    def say(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def hear(self):
        length = 0
        while (line := self.process.stdout.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if length == 0:
            sys.exit("check-editor: yaml-language-server ended or does not answer")
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            # It asks for its settings, or to be told of changed files.
            asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
            result = None if asked is None else [{"validate": True, "schemaStore": {"enable": False}} for _ in asked]
            self.say({"id": message["id"], "result": result})
        return message

    def ask(self, method, params):
        self.last += 1
        self.say({"id": self.last, "method": method, "params": params})
        while True:
            message = self.hear()
            if message.get("id") == self.last and "method" not in message:
                return message.get("result")

    def open(self, path, text):
        """Opens a text as the file at this path; gives its address and the faults that are found in it."""
        uri = pathlib.Path(path).resolve().as_uri()
        self.diagnostics.pop(uri, None)
        # It remembers what it read by address and version.
        self.version += 1
        document = {"uri": uri, "languageId": "yaml", "version": self.version, "text": text}
        self.say({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self.diagnostics:
            self.hear()
        return uri, self.diagnostics[uri]

    def close(self, uri):
        # It takes back what it found.
        self.diagnostics.pop(uri)
        self.say({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
        while uri not in self.diagnostics:
            self.hear()


def bring():
    if os.path.exists(SERVER):
        return
    os.makedirs(TOOLS, exist_ok=True)
    try:
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", TOOLS, "yaml-language-server"]
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"check-editor: yaml-language-server could not be had: {error}; it needs npm and a network")


def main():
    os.chdir(os.path.join(os.path.dirname(__file__), ".."))
    bring()
    server = Server([SERVER, "--stdio"])
    limit = threading.Timer(PATIENCE, server.process.kill)
    limit.daemon = True
    limit.start()
    root = pathlib.Path.cwd().as_uri()
    server.ask("initialize", {"processId": os.getpid(), "rootUri": root, "capabilities": {
        "workspace": {"configuration": True},
        "textDocument": {"hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {}},
    }})
    server.say({"method": "initialized", "params": {}})
    wrong = []

    def expect(holds, what):
        if not holds:
            wrong.append(what)

    files = sorted(glob.glob("labs/**/lab.yaml", recursive=True) + glob.glob("labs/**/track.yaml", recursive=True))
    for path in files:
        uri, found = server.open(path, pathlib.Path(path).read_text())
        expect(not found, f"{path}: {[fault['message'] for fault in found]}")
        server.close(uri)

    lines = pathlib.Path(LAB).read_text().splitlines()
    step = next(number for number, line in enumerate(lines) if line.lstrip().startswith("- id:"))
    indent = " " * (lines[step].index("- ") + 2)
    for fault in ("hnits: []", "title: [1, 2]"):
        uri, found = server.open(LAB, "\n".join(lines[:step + 1] + [indent + fault] + lines[step + 1:]))
        marked = [fault["range"]["start"]["line"] for fault in found]
        expect(step + 1 in marked, f"{fault!r} is not marked: {found}")
        server.close(uri)

    new = [lines[step].split("- ")[0] + "- id: new", indent]
    uri, _ = server.open(LAB, "\n".join(lines[:step] + new + lines[step:]))
    place = {"textDocument": {"uri": uri}, "position": {"line": step + 1, "character": len(indent)}}
    offered = server.ask("textDocument/completion", place)
    offered = {item["label"] for item in (offered if isinstance(offered, list) else offered["items"])}
    schema = json.load(open("labs/lab.schema.json"))["properties"]["steps"]["items"]["properties"]
    missing = sorted(set(schema) - {"id"} - offered)
    expect(not missing, f"of a step's keys, these are not offered: {missing}; offered: {sorted(offered)}")
    place["position"] = {"line": step, "character": len(indent)}
    told = server.ask("textDocument/hover", place)
    words = schema["id"]["description"].split(".")[0]
    expect(words in json.dumps(told, ensure_ascii=False), f"resting on `id` tells: {told}")

    server.process.kill()
    for what in wrong:
        print(f"check-editor: {what}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"yaml-language-server: {len(files)} files without a fault; faults are marked, keys offered and explained")


if __name__ == "__main__":
    main()
