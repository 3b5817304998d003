#!/usr/bin/env python3
"""Checks the links of a built book: check-links.py FOLDER

Links within the book must lead to a file, and to an anchor that is there. Links out of it are checked for their form
only: nothing is sent anywhere. Also found: includes that were not filled in, and examples that came out empty.
Ends with 1 when something is broken, after naming every one.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# The whole book on one page, and the page for what is not found, whose links start elsewhere.
LEFT_OUT = {"print.html", "404.html"}
LINKS = {"a": "href", "link": "href", "img": "src", "script": "src"}


class Page(HTMLParser):
    """The anchors and links of one page."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors.update(value for key, value in attrs.items() if value and key in ("id", "name"))
        link = attrs.get(LINKS.get(tag, ""))
        if link is not None:
            self.links.append(link)


def broken(root, file, link, pages):
    """Why a link is broken; None if it is not."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        return str(error)
    if parts.scheme in ("http", "https"):
        return None if parts.hostname and not re.search(r"\s", link) else "this is not the form of an address"
    if parts.scheme == "mailto":
        return None
    if parts.scheme or parts.netloc:
        return f"links of the kind {parts.scheme or '//'} have no place in the book"
    if parts.path.startswith("/"):
        return "it starts at the server's root, which is not the book's"
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if target.is_dir():
        target /= "index.html"
    if root not in target.parents or not target.is_file():
        return "there is no such page"
    if parts.fragment and target.suffix == ".html":
        page = pages.get(target) or pages.setdefault(target, Page(target.read_text(encoding="utf-8")))
        if unquote(parts.fragment) not in page.anchors:
            return "the page has no such anchor"
    return None


def source(root, file):
    """The page's name as its author knows it."""
    return file.relative_to(root).with_suffix(".md")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = Path(sys.argv[1]).resolve()
    files = sorted(file for file in root.rglob("*.html") if file.name not in LEFT_OUT)
    if not files:
        sys.exit(f"links: there is no built book in {root}")
    pages, faults, count = {}, [], 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        name = source(root, file)
        pages[file] = Page(text)
        if re.search(r"\{\{#\w+", text):
            faults.append(f"{name}: an include was not filled in")
        if re.search(r"<code[^>]*>\s*</code>", text):
            faults.append(f"{name}: an example is empty; is its anchor still in the file it comes from?")
    for file in files:
        for link in dict.fromkeys(pages[file].links):
            count += 1
            why = broken(root, file, link, pages)
            if why:
                faults.append(f"{source(root, file)}: {link.replace('.html', '.md')}: {why}")
    for fault in faults:
        print(f"links: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"links: {count} links on {len(files)} pages, none broken")


if __name__ == "__main__":
    main()
