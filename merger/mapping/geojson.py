"""The features of a GeoJSON file (RFC 7946), each with its place in the file."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from merger.errors import Finding
from merger.mapping.models import Beside
from merger.mapping.tree import problem, shorten

MAX_BYTES = 200_000_000
"""So large may a GeoJSON file be: all communes of a country, drawn finely."""

_SPACE = re.compile(r"[ \t\r\n]*")
_OUR_CRS = re.compile(r"urn:ogc:def:crs:(OGC:(1\.3)?:CRS84|EPSG:[0-9.]*:4326)|EPSG:4326|CRS84", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feature:
    """A unit's code and geometry (what JSON holds, unchecked), and where it begins: line and column."""

    code: str
    geometry: Any
    line: int
    column: int


def features(content: bytes, file: str, beside: Beside) -> tuple[list[Feature], list[Finding]]:
    """The features of a file's bytes, and what is wrong with those that are left out."""
    given = sha256(content).hexdigest()
    if given != beside.sha256:
        return [], [problem(file, "GEO003", (1, 1), sha256=given)]
    try:
        text = content.decode("utf-8-sig")
        reader = _Reader(text)
        raw = list(reader.features())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        return [], [problem(file, "DOC003", (line, column), byte=f"0x{content[error.start]:02x}")]
    except json.JSONDecodeError as error:
        return [], [problem(file, "GEO004", (error.lineno, error.colno))]
    except (ValueError, RecursionError):
        return [], [problem(file, "GEO004", reader.place())]
    if reader.members.get("type") != "FeatureCollection" or not reader.had_features:
        return [], [problem(file, "GEO005", (1, 1))]
    if not _is_ours(reader.members.get("crs")):
        return [], [problem(file, "GEO006", (1, 1), crs=shorten(json.dumps(reader.members["crs"])))]
    found: list[Feature] = []
    findings: list[Finding] = []
    first: dict[str, int] = {}
    for place, feature in zip(reader.places(at for at, _ in raw), (one for _, one in raw), strict=True):
        code = _code(feature, beside.code)
        if code is None:
            findings.append(problem(file, "GEO007", place, property=shorten(beside.code)))
        elif code in first:
            findings.append(problem(file, "GEO016", place, unit=shorten(code), first=first[code]))
        else:
            first[code] = place[0]
            found.append(Feature(code, feature.get("geometry"), *place))
    return found, findings


def _code(feature: Any, name: str) -> str | None:
    """The unit's code: a text, since a number has lost its zeros."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get(name) if isinstance(properties, dict) else None
    return code if isinstance(code, str) and code and code == code.strip() else None


def _is_ours(crs: Any) -> bool:
    """Whether an old file's `crs` names what GeoJSON means anyway: WGS 84, longitude first."""
    if crs is None:
        return True
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return isinstance(name, str) and bool(_OUR_CRS.fullmatch(name))


class _Reader:
    """Reads the members of the object that a text is, and the elements of its `features` one by one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.members: dict[str, Any] = {}
        self.had_features = False
        self._at = 0
        self._decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)

    def features(self) -> Iterator[tuple[int, Any]]:
        """Each feature with the index at which it begins. Raises ValueError for what is no JSON object."""
        self._take("{")
        if not self._takes("}"):
            while True:
                key = self._value()
                if not isinstance(key, str) or key in self.members:
                    raise json.JSONDecodeError("key", self.text, self._at)
                self._take(":")
                if key == "features" and self._takes("["):
                    self.members[key] = None
                    self.had_features = True
                    yield from self._elements()
                else:
                    self.members[key] = self._value()
                if not self._takes(","):
                    break
            self._take("}")
        self._skip()
        if self._at < len(self.text):
            raise json.JSONDecodeError("end", self.text, self._at)

    def place(self) -> tuple[int, int]:
        """Line and column that reading has come to."""
        return next(self.places(iter([self._at])))

    def places(self, indexes: Iterator[int]) -> Iterator[tuple[int, int]]:
        """Lines and columns (from 1) of growing indexes."""
        line, seen = 1, 0
        for at in indexes:
            line += self.text.count("\n", seen, at)
            seen = at
            yield line, at - self.text.rfind("\n", 0, at)

    def _elements(self) -> Iterator[tuple[int, Any]]:
        if self._takes("]"):
            return
        while True:
            self._skip()
            at = self._at
            yield at, self._value()
            if not self._takes(","):
                break
        self._take("]")

    def _value(self) -> Any:
        self._skip()
        value, self._at = self._decoder.raw_decode(self.text, self._at)
        return value

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self._at)
        assert found
        self._at = found.end()

    def _takes(self, sign: str) -> bool:
        self._skip()
        taken = self.text.startswith(sign, self._at)
        self._at += taken
        return taken

    def _take(self, sign: str) -> None:
        if not self._takes(sign):
            raise json.JSONDecodeError(sign, self.text, self._at)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key given twice could be read either way."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)
