"""The text of a DOCX as it is in force, and what of the file is no part of it.

Read are the paragraphs and tables of the body, with the numbers that the word processor writes before them.
Tracked changes are taken as accepted. What else holds words is never silently left out: text boxes, notes,
hidden and struck-through text, headers, comments, embedded objects and pictures are findings.
"""

from collections.abc import Iterator
from typing import Any

from merger.errors import Finding, Place
from merger.mapping.drafting.problems import note, warning
from merger.mapping.drafting.text import Text, text_of_lines

SHOWN = 80
"""How many characters a finding quotes of what is not read."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_VML = "{urn:schemas-microsoft-com:vml}"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"

_TEXTS = frozenset({f"{_WORD}t", f"{_MATH}t"})
_BREAKS = {
    f"{_WORD}tab": " ",
    f"{_WORD}ptab": " ",
    f"{_WORD}br": "\n",
    f"{_WORD}cr": "\n",
    f"{_WORD}noBreakHyphen": "-",
}
_PROPERTIES = frozenset({f"{_WORD}pPr", f"{_WORD}rPr", f"{_WORD}tcPr", f"{_WORD}trPr", f"{_WORD}tblPr"})
_GONE = frozenset({f"{_WORD}del", f"{_WORD}moveFrom"})
_COME = frozenset({f"{_WORD}ins", f"{_WORD}moveTo"})
_HOLDERS = frozenset({f"{_WORD}sdtContent", f"{_WORD}customXml", f"{_WORD}smartTag"})
_PICTURES = (f"{_DRAWING}blip", f"{_VML}imagedata")
_UNSEEN = ("vanish", "strike", "dstrike")
_OFF = frozenset({"0", "false", "off"})
_EMBEDDED = ("oleObject", "package", "aFChunk", "diagramData", "chart", "subDocument", "control")


class Reader:
    """Reads one document. `text` is its text, `findings` what was not read, each at its paragraph."""

    def __init__(self, file: str, document: Any) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self._numbers = _Numbers(document)
        self._styles = _unseen_styles(document)
        self._lines: list[str] = []
        self._come: list[Place] = []
        self._gone: list[Place] = []
        self._blocks(document.element.body)
        self._tell_tracked()
        self._tell_parts(document)

    @property
    def text(self) -> Text:
        return text_of_lines(self.file, self._lines)

    @property
    def _place(self) -> Place:
        return Place(self.file, len(self._lines) + 1, 1)

    def _blocks(self, element: Any) -> None:
        """Adds the lines of paragraphs and tables, an empty one before each."""
        for child in element:
            if child.tag == f"{_WORD}p":
                self._lines.append("")
                self._lines += self._paragraph(child).split("\n")
            elif child.tag == f"{_WORD}tbl":
                self._lines.append("")
                for row in self._rows(child):
                    self._lines += row.split("\n")
                self._lines.append("")
            elif child.tag in _HOLDERS or child.tag == f"{_WORD}sdt":
                self._blocks(child)
            elif child.tag not in (f"{_WORD}sdtPr", f"{_WORD}sdtEndPr", f"{_WORD}sectPr"):
                self._lines += "".join(self._inline([child])).split("\n") if _words_of(child) else []

    def _rows(self, table: Any) -> Iterator[str]:
        """A row of a table as one line, its cells beside each other; paragraphs within a cell are lines."""
        for row in _below(table, f"{_WORD}tr"):
            properties = row.find(f"{_WORD}trPr")
            if properties is not None and properties.find(f"{_WORD}del") is not None:
                self._gone.append(self._place)
                continue
            yield " ".join(self._cell(cell) for cell in _below(row, f"{_WORD}tc"))

    def _cell(self, cell: Any) -> str:
        lines: list[str] = []
        for child in _below(cell, f"{_WORD}p", f"{_WORD}tbl"):
            lines += [self._paragraph(child)] if child.tag == f"{_WORD}p" else self._rows(child)
        return "\n".join(lines)

    def _paragraph(self, paragraph: Any) -> str:
        properties = paragraph.find(f"{_WORD}pPr")
        style = _value(properties.find(f"{_WORD}pStyle")) if properties is not None else ""
        number = self._numbers.before(properties)
        return number + "".join(self._inline(paragraph, unseen=style in self._styles))

    def _inline(self, element: Any, *, unseen: bool = False) -> Iterator[str]:
        """The text of a paragraph as it stands after tracked changes are accepted."""
        for child in element:
            tag = child.tag
            if tag in _TEXTS:
                yield child.text or ""
            elif tag in _BREAKS:
                yield _BREAKS[tag]
            elif tag in _GONE:
                self._gone.append(self._place)
            elif tag == f"{_WORD}txbxContent":
                self._unread("RES090", child)
            elif tag == f"{_WORD}r" and self._is_unseen(child, unseen):
                self._unread("RES092", child)
            elif tag == _ALTERNATE:
                yield from self._inline(child[0] if len(child) else (), unseen=unseen)
            elif tag not in _PROPERTIES:
                if tag in _COME:
                    self._come.append(self._place)
                yield from self._inline(child, unseen=unseen)

    def _is_unseen(self, run: Any, otherwise: bool) -> bool:
        """Whether a run is hidden or struck through: by itself, its style or its paragraph's."""
        properties = run.find(f"{_WORD}rPr")
        if properties is None:
            return otherwise
        said = [properties.find(f"{_WORD}{name}") for name in _UNSEEN]
        if any(one is not None for one in said):
            return any(one is not None and _is_on(one) for one in said)
        return otherwise or _value(properties.find(f"{_WORD}rStyle")) in self._styles

    def _unread(self, code: str, element: Any) -> None:
        words = _words_of(element)
        if words:
            self.findings.append(warning(code, self._place, words=_shown(words)))

    def _tell_tracked(self) -> None:
        places = sorted([*self._come, *self._gone], key=lambda one: one.line)
        if places:
            counts = {"inserted": len(self._come), "deleted": len(self._gone)}
            self.findings.append(warning("RES093", places[0], **counts))

    def _tell_parts(self, document: Any) -> None:
        """What stands outside of the body, or in it in another form than text."""
        place = Place(self.file)
        parts: dict[str, list[Any]] = {}
        for relation in document.part.rels.values():
            if not relation.is_external:
                parts.setdefault(relation.reltype.rpartition("/")[2], []).append(relation.target_part)
        notes = [
            words
            for kind in ("footnotes", "endnotes")
            for part in parts.get(kind, ())
            for one in _root(part)
            if one.get(f"{_WORD}type") is None and (words := _words_of(one))
        ]
        if notes:
            self.findings.append(warning("RES091", place, count=len(notes), words=_shown(notes[0])))
        heads = [_words_of(_root(part)) for kind in ("header", "footer") for part in parts.get(kind, ())]
        heads = list(dict.fromkeys(words for words in heads if any(map(str.isalpha, words))))
        if heads:
            self.findings.append(note("RES094", place, words=_shown(" / ".join(heads))))
        comments = [one for part in parts.get("comments", ()) for one in _root(part)]
        if comments:
            self.findings.append(note("RES095", place, count=len(comments)))
        embedded = sum(len(parts.get(kind, ())) for kind in _EMBEDDED)
        if embedded:
            self.findings.append(warning("RES096", place, count=embedded))
        pictures = sum(1 for name in _PICTURES for _ in document.element.body.iter(name))
        if pictures:
            self.findings.append(note("RES097", place, count=pictures))


class _Numbers:
    """Numbers that the word processor writes before paragraphs and that are not in their text."""

    def __init__(self, document: Any) -> None:
        self._formats: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        levels = {
            abstract.get(f"{_WORD}abstractNumId"): abstract.findall(f"{_WORD}lvl")
            for abstract in numbering.findall(f"{_WORD}abstractNum")
        }
        for number in numbering.findall(f"{_WORD}num"):
            abstract = number.find(f"{_WORD}abstractNumId")
            for level in levels.get(_value(abstract), ()):
                key = (number.get(f"{_WORD}numId") or "", int(level.get(f"{_WORD}ilvl") or 0))
                first = _value(level.find(f"{_WORD}start")) or "1"
                form = _value(level.find(f"{_WORD}numFmt"))
                self._formats[key] = (form, _value(level.find(f"{_WORD}lvlText")), int(first))

    def before(self, paragraph: Any) -> str:
        """What stands before the paragraph of these properties: `12. `, or nothing."""
        properties = paragraph.numPr if paragraph is not None else None
        if properties is None or properties.numId is None:
            return ""
        level = properties.ilvl.val if properties.ilvl is not None else 0
        key = (str(properties.numId.val), level)
        form, shape, first = self._formats.get(key, ("", "", 1))
        count = self._counts[key] = self._counts.get(key, first - 1) + 1
        for other in [one for one in self._counts if one[0] == key[0] and one[1] > level]:
            del self._counts[other]
        if form == "decimal":
            return shape.replace(f"%{level + 1}", str(count)) + " "
        if form == "lowerLetter" and count <= 26:
            return shape.replace(f"%{level + 1}", chr(ord("a") + count - 1)) + " "
        return ""


def _unseen_styles(document: Any) -> frozenset[str]:
    """The styles whose text is hidden or struck through, by themselves or by one that they rest on."""
    own: dict[str, bool | None] = {}
    base: dict[str, str] = {}
    for style in document.styles.element.findall(f"{_WORD}style"):
        name = style.get(f"{_WORD}styleId") or ""
        base[name] = _value(style.find(f"{_WORD}basedOn"))
        said = [style.find(f"{_WORD}rPr/{_WORD}{one}") for one in _UNSEEN]
        own[name] = any(one is not None and _is_on(one) for one in said) if any(
            one is not None for one in said
        ) else None  # fmt: skip
    unseen = set()
    for name in own:
        way = [name]
        while own.get(way[-1]) is None and base.get(way[-1]) and base[way[-1]] not in way:
            way.append(base[way[-1]])
        if own.get(way[-1]):
            unseen.add(name)
    return frozenset(unseen)


def _below(element: Any, *tags: str) -> Iterator[Any]:
    """The children of these kinds, also those that stand in content controls and the like."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag in _HOLDERS or child.tag == f"{_WORD}sdt" or child.tag in _COME:
            yield from _below(child, *tags)


def _words_of(element: Any) -> str:
    """All words below an element, paragraphs and breaks apart from each other."""
    parts: list[str] = []
    for one in element.iter():
        if one.tag in _TEXTS or one.tag == f"{_DRAWING}t":
            parts.append(one.text or "")
        elif one.tag in _BREAKS or one.tag == f"{_WORD}p":
            parts.append(" ")
    return " ".join("".join(parts).split())


def _shown(words: str) -> str:
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"


def _root(part: Any) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(part.blob)


def _is_on(element: Any) -> bool:
    return (element.get(f"{_WORD}val") or "1") not in _OFF


def _value(element: Any) -> str:
    return "" if element is None else element.get(f"{_WORD}val") or ""
