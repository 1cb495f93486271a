"""Old-to-new as data for a picture (a Sankey diagram). A table beside each picture says the same."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from merger.lineage import UnitVersion
from merger.review.mapping.book import Book

LARGEST = 80
"""A picture has so many units at most; what would be more is left out, and the picture says so."""


@dataclass(slots=True)
class Picture:
    """Nodes from left to right and the links between them.

    A node's `id` is shown nowhere, `label` is; `url` is where it leads. `value` of a link is its width.
    `cut`: there is more than is shown.
    """

    nodes: "OrderedDict[str, Node]" = field(default_factory=OrderedDict)
    links: "list[Link]" = field(default_factory=list)
    cut: bool = False

    def node(self, id_: str, label: str, tone: str = "", url: str = "", column: int | None = None) -> None:
        self.nodes.setdefault(id_, Node(id_, label, tone, url, column))

    def link(self, start: str, end: str, value: float, tone: str = "") -> None:
        self.links.append(Link(start, end, value, tone))

    def data(self) -> dict[str, object]:
        """The picture as plain data, for the page's script."""
        return {
            "nodes": [
                {"id": one.id, "label": one.label, "tone": one.tone, "url": one.url, "column": one.column}
                for one in self.nodes.values()
            ],
            "links": [
                {"from": one.start, "to": one.end, "value": one.value, "tone": one.tone} for one in self.links
            ],
        }


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    label: str
    tone: str = ""
    url: str = ""
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    start: str
    end: str
    value: float
    tone: str = ""


def around(
    book: Book, version: UnitVersion, url: Callable[[UnitVersion], str], largest: int = LARGEST
) -> Picture:
    """A unit with all that it came from and went into, as far back and forth as the record goes."""
    picture = Picture()
    seen = {version.id}
    picture.node(_id(version), _label(version), "self")
    for forward in (False, True):
        ahead = [version]
        while ahead:
            further: list[UnitVersion] = []
            for one in ahead:
                for edge in book.lineage.passage(one, forward=forward).edges:
                    other = book.lineage.neighbour(one, edge, forward=forward)
                    if other.id not in seen and len(seen) >= largest:
                        picture.cut = True
                        continue
                    tone = "later" if forward else "earlier"
                    picture.node(_id(other), _label(other), tone, url(other))
                    start, end = (one, other) if forward else (other, one)
                    value = 1.0 if edge.entire else (edge.share or 0.5)
                    whole = "" if edge.entire else "part"
                    picture.link(_id(start), _id(end), value, tone=whole)
                    if other.id not in seen:
                        seen.add(other.id)
                        further.append(other)
            ahead = further
    return picture


def _id(version: UnitVersion) -> str:
    return " ".join(map(str, version.id))


def _label(version: UnitVersion) -> str:
    return version.name or version.code
