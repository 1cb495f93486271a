"""Whether agencies bear codes that can be theirs: readable, of nobody else, never given twice."""

from collections.abc import Iterator

from merger.codes.eid import Eid, Form, identity, parse, to_former
from merger.codes.waiting import waits
from merger.lineage.register import Register
from merger.mapping.models import AgenciesFile, Agency
from merger.quality.subject import Hit, Subject

Listed = tuple[AgenciesFile, str, int, Agency]
"""An agency with its file, its side (`before`, `after`) and its place there."""


def codes_of_agencies_are_allocated(subject: Subject) -> Iterator[Hit]:
    """A place-holder stands where an agency's code is still to be allocated."""
    for file, side, index, agency in _all(subject):
        if waits(agency.agency.code):
            yield Hit((file, (side, index, "agency")), agency.agency, {"agency": agency.agency})


def former_codes_are_borne_once(subject: Subject) -> Iterator[Hit]:
    """Two agencies of one time have one code in the former form, entered or converted by rule."""
    first: dict[tuple[object, ...], Agency] = {}
    for file, side, index, agency in _all(subject):
        code = _former(agency)
        if not code:
            continue
        other = first.setdefault((file.effective, side, code), agency)
        if other.agency.code != agency.agency.code:
            fields = {"agency": agency.agency, "other": other.agency, "code": code}
            key = "former" if agency.former else "agency"
            yield Hit((file, (side, index, key)), agency.agency, fields)


def closed_codes_are_not_given_again(subject: Subject) -> Iterator[Hit]:
    """An agency of after bears a code, in either form, of an agency that was closed."""
    again = {(code, day): rest for code, *rest, day in Register(subject.mapping).used_again()}
    for file, side, index, agency in _all(subject):
        found = again.get((agency.agency.code, file.effective)) if side == "after" else None
        if found:
            fields = {"agency": agency.agency, "other": found[0], "closed": found[1]}
            yield Hit((file, (side, index, "agency")), agency.agency, fields)


def codes_of_agencies_have_their_form(subject: Subject) -> Iterator[Hit]:
    """An agency's code is not of the form of Decision 20/2020, or its former code not of the older one."""
    for file, side, index, agency in _all(subject):
        for key, code, form in (
            ("agency", agency.agency.code, Form.NEW),
            ("former", agency.former, Form.FORMER),
        ):
            read = parse(code)
            right = isinstance(read, Eid) and read.form is form
            if code and not right and not waits(code) and subject.codes_of_viet_nam:
                yield Hit((file, (side, index, key)), agency.agency, {"code": code, "form": form.value})


def parents_of_agencies_fit(subject: Subject) -> Iterator[Hit]:
    """An agency's `parent` is no agency of its time, or its code does not stand under that of the parent."""
    known = {(file.effective, side, one.agency.code) for file, side, _, one in _all(subject)}
    for file, side, index, agency in _all(subject):
        there = (file.effective, side, agency.parent) in known
        if agency.parent and not (there and _under(agency)):
            fields = {"agency": agency.agency, "parent": agency.parent}
            yield Hit((file, (side, index, "parent")), agency.agency, fields)


def _under(agency: Agency) -> bool:
    own, parent = parse(agency.agency.code), parse(agency.parent)
    if not (isinstance(own, Eid) and isinstance(parent, Eid)):
        return True
    return identity(own)[:-1] == identity(parent)


def _former(agency: Agency) -> str:
    """The code in the former form: as entered, else by rule; empty where it has none."""
    read = parse(agency.former or agency.agency.code)
    found = to_former(read) if isinstance(read, Eid) else read
    return found.text if isinstance(found, Eid) else ""


def _all(subject: Subject) -> Iterator[Listed]:
    for file in subject.mapping.agencies:
        for side, agencies in (("before", file.before), ("after", file.after)):
            for index, agency in enumerate(agencies):
                yield file, side, index, agency
