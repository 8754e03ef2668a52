"""Reads a page as a screen reader would: landmarks, names of what can be pressed, labels of what can be filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "img", "br", "hr", "meta", "link", "path"}
LANDMARKS = {"header", "nav", "main", "footer"}


@dataclass
class Element:
    """One element with its attributes, its text and the elements around it."""

    tag: str
    attributes: dict[str, str]
    around: list[Element]
    text: str = ""

    def name(self) -> str:
        """What it is called aloud, leaving out labels that stand elsewhere."""
        return (self.attributes.get("aria-label") or self.text or self.attributes.get("alt", "")).strip()

    def within(self, tag: str) -> bool:
        """Whether it stands inside such an element."""
        return any(one.tag == tag for one in self.around)


@dataclass
class Page(HTMLParser):
    """A parsed page; ``unclosed`` names elements that were never closed or closed out of order."""

    html: str
    elements: list[Element] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.unclosed += [one.tag for one in self._open]

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)
        for one in self._open:
            one.text += element.attributes.get("alt", "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, list(self._open)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open[-1].tag != tag:
            self.unclosed.append(f"</{tag}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def all(self, *tags: str) -> list[Element]:
        """Every element with one of these tags, in order."""
        return [one for one in self.elements if one.tag in tags]

    def ids(self) -> list[str]:
        """Every id, repeats included."""
        return [one.attributes["id"] for one in self.elements if one.attributes.get("id")]

    def faults(self) -> list[str]:
        """What stands in the way of somebody who cannot see the page or use a mouse; empty if nothing does."""
        return [*self._structure(), *self._names(), *self._references(), *self._inline_code()]

    def _structure(self) -> list[str]:
        faults = [f"not closed: {tag}" for tag in self.unclosed]
        for tag in ("main", "h1", "title"):
            outside = [one for one in self.all(tag) if not one.within("svg")]
            if len(outside) != 1:
                faults.append(f"{len(outside)} of {tag}")
        if not self.all("html")[0].attributes.get("lang"):
            faults.append("no language")
        repeated = {one for one in self.ids() if self.ids().count(one) > 1}
        return faults + [f"id twice: {one}" for one in sorted(repeated)]

    def _names(self) -> list[str]:
        labelled = {one.attributes.get("for") for one in self.all("label")}
        faults = [
            f"no name: {one.tag} {one.attributes}" for one in self.all("a", "button", "summary") if not one.name()
        ]
        faults += [f"no alt: {one.attributes}" for one in self.all("img") if "alt" not in one.attributes]
        for one in self.all("input", "select", "textarea"):
            if one.attributes.get("type") in {"hidden", "submit"}:
                continue
            named = one.attributes.get("id") in labelled or one.within("label") or one.attributes.get("aria-label")
            if not named:
                faults.append(f"no label: {one.attributes}")
        return faults

    def _references(self) -> list[str]:
        known = set(self.ids())
        faults = []
        for one in self.elements:
            for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
                faults += [
                    f"{name} to nothing: {id_}" for id_ in one.attributes.get(name, "").split() if id_ not in known
                ]
            target = one.attributes.get("href", "")
            if target.startswith("#") and len(target) > 1 and target[1:] not in known:
                faults.append(f"link to nothing: {target}")
        return faults

    def _inline_code(self) -> list[str]:
        faults = [f"handler: {name}" for one in self.elements for name in one.attributes if name.startswith("on")]
        for one in self.all("script"):
            if "src" not in one.attributes and one.attributes.get("type") != "application/json":
                faults.append("inline script")
        return faults
