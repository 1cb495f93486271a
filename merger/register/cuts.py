"""Codes of agencies that columns of a system would cut."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from merger.codes import eid
from merger.codes.eid import Eid, Form
from merger.errors import Finding, Place
from merger.register.problems import problem

BOTH = frozenset(Form)

Written = Mapping[Form, str]
"""A code in the forms in which it can be written."""


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """A column that holds codes of agencies.

    `width`: the characters that it takes, as the profile says or the database declares (`said_by`).
    `forms`: the written forms that it holds; both where nobody knows. `place`: where the profile names it.
    """

    profile: str
    name: str
    width: int
    said_by: Literal["profile", "database"]
    forms: frozenset[Form] = BOTH
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """The codes that a column cuts, in order, and those that are then alike, group by group."""

    column: CodeColumn
    codes: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]

    def findings(self) -> Iterable[Finding]:
        """An error for codes that are cut, another for those that are then alike."""
        column = {"column": f"{self.column.profile} {self.column.name}", "width": self.column.width}
        if self.codes:
            longest = max(map(len, self.codes))
            fields = {**column, "longest": longest, "count": len(self.codes), "codes": ", ".join(self.codes)}
            yield problem("column-cut", self.column.place, **fields)
        if self.alike:
            groups = "; ".join(" = ".join(group) for group in self.alike)
            fields = {**column, "codes": groups}
            yield problem("column-alike", self.column.place, **fields)


def written_forms(code: str, former: str = "") -> Written:
    """Both written forms of a code, as far as there are. `former`: the one that somebody entered."""
    read = eid.parse(code)
    if not isinstance(read, Eid):
        return dict.fromkeys(Form, code)
    found = {read.form: code}
    if former:
        found.setdefault(Form.FORMER, former)
    for form, turned in ((Form.NEW, eid.to_new), (Form.FORMER, eid.to_former)):
        other = turned(read)
        if isinstance(other, Eid):
            found.setdefault(form, other.text)
    return found


def cut_by(column: CodeColumn, codes: Iterable[Written]) -> Cut:
    """What a column cuts of codes in the forms that it holds; one without such a form stands in the other."""
    texts = {
        text
        for written in codes
        for text in [written[form] for form in column.forms if form in written] or written.values()
    }
    shown: dict[str, list[str]] = {}
    for text in sorted(texts):
        shown.setdefault(text[: column.width], []).append(text)
    return Cut(
        column,
        tuple(text for text in sorted(texts) if len(text) > column.width),
        tuple(tuple(group) for group in shown.values() if len(group) > 1),
    )
