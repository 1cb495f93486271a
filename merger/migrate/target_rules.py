"""Rules of the target's own tables, tried on the rows that are to move before any does.

Checks, domains, and unique indexes over expressions, over some rows, over the beginnings of texts or over
columns that the database itself fills. What nobody can tell beforehand is told: a batch that such a rule
refuses is taken back, with the rule's name.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, TypeVar

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.claims import CHUNK, STREAMED, Gathered, Told, Unique
from merger.migrate.decide import OUTSIDE_SCOPE
from merger.migrate.job import Collision
from merger.migrate.projection import Projection, project
from merger.migrate.stage import Stage
from merger.migrate.state import EXCLUDED
from merger.systems import canonical as in_python
from merger.systems.kinds import Kind
from merger.systems.rules import FAILED, Answers, Judge, Rule, judge_of, knowable, rules_of
from merger.systems.stores import Store

REFUSED = "refused"
T = TypeVar("T")
Texts = tuple[str | None, ...]
LONG = 2**21
"""Characters that rows may have together which travel within one statement."""
REMEMBERED = 100_000
"""Of how many distinct values is kept what the rules said."""


class CannotTell(Exception):
    """A rule's own SQL fails over rows that are not there yet."""


class TargetRules:
    """The rules of the tables of an opened target. `untried`: by dataset of the target, the rules that were
    asked for and of which nothing can be told."""

    def __init__(self, campaign: Campaign, target: Store) -> None:
        self.campaign = campaign
        self.target = target
        self.untried: dict[str, set[str]] = defaultdict(set)
        self._rules: dict[str, list[Rule]] = {}

    def look_at(self, stage: Stage) -> None:
        """Notes which rules cannot be tried on the rows of a dataset."""
        self._checks(stage)
        self.uniques([stage])

    def refused(self, stage: Stage) -> Iterator[tuple[str, str]]:
        """(key, rule) of the rows that are to move and that a check refuses."""
        rules = self._checks(stage)
        if not rules:
            return
        projection = project(self.campaign, stage)
        known: dict[Texts, str] = {}
        with closing(self.judge(stage, rules)) as judge:
            try:
                for chunk in _rows(stage, projection, judge, projection.staged.state.is_(None)):
                    if len(known) > REMEMBERED:
                        known.clear()
                    new = list(dict.fromkeys(texts for _, texts in chunk if texts not in known))
                    for texts, answers in zip(new, _judged(judge, new), strict=True):
                        by = (rule.name for rule, said in zip(rules, answers, strict=True) if said[0])
                        known[texts] = next(by, "")
                    yield from ((key, known[texts]) for key, texts in chunk if known[texts])
            except CannotTell:
                self.untried[stage.dataset.to].update(one.name for one in rules)

    def uniques(self, stages: Sequence[Stage]) -> list[Rule]:
        """What the rows of datasets that move into one table may not repeat, beyond the sets of columns that
        they all fill."""
        found = []
        for rule in self._of(stages[0].dataset.to):
            lacking = [one for one in stages if not set(rule.plain) <= set(one.dataset.columns)]
            if rule.what == "check" or not any(self._concerns(rule, one) for one in stages):
                continue
            if rule.plain and all(self._leaves_null(one, rule) for one in lacking):
                continue
            if rule.what == "unique" and all(rule.needs <= self._knowable(one) for one in stages):
                found.append(rule)
            else:
                self.untried[stages[0].dataset.to].add(rule.name)
        return found

    def _checks(self, stage: Stage) -> list[Rule]:
        rules = [
            one
            for one in self._of(stage.dataset.to)
            if one.what == "check" and self._concerns(one, stage) and not self._are_documents(one, stage)
        ]
        known = self._knowable(stage) if rules else set()
        self.untried[stage.dataset.to].update(one.name for one in rules if not one.needs <= known)
        return [one for one in rules if one.needs <= known]

    def _concerns(self, rule: Rule, stage: Stage) -> bool:
        """Whether what rows fill may break a rule."""
        known = self.target.columns(self._table(stage.dataset.to))
        return any(one in stage.dataset.columns or known[one].generated for one in rule.needs)

    def _are_documents(self, rule: Rule, stage: Stage) -> bool:
        """Whether a rule asks for JSON where the source's own column holds nothing else."""
        if not rule.documents:
            return False
        store, table = stage.store, stage.dataset.table
        (value,) = (stage.dataset.columns[name] for name in rule.needs)
        own = store.columns(table).get(value.column) if value.is_plain else None
        if own is None:
            return False
        if own.kind in (Kind.JSON, Kind.JSONB):
            return True
        kept = rules_of(store, table) if store.dialect == self.target.dialect else []
        return any(one.documents and one.needs == {own.name} for one in kept)

    def _leaves_null(self, stage: Stage, rule: Rule) -> bool:
        """Whether a column of a rule stays NULL, with which nothing is the same."""
        known = self.target.columns(self._table(stage.dataset.to))
        return any(
            known[one].default is None and not known[one].generated and one not in stage.dataset.columns
            for one in rule.plain
        )

    def _of(self, target: str) -> list[Rule]:
        if target not in self._rules:
            self._rules[target] = rules_of(self.target, self._table(target))
        return self._rules[target]

    def _knowable(self, stage: Stage) -> set[str]:
        filled, unknown = self._filled(stage)
        return knowable(self.target, self._table(stage.dataset.to), filled, unknown)

    def _filled(self, stage: Stage) -> tuple[set[str], set[str]]:
        """The columns that rows fill with what is known, and those that get keys of the target."""
        key = self.campaign.target.profile.datasets[stage.dataset.to].key[0]
        refers = {name for name, one in stage.dataset.columns.items() if one.reference}
        unknown = {key, *refers}
        return set(stage.dataset.columns) - unknown, unknown

    def judge(self, stage: Stage, rules: Sequence[Rule]) -> Judge:
        """A judge of a dataset's rows by rules that can be tried."""
        return judge_of(self.target, self._table(stage.dataset.to), self._filled(stage)[0], rules)

    def _table(self, target: str) -> str:
        return self.campaign.target.profile.datasets[target].table


class GatheredByRule(Gathered):
    """The claims of all systems to what a rule lets nobody repeat."""

    def __init__(
        self, scratch: Any, rules: TargetRules, ledger: Any, rule: Rule, stages: Sequence[Stage]
    ) -> None:
        target = stages[0].dataset.to
        hold = Collision.model_construct(dataset=target, unique=rule.name, rule="hold")
        super().__init__(scratch, rules.campaign, rules.target, ledger, Unique(rule.name, (), hold), stages)
        self.rules = rules
        self.rule = rule

    def fill(self) -> None:
        try:
            super().fill()
        except CannotTell:
            self.rules.untried[self.stages[0].dataset.to].add(self.rule.name)
            self.scratch.executescript("DELETE FROM claim; DELETE FROM taken;")

    def _taken(self) -> Iterator[Told]:
        with closing(judge_of(self.target, self.dataset.table, (), [self.rule])) as judge:
            for key, (said,) in _told(judge.there(self.dataset.key[0])):
                if (value := self._value(said)) is not None:
                    yield value, key, None

    def _claims(self, stage: Stage, projection: Projection, _: Sequence[str]) -> Iterator[Told]:
        staged = projection.staged
        with closing(self.rules.judge(stage, [self.rule])) as judge:
            claiming = sa.or_(staged.state.is_(None), staged.state == EXCLUDED + OUTSIDE_SCOPE)
            for chunk in _rows(stage, projection, judge, claiming):
                judged = _judged(judge, [texts for _, texts in chunk])
                for (key, _texts), (said,) in zip(chunk, judged, strict=True):
                    if (value := self._value(said)) is not None:
                        yield value, key, None

    def _value(self, said: Sequence[Any]) -> bytes | None:
        """What is claimed, as one hash; None where nothing is."""
        counts, *texts = said
        if not counts or (None in texts and not self.rule.nulls):
            return None
        return in_python.row_hash(*texts)


def _judged(judge: Judge, rows: Sequence[Texts]) -> list[Answers]:
    return list(_told(judge.judged(rows)))


def _told(answers: Iterator[T]) -> Iterator[T]:
    """What a database answers of its rules. Raises CannotTell where these fail, unless that may pass."""
    try:
        yield from answers
    except FAILED as error:
        if getattr(error, "transient", False):
            raise
        raise CannotTell from error


def _rows(
    stage: Stage, projection: Projection, judge: Judge, which: sa.ColumnElement[bool]
) -> Iterator[list[tuple[str, Texts]]]:
    """(key, texts that a judge gets) of rows, some at a time; few where they are long."""
    texts = [projection.columns[name].text for name in judge.filled]
    asked = projection.select(projection.key, *texts).where(which)
    chunk: list[tuple[str, Texts]] = []
    length = 0
    for one in stage.store.connection.execute(asked, execution_options=STREAMED):
        row: Texts = tuple(one[1:])
        chunk.append((str(one[0]), row))
        length += sum(len(text) for text in row if text is not None)
        if len(chunk) == CHUNK or length > LONG:
            yield chunk
            chunk, length = [], 0
    if chunk:
        yield chunk
