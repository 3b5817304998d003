"""A terminal's screen as an SVG: real text, with the terminal's colours as classes.

Belongs to screens.py. By themselves the colours follow what the reader's system prefers, light or dark; in the book
they follow the theme that was chosen there (book/theme/screens.css).
"""

import re
from html import escape

# A character's cell, and the room around the text, in units of the drawing.
WIDTH, HEIGHT, ROOM = 8.4, 19, 16
SIZE = 14

ESCAPE = re.compile(r"\x1b\[([\d;]*)m|\x1b[()][A-Z0-9]|[\x0e\x0f]")
COLOURS = {31: "red", 32: "green", 33: "yellow", 34: "blue", 35: "magenta", 36: "cyan"}

STYLE = """\
.screen{--paper:#f6f8fa;--edge:#d0d7de;--ink:#1f2328;--dim:#59636e;--red:#b3261e;--green:#116329;--yellow:#7d4e00;\
--blue:#0550ae;--magenta:#8250df;--cyan:#1b6470}
@media (prefers-color-scheme:dark){.screen{--paper:#0d1117;--edge:#3d444d;--ink:#e6edf3;--dim:#9198a1;--red:#ff8a80;\
--green:#56d364;--yellow:#e3b341;--blue:#79c0ff;--magenta:#d2a8ff;--cyan:#76e3ea}}
.screen rect{fill:var(--paper);stroke:var(--edge)}
.screen text{fill:var(--ink);font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
white-space:pre}
.screen .bold{font-weight:bold}
.screen .dim{fill:var(--dim)}"""


def drawn(lines, name, title, columns):
    """The drawing of a screen. `name` sets it apart from others on a page, `title` says what is to be seen."""
    wide = round(columns * WIDTH + 2 * ROOM)
    high = len(lines) * HEIGHT + 2 * ROOM
    colours = "\n".join(f".screen .{colour}{{fill:var(--{colour})}}" for colour in COLOURS.values())
    # No empty line, which would end the drawing where Markdown includes it.
    plain = "\n".join(text for text in (ESCAPE.sub("", line).rstrip() for line in lines) if text)
    out = [
        f'<svg class="screen" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {wide} {high}"'
        f' width="{wide}" height="{high}" aria-labelledby="{name}-title" aria-describedby="{name}-text">',
        f'<title id="{name}-title">{escape(title)}</title>',
        # For who can't see the drawing: all that is in it.
        f'<desc id="{name}-text">{escape(plain)}</desc>',
        f"<style>\n{STYLE}\n{colours}\n</style>",
        f'<rect x="0.5" y="0.5" width="{wide - 1}" height="{high - 1}" rx="6"/>',
    ]
    style = frozenset()
    for row, line in enumerate(lines):
        pieces, style = styled(line, style)
        length = sum(len(text) for text, _ in pieces)
        if not length:
            continue
        # Its length is set, so that the columns stay columns in whatever font there is.
        out.append(
            f'<text x="{ROOM}" y="{ROOM + row * HEIGHT + SIZE}" xml:space="preserve" textLength="{length * WIDTH:g}">'
            + "".join(piece(text, classes) for text, classes in pieces)
            + "</text>"
        )
    return "\n".join([*out, "</svg>", ""])


def piece(text, classes):
    """Text of one style."""
    text = escape(text, quote=False)
    return f'<tspan class="{" ".join(sorted(classes))}">{text}</tspan>' if classes else text


def styled(line, style):
    """The pieces of a line, each with its classes, and the style that goes on below it."""
    pieces, at = [], 0
    for found in ESCAPE.finditer(line):
        pieces.append((line[at : found.start()], style))
        at = found.end()
        if found[1] is not None:
            style = after([int(code or 0) for code in found[1].split(";")], style)
    pieces.append((line[at:].rstrip() if not line[at:].strip() else line[at:], style))
    return [(text, classes) for text, classes in pieces if text], style


def after(codes, style):
    """The style after these codes of an SGR sequence; what labrun doesn't use is left alone."""
    for code in codes:
        if code == 0:
            style = frozenset()
        elif code == 1:
            style |= {"bold"}
        elif code == 2:
            style |= {"dim"}
        elif code == 22:
            style -= {"bold", "dim"}
        elif code in COLOURS or code - 60 in COLOURS:
            style = style - set(COLOURS.values()) | {COLOURS.get(code) or COLOURS[code - 60]}
        elif code == 39:
            style -= set(COLOURS.values())
    return style
