"""A province's list of services, read as the office has it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from merger.catalogues.model import Catalogue, Entry, ordered
from merger.catalogues.rows import NEEDED, Row, problem, rows_of
from merger.catalogues.words import is_title, levels_of, withdrawn
from merger.codes import service as codes
from merger.codes.names import fold_text
from merger.errors import Finding, InputError, Place, Severity
from merger.mapping import read_definitions
from merger.mapping.models import Level, ServicesFile
from merger.mapping.tree import FORBIDDEN, shorten

MAX_FINDINGS = 10_000
"""More problems than a list of services has rows: it is another table."""

_WEIGHT = {"title-row": Severity.NOTE}
_NATIONAL = re.compile(r"[0-9]+([.,][0-9].*)?")
_SHORT = re.compile(r"[0-9]\.[0-9]{1,5}")
_OWN = re.compile(r"[^\W_][\w.\-/]*")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that was read, and the warnings: what was mended or left out, once for each kind."""

    catalogue: Catalogue
    warnings: tuple[Finding, ...]


def read_catalogues(files: Iterable[tuple[str, Path]], into: tuple[str, Path]) -> tuple[list[Listed], Listed]:
    """Reads the lists of several provinces (code and file of each), and the one that goes on.

    Raises InputError with every problem of all of them, and where two of `files` are of one province.
    """
    findings: list[Finding] = []
    found: dict[tuple[str, Path], Listed] = {}
    first: dict[str, Path] = {}
    for province, path in files:
        other = first.setdefault(province, path)
        if other != path or (province, path) in found:
            findings.append(problem("province-twice", Place(str(path)), province=province, other=other))
        _read_one(province, path, found, findings)
    if into not in found:
        _read_one(*into, found, findings)
    if findings:
        raise InputError(findings)
    survivor = found.pop(into) if into[1] != first.get(into[0]) else found[into]
    return list(found.values()), survivor


def _read_one(
    province: str, path: Path, found: dict[tuple[str, Path], Listed], findings: list[Finding]
) -> None:
    try:
        found[province, path] = read_catalogue(path, province)
    except InputError as error:
        findings += error.findings


def read_catalogue(path: Path, province: str) -> Listed:
    """Reads a list of services: CSV or XLSX whose heads name the columns (docs/services.md), or a file of
    `merger/services/1` (`.yaml`).

    Spaces in codes are taken out and text is composed (NFC), with a warning. Raises InputError with every
    problem: above all codes that lost zeros, and one code with two names or fields, which nobody can decide.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        return _from_definitions(path, province)
    findings: list[Finding] = []
    reader = _Reader(findings)
    for row in rows_of(path, findings):
        if len(findings) >= MAX_FINDINGS:
            findings.append(problem("too-many", row.place, limit=MAX_FINDINGS))
            break
        reader.take(row)
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if not errors and not reader.entries:
        errors = [problem("no-list", Place(str(path)), names="", needed=", ".join(NEEDED))]
    if errors:
        raise InputError(findings)
    entries = sorted(reader.entries.values(), key=lambda entry: entry.key)
    catalogue = Catalogue(province, str(path), tuple(entries))
    return Listed(catalogue, (*findings, *reader.warnings()))


def _from_definitions(path: Path, province: str) -> Listed:
    document = read_definitions(path)
    file = document.value
    if not isinstance(file, ServicesFile):
        raise InputError([problem("other-kind", Place(str(path), 1, 1), schema=file.schema_)])
    findings: list[Finding] = []
    entries: dict[tuple[str, ...], Entry] = {}
    for index, one in enumerate(file.services):
        place = document.place(("services", index))
        entry = Entry(
            one.service.code, one.service.name, one.field, one.levels, one.levels_after,
            one.follows, one.source, place=place,
        )  # fmt: skip
        other = entries.setdefault(entry.key, entry)
        if other is not entry:
            findings.append(problem("code-twice", place, code=entry.code, other=other.place))
    if findings:
        raise InputError(findings)
    by_code = sorted(entries.values(), key=lambda entry: entry.key)
    return Listed(Catalogue(province, str(path), tuple(by_code), file), ())


class _Reader:
    """Takes the rows of one list. Errors go to `findings`; what was mended is counted."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.entries: dict[tuple[str, ...], Entry] = {}
        self._mended: dict[str, tuple[Place, int, str]] = {}

    def warnings(self) -> list[Finding]:
        """One finding for each kind of thing that was mended or passed over: where first, how often."""
        return [
            problem(code, place, _WEIGHT.get(code, Severity.WARNING), count=count, example=example)
            for code, (place, count, example) in self._mended.items()
        ]

    def take(self, row: Row) -> None:
        said = {key: self._text(row, key) for key in row.cells}
        if not any(said.values()):
            return
        written = ((key, text.strip()) for key, text in said.items())
        column, alone = next((one for one in written if one[1]), ("", ""))
        if row.filled == 1 and is_title(alone, column):
            self._mend("title-row", row.place, alone)
            return
        code = self._code(row, said["code"])
        if not said["name"]:
            self.findings.append(problem("name-missing", row.at("name")))
        status = withdrawn(said.get("status", ""))
        if status is None:
            self._mend("status-unknown", row.at("status"), said["status"])
        levels, after = (self._levels(row, said, key) for key in ("levels", "levels_after"))
        if code and said["name"]:
            self._enter(
                Entry(
                    code,
                    said["name"],
                    said.get("field", ""),
                    levels,
                    after,
                    None,
                    said.get("source", ""),
                    bool(status),
                    row.at("code"),
                )
            )

    def _text(self, row: Row, key: str) -> str:
        """A cell's text, composed, with single spaces; line breaks stay where they separate levels."""
        raw = row.cells[key]
        hidden = FORBIDDEN.search(raw)
        if hidden:
            self.findings.append(
                problem("hidden-character", row.at(key), character=f"U+{ord(hidden[0]):04X}")
            )
        text = unicodedata.normalize("NFC", raw)
        if text != raw:
            self._mend("decomposed", row.at(key), text)
        if key.startswith("levels"):
            return text.strip()
        return text if key == "code" else " ".join(text.split())

    def _code(self, row: Row, raw: str) -> str:
        place, shown = row.at("code"), shorten(raw.strip())
        code = "".join(raw.split())
        if not code:
            self.findings.append(problem("code-missing", place))
        elif _NATIONAL.fullmatch(code):
            if codes.root(code) is None or ("code" in row.numbers and len(code) != len("1.000000")):
                zeros = _SHORT.fullmatch(code) or "code" in row.numbers
                self.findings.append(problem("code-zeros" if zeros else "code-shape", place, code=shown))
                return ""
            if code != raw:
                self._mend("code-spaces", place, shown)
        elif "code" in row.numbers or len(raw.split()) > 1 or not _OWN.fullmatch(code):
            self.findings.append(problem("code-shape", place, code=shown))
            return ""
        return code

    def _levels(self, row: Row, said: dict[str, str], key: str) -> tuple[Level, ...]:
        levels, unknown = levels_of(said.get(key, ""))
        if unknown:
            self._mend("level-unknown", row.at(key), shorten(unknown))
        return levels

    def _enter(self, entry: Entry) -> None:
        other = self.entries.setdefault(entry.key, entry)
        if other is entry:
            return
        same = all(
            fold_text(getattr(entry, key)) == fold_text(getattr(other, key)) for key in ("name", "field")
        )
        if not same or other.withdrawn is not entry.withdrawn:
            self.findings.append(problem("code-twice", entry.place, code=entry.code, other=other.place))
            return
        self._mend("row-twice", entry.place, entry.code)
        self.entries[entry.key] = _joined(other, entry)

    def _mend(self, code: str, place: Place, example: str) -> None:
        first, count, shown = self._mended.get(code, (place, 0, shorten(example)))
        self._mended[code] = (first, count + 1, shown)


def _joined(one: Entry, other: Entry) -> Entry:
    """One service in two rows: done by all the levels that either names."""
    return replace(
        one,
        levels=ordered({*one.levels, *other.levels}),
        levels_after=ordered({*one.levels_after, *other.levels_after}),
        source=one.source or other.source,
    )
