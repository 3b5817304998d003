#!/usr/bin/env python3
"""The book's page of scale and its plots, written from bench/scale.json.

    scripts/scale_page.py           writes them
    scripts/scale_page.py --check   tells whether they are what the figures say; writes nothing
"""
import dataclasses
import json
import os
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import scale_svg

RESULTS = "bench/scale.json"
PAGE = "book/src/contributors/scale.md"
PICTURES = "book/src/pictures"
BEGIN, END = "<!-- written by make scale: begin -->", "<!-- end -->"


@dataclasses.dataclass(frozen=True)
class Series:
    """How a series is told."""

    title: str
    axis: str
    about: str


SERIES = {
    "crowd": Series("The engine is full", "containers, and as many volumes",
                    "So many containers of others, never started, and as many volumes are on the engine."),
    "steps": Series("A long lab", "steps",
                    "A lab of so many steps, each with a volume of its own: the last one is checked, all others have passed."),
    "checks": Series("A step with much to see", "checks in the step", "A step of so many checks, each about another volume."),
    "labs": Series("A large track", "labs in the track", "A folder with a track of so many labs, ten steps each."),
    "journal": Series("A long journal", "events",
                      "A session of a day in which the engine reported so many events; the step wants a command in a container."),
    "attempts": Series("Many attempts", "attempts", "A store with so many attempts in it that did not pass."),
    "learners": Series("A room on one engine", "learners at once",
                       "So many learners at once on an engine without a bridge, each in a practice shell with a name of "
                       "their own, typing the solutions of docker-volumes without a pause, from its first step to its "
                       "last. Memory is that of one practice shell's parent, the largest."),
    "recorder": Series("A hundred commands a second", "", ""),
}


def results():
    if not os.path.exists(RESULTS):
        return {"schema": 1, "series": {}}
    with open(RESULTS, encoding="utf-8") as file:
        return json.load(file)


def table(lines):
    room = any("late" in point for points in lines.values() for point in points)
    more = ["95 % within, ms", "told at a later prompt", "asked for", "not done in time", "the room took"] if room else []
    heads = ["", "size", "median, ms", "of `docker version`", "of the smallest", "peak memory, MB", *more]
    out = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for line, points in lines.items():
        for point in points:
            cells = [line if point is points[0] else "", f"{point['size']:,}", f"{point['ms']:.1f}",
                     f"{point['ratio']:.2f}", f"{point['ms'] / points[0]['ms']:.2f}", f"{point['memory'] / 1e6:.1f}"]
            if room:
                cells += [f"{point['p95']:.0f}", f"{point['late'] * 100:.0f} %", str(point["asked"]), str(point["unfinished"]),
                          f"{point['seconds']:.0f} s for {point['steps']} steps"]
            out.append("| " + " | ".join(cells) + " |")
    return out


def recorded(found):
    """What the recorder kept, in words and a table."""
    quiet, loaded, wanted = found["hook_quiet"], found["hook_loaded"], found["wanted"]
    hook = lambda name, of: f"| {name} | {of['count']} | {of['p50']:.1f} | {of['p95']:.1f} | {of['max']:.1f} |"
    kept = lambda name, of: (f"| {name} | {of['rate']:.0f} | {of['execs']:,} | {of['events']:,} | **{of['lost']}** | "
                             f"**{of['doubled']}** | {of['with_details']:,} of {of['execs']:,} |")
    rows = [kept("run", found)]
    about = [
        f"For {found['seconds']:.0f} s each, {wanted} commands a second are asked for in one container, by eight threads over "
        "the engine's API. What labrun's recorder kept is compared with what `docker events` heard, which listened beside "
        f"it. To run them takes this engine longer: it came to {found['rate']:.0f} a second.",
    ]
    if "refused" in found:
        rows.append(kept("made and begun, as a user whom nobody knows", found["refused"]))
        about.append(f"As a user whom the container does not know, it makes them, begins with them, tells of both, and does "
                     f"not run them: so it came to {found['refused']['rate']:.0f}.")
    if "replayed" in found:
        rows.append(kept("run, as told by a relay", found["replayed"]))
        about.append(f"Last, a relay before the engine tells of {wanted} a second from beginning to end, in the words that "
                     "this engine had for one of them, three under way at a time and some events out of their order; and "
                     "what was kept is compared with the relay's own list.")
    return [
        " ".join(about), "",
        "| commands | a second | in all | events told | lost | doubled | with their true arguments |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |", *rows, "",
        f"While they are run, the prompt asks what is new, as after a `docker` command; it waits for 150 ms at most. "
        f"{found['hook_late']} of {loaded['count']} prompts did wait so long.", "",
        "| the prompt's hook, ms | prompts | half within | 95 % within | longest |", "| --- | ---: | ---: | ---: | ---: |",
        hook("before, nothing happens", quiet), hook("under the load", loaded),
    ]


def page(found):
    out = []
    for name, series in SERIES.items():
        if name not in found["series"]:
            continue
        result = found["series"][name]
        out += [f"## {series.title}", ""]
        if name == "recorder":
            out += [*recorded(result), ""]
            continue
        out += [series.about, "", f'<figure class="plot">\n{{{{#include ../pictures/scale-{name}.svg}}}}\n</figure>', "",
                *table(result), ""]
    where = found["machine"]
    out += [f"Measured on {where['date']}: {where['cores']} cores (load {where['load']} at the beginning, others' work "
            f"included), Linux {where['kernel']}, engine {where['engine']}."]
    return "\n".join(out)


def files(found):
    """Everything that is written from the figures: paths and their text."""
    with open(PAGE, encoding="utf-8") as file:
        before, _, rest = file.read().partition(BEGIN)
    yield PAGE, f"{before}{BEGIN}\n\n{page(found)}\n\n{END}{rest.partition(END)[2]}"
    for name, series in SERIES.items():
        if name in found["series"] and name != "recorder":
            plot = scale_svg.drawn(f"scale-{name}", series.title, series.axis, found["series"][name])
            yield f"{PICTURES}/scale-{name}.svg", plot


def write(found):
    with open(RESULTS, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1, ensure_ascii=False)
        file.write("\n")
    for path, text in list(files(found)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    found = results()
    if "--check" not in sys.argv[1:]:
        write(found)
        return
    stale = []
    for path, text in files(found):
        with open(path, encoding="utf-8") as file:
            stale += [path] if file.read() != text else []
    if stale:
        sys.exit(f"scale: not what {RESULTS} says: {', '.join(stale)}; scripts/scale_page.py writes them")
    print(f"{len(found['series'])} series, page and plots agree with the figures")


if __name__ == "__main__":
    main()
