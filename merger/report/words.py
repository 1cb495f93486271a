"""How a report says things in one language: reasons and checks in words, numbers, times, names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from merger.approval import trail_text
from merger.mapping.models import Title
from merger.messages import catalogue, text_in
from merger.migrate.caveats import caveat_told
from merger.migrate.isolation import isolation_told
from merger.migrate.model import ADDRESS, AGAINST, MANUAL, AgencyName, Caveat

UNKNOWN = "unknown"
"""The code of a unit or agency that is not identified."""

_SEPARATOR = {"vi": ".", "en": ","}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a report in `language` (`vi` or `en`). `titles`: of systems and datasets (see Summary)."""

    language: str
    titles: Mapping[str, Title] = field(default_factory=dict)

    def text(self, key: str, /, **fields: object) -> str:
        """The report's message `key`."""
        return text_in(self.language, f"report.{key}", **fields)

    def reason(self, reason: str, column: str = "") -> str:
        """Why rows are held, in words, with the column whose value brings it about, where one does.
        `collision-<name>` names what must be unique in the target, `refused:<name>` a rule of its table."""
        of, _, rule = reason.partition(":")
        if of == "refused":
            return text_in(self.language, "migrate.reason.refused", name=rule)
        kind, _, name = reason.partition("-")
        if kind == "collision" and name:
            return text_in(self.language, "migrate.reason.collision-family", unique=name)
        said = self._word("reason", reason)
        return self.text("reason_column", reason=said, column=column) if column else said

    def check(self, code: str) -> str:
        """What a check proves, in words."""
        said = self._word("check", code)
        return said[:1].upper() + said[1:]

    def detail(self, detail: str) -> str:
        """What a check counted, in words. A detail that the catalogue has no words for is shown as it is."""
        word, *numbers = detail.split(" ")
        template = catalogue(self.language, "migrate").get(f"detail.{word}")
        if template is None:
            return detail
        return template.format(**dict(number.split("=", 1) for number in numbers))

    def file(self, code: str) -> str:
        """What is to be told of a file, in words."""
        return catalogue(self.language, "files").get(f"{code}.message", code)

    def rule(self, rule: str) -> str:
        """An exclusion rule: its title, where the job gives one, or common words, or its name."""
        return self.title(self.titles.get(f"rule {rule}"), self._word("rule", rule))

    def field(self, name: str) -> str:
        """A part of a combination: a field of a profile, in its own word where that is not a common one."""
        of, _, by = name.rpartition(".")
        if of and by == ADDRESS:
            return self.text("field.of-address", field=self.field(of))
        return self._word("field", name)

    def decided(self, by: str) -> str:
        """What decided (`Outcome.decided_by`). A word that is not known is a rule of competence's name."""
        return "; ".join(self._decided(one) for one in by.split(", ")) if by else ""

    def _decided(self, one: str) -> str:
        name = one.partition(" ")[2]
        if name and one == MANUAL.format(name):
            return self.text("by.named", name=name)
        if name and one == AGAINST.format(name):
            return self.text("by.against", what=self._decided(name))
        known = catalogue(self.language, "report").get(f"by.word.{one}")
        return self.text("by.rule", name=one) if known is None else known

    def isolation(self, level: str) -> str:
        """In which isolation a source was read that had to be copied."""
        return isolation_told(level, self.language)

    def untried(self, dataset: str, rules: Iterable[str]) -> str:
        """Which rules of the target's table of a dataset were not tried on the rows of a plan."""
        return text_in(
            self.language, "migrate.detail.untried-plan", dataset=dataset, rules=", ".join(rules)
        )  # fmt: skip

    def caveat(self, caveat: Caveat) -> str:
        """What must be known of how a source was read."""
        return caveat_told(caveat, self.language)

    def act(self, on: str) -> str:
        """What a legal act decides."""
        return self._word("act", on)

    def state(self, state: str) -> str:
        """The state of a plan, a run or a check."""
        return self._word("state", state)

    def role(self, role: str) -> str:
        """What somebody who signs is; offices that the trust file names in other words stay as they are."""
        return self._word("person", role)

    def digest(self, name: str) -> str:
        """What a digest of a summary is of."""
        kind, _, of = name.partition(" ")
        template = catalogue(self.language, "report").get(f"digest.{kind}")
        return name if template is None else template.format(name=of)

    def anchor(self, anchor: str) -> str:
        """The end of an audit trail as it is copied from paper, with a group that tells errors in copying."""
        try:
            return trail_text.shown(trail_text.read_anchor(anchor))
        except ValueError:
            return anchor

    def number(self, value: int) -> str:
        """An integer with the language's sign between thousands."""
        return f"{value:,}".replace(",", _SEPARATOR[self.language])

    def moment(self, value: datetime) -> str:
        """A time as people write it, with its distance from UTC where it is known."""
        day = self.day(value.date())
        offset = value.strftime("%z")
        zone = f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""
        return f"{value:%H:%M} {day}{zone}"

    def day(self, value: date) -> str:
        """A day as people write it."""
        return f"{value:%d/%m/%Y}" if self.language == "vi" else value.isoformat()

    def title(self, title: Title | None, otherwise: str) -> str:
        """A title in this language, or what stands for it."""
        return otherwise if title is None else str(getattr(title, self.language))

    def system(self, system: str) -> str:
        """What people call a system."""
        return self.title(self.titles.get(system), system)

    def dataset(self, system: str, dataset: str) -> str:
        """What people call a dataset of a system."""
        return self.title(self.titles.get(f"{system}/{dataset}"), dataset)

    def state_of(self, system: str, dataset: str, state: str) -> str:
        """What people call a state of a dataset's rows, and the source's own word."""
        title = self.titles.get(f"state {system}/{dataset} {state}")
        return f"{self.title(title, state)} ({state})" if title else state

    def agency(self, agency: AgencyName) -> str:
        """An agency's name and code."""
        if agency.name:
            return f"{agency.name} ({agency.code})"
        return self.text("unknown_unit") if agency.code == UNKNOWN else agency.code or self.text("nobody")

    def codes(self, codes: Iterable[tuple[str, str | None]]) -> str:
        """A combination of codes; a missing and an empty code are told apart."""
        written = {None: self.text("null"), "": self.text("empty")}
        return "; ".join(f"{self.field(name)} = {written.get(code, code)}" for name, code in codes)

    def _word(self, kind: str, name: str) -> str:
        for part in ("report", "migrate", "lineage"):
            key = f"{kind}.{name}"
            try:
                return catalogue(self.language, part)[key].format()
            except (FileNotFoundError, KeyError, IndexError):
                continue
        return name
