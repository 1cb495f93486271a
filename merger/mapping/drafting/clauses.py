"""A resolution's articles and numbered clauses, and what it says outside of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merger.errors import Finding
from merger.mapping.drafting.problems import error
from merger.mapping.drafting.text import Text

_ARTICLE = re.compile(r"(?m)^[ ]*Điều[ ]+([0-9]+)[ ]*[.:]")
_NUMBERED = re.compile(r"(?m)^[ ]*([0-9]{1,3})[ ]*[.)][ ]*(?=[^\W\d_])")
_POINT = re.compile(r"(?m)^[ ]*([a-zđ])\)[ ]*(?=[^\W\d_])")
_BLANK = re.compile(r"\n[ ]*\n")
_DOES = re.compile(
    r"\s*(?:sắp\s*xếp|thành\s+lập|nhập|sáp\s+nhập|đổi\s+tên|điều\s+chỉnh|chuyển|giữ\s+nguyên|hợp\s+nhất|tổ\s+chức\s+lại"
    r"|sau\s+khi\s+sắp\s+xếp)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"Số\s*:\s*([0-9]+/(?:[0-9]{4}/)?[^\W\d_]+(?:-[^\W_]+)+)")
_DAY = r"ngày\s*([0-9]{1,2})\s*tháng\s*([0-9]{1,2})\s*năm\s*([0-9]{4})"
_SIGNED = re.compile(rf"thông\s+qua\s+{_DAY}")
_HEADED = re.compile(rf",\s*{_DAY}")
_STARTS = re.compile(rf"chính\s+thức\s+hoạt\s+động\s+(?:từ|kể\s+từ)\s+{_DAY}")
_FORCE = re.compile(rf"có\s+hiệu\s+lực\s+(?:thi\s+hành\s+)?(?:từ|kể\s+từ)\s+{_DAY}")
_BASIS = re.compile(
    rf"Nghị\s+quyết\s+số\s*([0-9]+/[0-9]{{4}}/QH[0-9]+)\s+{_DAY}\s+của\s+Quốc\s+hội\s+về\s+(?:việc\s+)?"
    r"sắp\s+xếp\s+đơn\s+vị\s+hành\s+chính\s+cấp\s+tỉnh"
)
_OWNER = re.compile(
    r"đơn\s+vị\s+hành\s+chính\s+cấp\s+xã\s+của\s+((?i:tỉnh|thành\s+phố))\s+([^\n(]{1,60}?)\s*(?:\(mới\)\s*)?"
    r"(?:năm|như\s+sau|\n|$)",
    re.MULTILINE,
)
_SPACES = re.compile(r"\s+")

MAX_GAP = 3
"""How many numbers may be missing before a clause that does not begin a paragraph of its own."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause or point of an article that arranges units: `12`, `12a`, with its text."""

    number: str
    text: Text


@dataclass(frozen=True, slots=True)
class Act:
    """What a resolution says of itself. What it does not say is None or empty."""

    number: str
    signed: date | None
    effective: date | None
    owner: str
    basis: tuple[tuple[str, date], ...]


def act_of(text: Text) -> Act:
    """Number, days, the province that it is about, and the act on provinces that it rests on."""
    chars = text.chars
    number = _NUMBER.search(chars)
    owner = _OWNER.search(chars)
    basis = tuple((match[1], day) for match in _BASIS.finditer(chars) if (day := _day(match, 2)) is not None)
    return Act(
        number=number[1] if number else "",
        signed=_first_day(chars, _SIGNED, _HEADED),
        effective=_first_day(chars, _STARTS, _FORCE),
        owner=_SPACES.sub(" ", f"{owner[1].lower()} {owner[2]}") if owner else "",
        basis=basis,
    )


def clauses_of(text: Text, findings: list[Finding]) -> list[Clause]:
    """The clauses of the articles that arrange units, in order; what is wrong with their numbers is a
    finding.
    """
    clauses: list[Clause] = []
    for article in _articles(text):
        if any(_DOES.match(article.chars, match.end()) for match in _NUMBERED.finditer(article.chars)):
            clauses += _numbered(article, findings)
    return clauses


def does_something(text: Text) -> bool:
    """Whether a sentence begins as those do that arrange units."""
    return _DOES.match(text.chars) is not None


def _articles(text: Text) -> Iterator[Text]:
    starts = list(_ARTICLE.finditer(text.chars))
    if not starts:
        yield text
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=False):
        yield text.part(match.end(), end)


def _numbered(article: Text, findings: list[Finding]) -> Iterator[Clause]:
    expected = 1
    begins: list[tuple[str, int, int]] = []
    for match in _NUMBERED.finditer(article.chars):
        number = int(match[1])
        own_paragraph = not article.chars[: match.start()].strip() or _after_blank(article, match.start())
        near = own_paragraph or expected < number <= expected + MAX_GAP
        if number != expected and not (near and _DOES.match(article.chars, match.end())):
            continue
        if number != expected:
            findings.append(error("RES004", article.place(match.start(1)), number=number, expected=expected))
        begins.append((str(number), match.start(), match.end()))
        expected = number + 1
    ends = [begin for _, begin, _ in begins[1:]] + [len(article)]
    for (number_, _, start), end in zip(begins, ends, strict=False):
        yield from _points(number_, article.part(start, end))


def _after_blank(article: Text, start: int) -> bool:
    return any(match.end() == start for match in _BLANK.finditer(article.chars, max(0, start - 200), start))


def _points(number: str, text: Text) -> Iterator[Clause]:
    points = [match for match in _POINT.finditer(text.chars) if _DOES.match(text.chars, match.end())]
    if not points:
        yield Clause(number, text)
    ends = [match.start() for match in points[1:]] + [len(text)]
    for match, end in zip(points, ends, strict=False):
        yield Clause(f"{number}{match[1]}", text.part(match.end(), end))


def _first_day(chars: str, *patterns: re.Pattern[str]) -> date | None:
    for pattern in patterns:
        for match in pattern.finditer(chars):
            day = _day(match, 1)
            if day is not None:
                return day
    return None


def _day(match: re.Match[str], first: int) -> date | None:
    day, month, year = (int(match[first + index]) for index in range(3))
    try:
        return date(year, month, day)
    except ValueError:
        return None
