"""Every rule on a mapping: what is found, what of it is suppressed."""

from collections.abc import Iterator
from dataclasses import dataclass

from merger.errors import Finding, Place
from merger.lineage import Lineage
from merger.mapping import LoadedMapping
from merger.mapping.growing import growing
from merger.mapping.imported import Draft, Imported
from merger.mapping.models import Definitions, Mapping, UnitsFile
from merger.mapping.tree import Loc
from merger.quality.roster import Roster
from merger.quality.rules import AMBIGUOUS, CONTRADICTIONS, OPEN, RULES, UNKNOWN, UNUSED
from merger.quality.subject import Hit, Subject
from merger.quality.suppress import Suppressed, Suppressions, unknown

PART = "quality"


@dataclass(frozen=True, slots=True)
class Linted:
    """The findings that count, and those that a file suppresses, both in the order of files and lines."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]


@growing()
def lint(loaded: LoadedMapping, roster: Roster | None = None, lineage: Lineage | None = None) -> Linted:
    """Applies every rule. `roster`: an official list of one day, to be compared with the mapping's own;
    `lineage`: that of the mapping, where it was built already."""
    subject = Subject(loaded, roster, lineage)
    hits = list(_hits(subject))
    suppressions = Suppressions(subject, hits, OPEN)
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    for code, hit in hits:
        finding = Finding(PART, code, RULES[code].severity, subject.place(hit), hit.fields)
        reason = suppressions.reason(code, hit)
        if reason:
            suppressed.append(Suppressed(finding, reason))
        else:
            findings.append(finding)
    findings += [
        Finding(PART, AMBIGUOUS, RULES[AMBIGUOUS].severity, subject.place(hit), hit.fields)
        for hit in suppressions.ambiguous()
    ]
    findings += [
        Finding(PART, UNUSED, RULES[UNUSED].severity, subject.place(hit), hit.fields)
        for hit in suppressions.unused(RULES.keys() - OPEN)
        if not (hit.fields["rule"] in _ONLY_WITH_A_LIST and roster is None)
    ]
    return Linted(
        tuple(sorted(findings, key=_order)), tuple(sorted(suppressed, key=lambda one: _order(one.finding)))
    )


def contradictions(imported: Imported) -> list[Finding]:
    """What in changes that were read from tables cannot be true, or not together, each where it was read.

    Drafts that do not know where their values stood are left out.
    """
    drafts = {draft.value.id: draft for draft in imported.drafts if draft.origin}
    units = tuple(draft.value for draft in drafts.values() if isinstance(draft.value, UnitsFile))
    subject = Subject(_Read(Mapping(units=units), (), drafts))
    found = [
        Finding(PART, code, RULES[code].severity, subject.place(hit), hit.fields)
        for code, hit in _hits(subject)
        if code in CONTRADICTIONS
    ]
    return sorted(found, key=_order)


@dataclass(frozen=True, slots=True)
class _Read(LoadedMapping):
    """Drafts as a mapping whose places are those of what was read."""

    drafts: dict[str, Draft]

    def place(self, file: Definitions, loc: Loc = ()) -> Place:
        origin = self.drafts[file.id].origin
        assert origin is not None
        return origin(loc)


def check(loaded: LoadedMapping, lineage: Lineage | None = None) -> list[Finding]:
    """Every finding that is not suppressed, in the order of files and lines. `lineage`: as of `lint`."""
    return list(lint(loaded, lineage=lineage).findings)


_ONLY_WITH_A_LIST = frozenset({"MAP551", "MAP552", "MAP553"})


def _hits(subject: Subject) -> Iterator[tuple[str, Hit]]:
    found: dict[str, list[Hit]] = {
        code: list(rule.check(subject)) for code, rule in RULES.items() if rule.check
    }
    found[UNKNOWN] = list(unknown(subject, RULES.keys() - OPEN))
    about = {code: {hit.key for hit in hits} for code, hits in found.items()}
    for code, hits in found.items():
        said = set().union(*(about[other] for other in RULES[code].unless))
        yield from ((code, hit) for hit in hits if hit.key not in said)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.place.file, finding.place.line, finding.place.column, finding.code
