"""Laws on the agencies of a mapping: one code for one agency, numbers that read back, an answer for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from merger.codes import DossierNumber, Form, Malformed, convert, dossier_number, eid, to_former, to_new
from merger.lineage import AgencyRequest
from merger.mapping.models import AgenciesFile, Agency, AgencyBefore, UnitKind
from merger.messages import text
from merger.testing.laws.mappings import agency_is_answered_for
from merger.testing.suite.own import Own
from merger.testing.suite.search import Law

SIDES = ("before", "after")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Written:
    """A code as a file writes it: entry `number` of a side, in the new or the former form."""

    file: AgenciesFile
    side: str
    number: int
    code: str

    @property
    def agency(self) -> Agency:
        found: Agency = getattr(self.file, self.side)[self.number]
        return found


@dataclass(frozen=True, slots=True)
class Number:
    """A dossier's number as an agency would give it."""

    written: Written
    day: date
    sequence: int


@dataclass(frozen=True, slots=True)
class Matter:
    """A piece of an agency's pending work."""

    written: Written
    service: str | None = None
    place: str | None = None
    works: str = "dossiers"


def codes_stand_for_one(own: Own, asked: Written) -> str | None:
    """No code stands for two agencies at one time, and none that was closed is given again."""
    for number, other in enumerate(getattr(asked.file, asked.side)):
        if number != asked.number and asked.code in _forms(other):
            return text("testing.broken.two-agencies", other=own.agency(asked.file, asked.side, number))
    if asked.side == "before":
        return _found(own, asked, asked.file.effective - timedelta(days=1))
    for file, number in _closed(own, asked):
        return text("testing.broken.closed-code", other=own.agency(file, "before", number))
    return _found(own, asked, asked.file.effective)


def numbers_read_back(_own: Own, asked: Number) -> str | None:
    """A dossier's number says whose it is, in either written form of the agency's code."""
    code = asked.written.code
    read = eid.parse(code)
    if isinstance(read, Malformed):
        return text("testing.broken.malformed", reason=text(f"codes.{read.reason}"))
    number = f"{code}-{asked.day:%y%m%d}-{asked.sequence:04d}"
    back = dossier_number.parse(number)
    if not isinstance(back, DossierNumber):
        return text("testing.broken.number", number=number, reason=text(f"codes.{back.reason}"))
    if (str(back), back.agency.text, back.received, int(back.sequence)) != (
        number, code, asked.day, asked.sequence
    ):  # fmt: skip
        return text("testing.broken.number-other", number=number, back=back.agency)
    return _both_forms(asked.written, read)


def work_is_answered_for(own: Own, asked: Matter) -> str | None:
    """Whatever work an agency has, there is an answer, and who goes on with it is an agency of the day."""
    day = asked.written.file.effective
    eve = day - timedelta(days=1)
    request = AgencyRequest(asked.written.code, eve, day, asked.place, asked.service, asked.works)
    agency_is_answered_for(own.agencies, request, asked.written.code)
    return None


def laws() -> list[Law[Written] | Law[Number] | Law[Matter]]:
    """The laws on agencies."""
    return [
        Law("agency-codes", _written, codes_stand_for_one, _told),
        Law("agency-work", _matters, work_is_answered_for, _told_matter, _drawn_matters),
        Law("numbers", _numbers, numbers_read_back, lambda own, asked: _told(own, asked.written), _drawn),
    ]


def _written(own: Own) -> Iterator[Written]:
    """Every code of every agency, the codes of before first."""
    for side in SIDES:
        for file in own.mapping.agencies:
            for number, one in enumerate(getattr(file, side)):
                for code in _forms(one):
                    yield Written(file, side, number, code)


def _forms(agency: Agency) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in (agency.agency.code, agency.former) if code))


def _found(own: Own, asked: Written, day: date) -> str | None:
    """The lineage finds the agency by this code."""
    found = own.agencies.agency_at(asked.code, day)
    if found is None or found.agency.code != asked.agency.agency.code:
        return text("testing.broken.not-found", day=day)
    return None


def _closed(own: Own, asked: Written) -> Iterator[tuple[AgenciesFile, int]]:
    """The agencies of before, of this or an earlier day, whose code this was and that do not go on."""
    for file in own.mapping.agencies:
        if file.effective > asked.file.effective:
            continue
        for number, one in enumerate(file.before):
            if asked.code in _forms(one) and not _goes_on(file, one):
                yield file, number


def _goes_on(file: AgenciesFile, one: AgencyBefore) -> bool:
    """Whether an agency is led to its own code, or its file has it again with its unit and function."""
    if one.into not in ("unit", "competence"):
        return one.into == one.agency.code
    same = (one.agency.code, one.level, one.function, one.unit)
    return any((after.agency.code, after.level, after.function, after.unit) == same for after in file.after)


def _both_forms(written: Written, read: eid.Eid) -> str | None:
    """The pair that the file gives is found both ways; without one, conversion by rule comes back."""
    agency = written.agency
    other = Form.FORMER if read.form is Form.NEW else Form.NEW
    table = {agency.former: agency.agency.code} if agency.former else {}
    there = convert(read, other, table)
    if isinstance(there, Malformed):
        return None  # not every code has a former form
    back = convert(there.eid, read.form, table)
    if isinstance(back, Malformed) or (table and back.eid.text != read.text):
        return text(
            "testing.broken.forms", there=there.eid, back=back if isinstance(back, Malformed) else back.eid
        )
    by_rule = to_former(read) if other is Form.FORMER else to_new(read)
    if isinstance(by_rule, Malformed):
        return None
    again = to_new(by_rule) if other is Form.FORMER else to_former(by_rule)
    if isinstance(again, Malformed) or _bare(again) != _bare(read):
        return text("testing.broken.forms", there=by_rule, back=again)
    return None


def _bare(read: eid.Eid) -> list[str]:
    """The levels without the zeros that a conversion may add."""
    return [level.lstrip("0") for level in read.levels]


def _numbers(own: Own) -> Iterator[Number]:
    for written in _written(own):
        yield Number(written, written.file.effective, 1)


def _drawn(own: Own) -> st.SearchStrategy[Number] | None:
    written = list(_written(own))
    if not written:
        return None
    return st.builds(
        Number, st.sampled_from(written), st.dates(FIRST_DAY, LAST_DAY), st.integers(1, 9_999_999)
    )


def _matters(own: Own) -> Iterator[Matter]:
    for written in _written(own):
        if written.side == "before":
            yield Matter(written)
            yield Matter(written, works="documents")


def _drawn_matters(own: Own) -> st.SearchStrategy[Matter] | None:
    written = [one for one in _written(own) if one.side == "before"]
    if not written:
        return None
    services = [one.service.code for file in own.mapping.services for one in file.services]
    days = {one.file.effective for one in written}
    places = sorted({one.code for day in days for one in own.lineage.roster(UnitKind.COMMUNE, day)})
    return st.builds(
        Matter,
        st.sampled_from(written),
        st.sampled_from([None, *services]),
        st.sampled_from([None, *places]),
        st.sampled_from(["dossiers", "documents"]),
    )


def _told(own: Own, asked: Written) -> str:
    agency = own.agency(asked.file, asked.side, asked.number)
    return text("testing.code", code=asked.code, agency=agency)


def _told_matter(own: Own, asked: Matter) -> str:
    said = _told(own, asked.written)
    return text(
        f"testing.matter.{asked.works}",
        agency=said,
        service=asked.service or "–",
        place=asked.place or "–",
    )
