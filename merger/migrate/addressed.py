"""Rows without a unit's code are looked at for an address, where the signed job says so.

What enters a combination is what the address says in codes (`Said.word`), never a word of its text.
"""

from dataclasses import dataclass
from datetime import date

from merger.lineage import Outcome
from merger.mapping.models import Follows
from merger.migrate.campaign import Campaign
from merger.migrate.combination import days_of
from merger.migrate.job import Job
from merger.migrate.model import ADDRESS
from merger.systems.profile import Dataset, Profile, Role, UnitField

UNDECIDED = "address-undecided"
UNSURE = "address-unsure"
BLANKS = " \t\n\r\u00a0\u3000"
"""A code of nothing else is none."""

_INTO, _OLD, _BY = "into", "old", "by"


def part_of(field: str) -> str:
    """The name under which a combination holds what the address of a unit field says."""
    return f"{field}.{ADDRESS}"


def fields_of(job: Job, dataset: Dataset) -> dict[str, UnitField]:
    """The unit fields whose rows are looked at for an address, by name; none unless the job says so."""
    if job.addresses is None:
        return {}
    return {
        name: unit
        for name, unit in dataset.units.items()
        if unit.address is not None and unit.role is not Role.ORIGIN
    }


@dataclass(frozen=True)
class Said:
    """What an address says.

    `into` is the unit of the cut-over day, `old` the label of the one that is named, `parts` what it was read
    by (`commune=10001`), `by` what else decided (`locality`). Where it decides nothing `why` is the hold's
    reason and `reason` the stable word of `addresses.reason` or `lineage.reason`.
    """

    into: str = ""
    old: str = ""
    by: str = ""
    parts: tuple[str, ...] = ()
    why: str = ""
    reason: str = ""

    @property
    def word(self) -> str:
        """All of it in one text, without a word of the address."""
        if self.why:
            return f"{self.why} {self.reason}"
        named = [
            f"{key}={code}" for key, code in ((_INTO, self.into), (_OLD, self.old), (_BY, self.by)) if code
        ]
        return " ".join([*named, *self.parts])

    @classmethod
    def of(cls, word: str) -> "Said":
        """What `word` made a text of."""
        first, *rest = word.split(" ")
        if first in (UNDECIDED, UNSURE):
            return cls(why=first, reason=" ".join(rest))
        pairs = [token.partition("=")[::2] for token in (first, *rest)]
        own = {key: code for key, code in pairs if key in (_INTO, _OLD, _BY)}
        parts = tuple(f"{key}={code}" for key, code in pairs if key not in own)
        return cls(own[_INTO], own.get(_OLD, ""), own.get(_BY, ""), parts)


class AddressReader:
    """Reads the addresses of one system's rows for a campaign whose job says how sure they must be.

    `evidence`: by what was said, the clauses by which the unit that is named became the one of the cut-over.
    """

    def __init__(self, campaign: Campaign, profile: Profile) -> None:
        self.campaign = campaign
        self.profile = profile
        self.evidence: dict[str, tuple[str, ...]] = {}
        self._starts = [date.fromisoformat(day) for day in campaign.days(profile).starts]

    def read(
        self, dataset: Dataset, unit: UnitField, text: object, day: str | None, service: str | None
    ) -> str:
        """The word for a row's address. `day`: that of its codes; `service`: as the source writes it."""
        words = "" if text is None or isinstance(text, bytes) else str(text)
        follow = (self.campaign.services.follows(service) if service else None) or unit.follows
        days = days_of(self.profile, dataset, self._starts, day)
        found = [self._on(words, one, follow) for one in days]
        valid = [said for said, there in found if there]
        if not valid:
            return found[-1][0].word
        if any(one != valid[0] for one in valid):
            return Said(why=UNDECIDED, reason="day-unclear").word
        return valid[0].word

    def forget(self) -> None:
        """Forgets the addresses read so far."""
        self.campaign.addresses.forget()

    def _on(self, text: str, day: date, follow: Follows | None) -> tuple[Said, bool]:
        """What an address written on a day says, and whether what it names was there then."""
        answer = self.campaign.addresses.find(text, to=self.campaign.day, at=day, follow=follow)
        there = answer.outcome is not Outcome.NOT_VALID
        if not answer.outcome.decided:
            return Said(why=UNSURE if answer.reason == "doubtful" else UNDECIDED, reason=answer.reason), there
        (successor,) = answer.successors
        old = self.campaign.unit_label(answer.unit_old) if answer.unit_old else ""
        parts = dict.fromkeys(f"{part.level.value}={part.code}" for part in answer.parts)
        said = Said(successor.code, old, answer.decided_by, tuple(sorted(parts)))
        sources = (one.source for one in answer.evidence)
        self.evidence.setdefault(said.word, tuple(dict.fromkeys(one for one in sources if one)))
        return said, there
