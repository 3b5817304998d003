"""A plot of growth as an SVG: both axes logarithmic, text as text, its colours as classes.

By themselves the colours follow what the reader's system prefers, light or dark; in the book they follow the theme that
was chosen there (book/theme/plots.css). Lines differ by their marks, too, and not by colour alone.
"""
import math
from html import escape

WIDE, HIGH = 760, 340
# The room for the plotted area: left, top, right, bottom.
LEFT, TOP, RIGHT, BOTTOM = 62, 56, 300, 46
GAP = 78
STYLE = """\
.plot{--paper:#f6f8fa;--edge:#d0d7de;--ink:#1f2328;--dim:#59636e;--one:#0550ae;--two:#b3261e;--three:#116329}
@media (prefers-color-scheme:dark){.plot{--paper:#0d1117;--edge:#3d444d;--ink:#e6edf3;--dim:#9198a1;--one:#79c0ff;\
--two:#ff8a80;--three:#56d364}}
.plot .paper{fill:var(--paper);stroke:var(--edge)}
.plot text{fill:var(--ink);font:13px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
.plot .dim{fill:var(--dim)}
.plot .grid{stroke:var(--edge);stroke-width:1}
.plot .guide{stroke:var(--dim);stroke-width:1;stroke-dasharray:2 4;fill:none}
.plot .line{stroke-width:2;fill:none}
.plot .end{text-anchor:end}
.plot .middle{text-anchor:middle}
.plot .one{stroke:var(--one)}
.plot .two{stroke:var(--two)}
.plot .three{stroke:var(--three)}
.plot .mark{fill:var(--paper);stroke-width:2}"""
CLASSES = ["one", "two", "three"]


class Axis:
    """Values to places on the drawing."""

    def __init__(self, low, high, start, end, log=True):
        self.log, self.low, self.high, self.start, self.end = log, low, high, start, end

    def at(self, value):
        scale = math.log if self.log else float
        part = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return round(self.start + part * (self.end - self.start), 1)


def steps(low, high):
    """Round numbers around a range: 1, 2, 5, 10, …"""
    found, power = [], 10 ** math.floor(math.log10(low))
    while not found or found[-1] < high:
        found += [value for value in (power, 2 * power, 5 * power) if not found or found[-1] < high]
        power *= 10
    while len(found) > 1 and found[1] <= low:
        found.pop(0)
    return found


def number(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def mark(kind, x, y):
    if kind == "one":
        return f'<circle class="mark one" cx="{x}" cy="{y}" r="4"/>'
    if kind == "two":
        return f'<rect class="mark two" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    return f'<path class="mark three" d="M{x} {y - 5:.1f}l5 9h-10z"/>'


def panel(lines, what, x, y, heading):
    """A panel: a grid, the lines, their marks. `what` is the figure that is drawn."""
    out = [f'<text class="dim" x="{x.start}" y="{y.end - 10}">{escape(heading)}</text>']
    ticks = steps(y.low, y.high) if y.log else y.ticks
    for value in ticks:
        out.append(f'<path class="grid" d="M{x.start} {y.at(value)}H{x.end}"/>'
                   f'<text class="dim end" x="{x.start - 7}" y="{y.at(value) + 4}">{number(value)}</text>')
    for size in legible(sorted({point["size"] for points in lines.values() for point in points}), x):
        out.append(f'<text class="dim middle" x="{x.at(size)}" y="{y.start + 19}">{size:,}</text>')
    for kind, points in zip(CLASSES, lines.values()):
        places = [(x.at(point["size"]), y.at(what(point))) for point in points]
        out.append(f'<path class="line {kind}" d="M{" L".join(f"{a} {b}" for a, b in places)}"/>')
        out += [mark(kind, *place) for place in places]
    return out


def legible(sizes, x):
    """The sizes whose labels have room beside each other; the largest is always told."""
    half = lambda size: len(f"{size:,}") * 3.9 + 3
    kept = [sizes[-1]]
    for size in reversed(sizes[:-1]):
        if x.at(size) + half(size) < x.at(kept[-1]) - half(kept[-1]):
            kept.append(size)
    return kept[::-1]


def linear(x, y, size, value):
    """What it would be if it grew as its size does: from the smallest of the first line on, within the panel."""
    top = min(x.high, size * y.high / value)
    return f'<path class="guide" d="M{x.at(size)} {y.at(value)}L{x.at(top)} {y.at(value * top / size)}"/>'


def drawn(name, title, axis, lines):
    """The drawing of a series: the time of a check on the left, its memory on the right."""
    points = [point for line in lines.values() for point in line]
    low, high = (pick(point["size"] for point in points) for pick in (min, max))
    times = steps(min(point["ms"] for point in points), max(point["ms"] for point in points))
    base, ceiling = HIGH - BOTTOM, TOP + 20 * len(lines) - 10
    x = Axis(low, high, LEFT, WIDE - RIGHT)
    y = Axis(times[0], times[-1] if len(times) > 1 else times[0] * 10, base, ceiling)
    memory = Axis(0, 1, base, ceiling, log=False)
    most = max(point["memory"] for point in points) / 1e6
    grain = next(grain for grain in (5, 10, 20, 50, 100, 200, 500, 1000) if most / grain <= 6)
    memory.ticks = list(range(0, math.ceil(most / grain) * grain + 1, grain))
    memory.high = memory.ticks[-1]
    beside = Axis(low, high, WIDE - RIGHT + GAP, WIDE - 36)
    first = next(iter(lines.values()))[0]
    text = "; ".join(
        f"{line}: " + ", ".join(f"{point['size']:,} takes {point['ms']:.1f} ms and {point['memory'] / 1e6:.0f} MB"
                                for point in found) for line, found in lines.items())
    out = [
        f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}"'
        f' height="{HIGH}" aria-labelledby="{name}-title" aria-describedby="{name}-text">',
        f'<title id="{name}-title">{escape(title)}</title>', f'<desc id="{name}-text">{escape(text)}</desc>',
        f"<style>\n{STYLE}\n</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDE - 1}" height="{HIGH - 1}" rx="6"/>',
    ]
    for row, (kind, line) in enumerate(zip(CLASSES, lines)):
        out.append(f'<path class="line {kind}" d="M16 {18 + row * 20}h24"/>{mark(kind, 28, 18 + row * 20)}'
                   f'<text x="48" y="{22 + row * 20}">{escape(line)}</text>')
    out += [linear(x, y, first["size"], first["ms"])]
    out += panel(lines, lambda point: point["ms"], x, y, "ms (dotted: as fast as the size)")
    out += panel(lines, lambda point: point["memory"] / 1e6, beside, memory, "peak memory, MB")
    for axis_of in (x, beside):
        out.append(f'<text class="dim middle" x="{(axis_of.start + axis_of.end) / 2}" y="{HIGH - 8}">{escape(axis)}</text>')
    return "\n".join([*out, "</svg>", ""])
