"""Checks reports that are named as arguments; prints what is wrong, one finding a line."""

import base64
import hashlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "img", "wbr"}
SHAPES = {"path", "rect", "image"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.problems, self.identifiers, self.links = [], [], [], []
        self.scripts, self.styles, self.policy = [], [], ""
        self.figures = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if len(values) != len(attributes):
            self.problems.append(f"<{tag}> has an attribute twice")
        for name, value in attributes:
            if name.startswith("on") or name == "style" or name in ("src", "action"):
                self.problems.append(f"<{tag}> has {name}={value}")
            if name == "href" and tag == "image":
                if not re.fullmatch("data:image/jpeg;base64,[A-Za-z0-9+/]+=*", value):
                    self.problems.append(f"<{tag}> has {name}={value[:80]}")
            elif name == "href":
                self.links.append(value)
            if name == "id":
                self.identifiers.append(value)
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag in ("iframe", "object", "embed", "img", "link", "base", "marquee"):
            self.problems.append(f"<{tag}> in the page")
        if tag == "figure":
            self.figures.append({"class": values.get("class", ""), "svg": 0, "table": 0, "caption": 0, "title": 0, "desc": 0, "points": 0})
        if self.figures and "figure" in self.open:
            figure = self.figures[-1]
            if tag != "class" and tag in figure:
                figure[tag] += 1
            if tag == "path":
                figure["points"] = max(figure["points"], len(re.findall("[ML]", values.get("d", ""))))
        if tag == "th" and values.get("scope") not in ("col", "row"):
            self.problems.append("a heading of a table without scope")
        if tag not in VOID and not (tag in SHAPES and self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        if self.open and self.open[-1] == "style":
            self.styles.append(data)


def check(path):
    text = open(path, encoding="utf-8").read()
    if path.endswith(".svg"):
        ElementTree.fromstring(text.encode())
        return []
    page = Page()
    page.feed(text)
    page.close()
    problems = page.problems
    if page.open:
        problems.append(f"left open: {page.open}")
    for kind, sources in (("script", page.scripts), ("style", page.styles)):
        if kind == "script" and not sources and "script-src" not in page.policy and "default-src 'none'" in page.policy:
            continue
        if len(sources) != 1:
            problems.append(f"{len(sources)} of {kind}")
        digest = base64.b64encode(hashlib.sha256("".join(sources).encode()).digest()).decode()
        if f"{kind}-src 'sha256-{digest}'" not in page.policy:
            problems.append(f"the policy does not name the {kind}: sha256-{digest}")
    if len(set(page.identifiers)) != len(page.identifiers):
        problems.append("an id stands twice")
    for link in page.links:
        if not link.startswith("#") or link[1:] not in page.identifiers:
            problems.append(f"a link to {link}")
    if re.search(r"https?://|url\(|@import|//cdn", text):
        problems.append("an address of the network")
    for figure in page.figures:
        if figure["class"] == "sample":
            if not (figure["svg"] == figure["desc"] == 1 <= figure["title"]):
                problems.append(f"a sample of {figure}")
            continue
        if not (figure["svg"] == figure["table"] == figure["caption"] == figure["title"] == figure["desc"] == 1):
            problems.append(f"a figure of {figure}")
        if figure["points"] > 2000:
            problems.append(f"a plot of {figure['points']} points")
    if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text):
        problems.append("a control character")
    return problems


for name in sys.argv[1:]:
    for problem in check(name):
        print(f"{name}: {problem}")
