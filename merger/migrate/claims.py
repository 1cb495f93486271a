"""What rows want to be unique in the target, gathered in a scratch file: who claims which value."""

import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.decide import OUTSIDE_SCOPE
from merger.migrate.job import Collision
from merger.migrate.ledger import Ledger, entered, fed
from merger.migrate.projection import Projection, project
from merger.migrate.stage import Stage
from merger.migrate.state import ELSEWHERE, EXCLUDED
from merger.systems import canonical as in_python
from merger.systems.expressions import Column
from merger.systems.functions import alike, canonical, exact, row_hash, trimmed
from merger.systems.stores import Store
from merger.systems.times import BLANKS

KEY = "key"
CHUNK = 5000
STREAMED = {"stream_results": True}
TABLES = """
CREATE TABLE taken (value BLOB, key TEXT, second BLOB);
CREATE TABLE claim (claimer INTEGER, value BLOB, key TEXT, second BLOB, target TEXT,
                    merged INTEGER NOT NULL DEFAULT 0, steady INTEGER NOT NULL DEFAULT 0);
"""
ACTIVE = "NOT steady AND NOT merged"
COLLIDING = f"""
SELECT value FROM claim WHERE {ACTIVE} GROUP BY value HAVING count(*) > 1
UNION SELECT claim.value FROM claim JOIN taken ON taken.value = claim.value
WHERE {ACTIVE} AND (claim.target IS NULL OR claim.target <> taken.key)
"""

Told = tuple[Any, ...]
"""A value (its hash), the key of the row that claims it, and the hash of its second attributes."""


@dataclass(frozen=True)
class Unique:
    """A unique set of a target's dataset, and the job's rule for it."""

    name: str
    columns: tuple[str, ...]
    rule: Collision | None = None

    @property
    def second(self) -> tuple[str, ...]:
        """The columns by which people are told apart, where rows may be merged."""
        return self.rule.second if self.merges and self.rule else ()

    @property
    def merges(self) -> bool:
        return self.rule is not None and self.rule.rule == "merge"


@dataclass(frozen=True)
class Claim:
    """One row of a colliding group. `system` is empty for the target's own row.

    `second`: None where nothing proves who it is. `target`: the key in the target of a row that was moved
    before; of the target's own row, its key. `came`: (system, dataset, key there) of the row of a source that
    was moved into the target's own row; `steady`: whether it is known to say the same still.
    """

    system: str
    dataset: str
    key: str
    second: bytes | None
    target: str = ""
    came: tuple[str, str, str] | None = None
    steady: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """(system, dataset, key) by which every run names the row: a source's wherever it came from one."""
        return self.came or (self.system, self.dataset, self.key)


@dataclass
class Group:
    """Those who claim one value: the target's own rows, rows that are to move, and rows that were moved
    before and say something else now than the target has."""

    own: list[Claim] = field(default_factory=list)
    moving: list[Claim] = field(default_factory=list)
    moved: list[Claim] = field(default_factory=list)


class Gathered:
    """The claims of all systems to one unique set. `scratch`: an empty file of SQLite's."""

    def __init__(
        self, scratch: sqlite3.Connection, campaign: Campaign, target: Store, ledger: Ledger, unique: Unique,
        stages: Sequence[Stage],
    ) -> None:  # fmt: skip
        self.scratch = scratch
        self.campaign = campaign
        self.target = target
        self.ledger = ledger
        self.unique = unique
        self.dataset = campaign.target.profile.datasets[stages[0].dataset.to]
        self.collations = target.collations(self.dataset.table, unique.columns)
        self.stages = stages
        projections = [project(campaign, one) for one in stages]
        self.refers = [
            tuple(one.columns[name].refers if name in one.columns else "" for name in unique.columns)
            for one in projections
        ]
        self.open = bool(self.collations) or any(map(any, self.refers))
        scratch.executescript(TABLES)
        self._projections = projections

    def fill(self) -> None:
        """Gathers what the target has, what rows claim, and which of them were moved before."""
        self._enter("taken (value, key, second)", self._taken())
        for number, (stage, projection) in enumerate(zip(self.stages, self._projections, strict=True)):
            claims = ((number, *one) for one in self._claims(stage, projection, self.refers[number]))
            self._enter("claim (claimer, value, key, second)", claims)
        self.scratch.executescript(
            "CREATE INDEX taken_by ON taken (value); CREATE INDEX claim_key ON claim (claimer, key);"
        )
        for number, stage in enumerate(self.stages):
            moved = entered(self.ledger, stage.system, stage.name)
            while chunk := list(islice(moved, CHUNK)):
                self.scratch.executemany(
                    "UPDATE claim SET target = ?, merged = ? WHERE claimer = ? AND key = ?",
                    [(str(there), merged, number, key) for key, there, merged in chunk],
                )
        self.scratch.executescript(
            "UPDATE claim SET steady = 1 WHERE target IS NOT NULL AND NOT merged AND EXISTS (SELECT 1 FROM"
            " taken WHERE taken.value = claim.value AND taken.key = claim.target"
            " AND taken.second IS claim.second);"
            "CREATE INDEX claim_by ON claim (value);"
        )

    def groups(self) -> Iterator[Group]:
        """The groups of those who claim one value."""
        groups: dict[bytes, Group] = defaultdict(Group)
        own = self.scratch.execute(
            f"SELECT value, key, second FROM taken WHERE value IN ({COLLIDING}) ORDER BY rowid"
        ).fetchall()
        keys = [key for _, key, _ in own]
        came = fed(self.ledger, self.stages[0].dataset.to, keys) if keys and self.ledger.there else {}
        steady = {one for (one,) in self.scratch.execute("SELECT target FROM claim WHERE steady")}
        for value, key, second in own:
            claim = Claim("", "", key, second, key, came.get(key), key in steady)
            groups[value].own.append(claim)
        found = self.scratch.execute(
            f"SELECT claimer, value, key, second, target FROM claim WHERE {ACTIVE} AND value IN ({COLLIDING})"
        ).fetchall()
        for number, value, key, second, target in sorted(found, key=self._place):
            stage = self.stages[number]
            claim = Claim(stage.system, stage.name, key, second, target or "")
            (groups[value].moved if target else groups[value].moving).append(claim)
        yield from groups.values()

    def parted(self) -> Iterator[tuple[Stage, str, Stage | None, str]]:
        """Rows that an earlier run merged and that claim something else now than the rows they were merged
        into: their dataset and key, and those of the survivor where a source has it."""
        asked = "SELECT value, second, target FROM claim WHERE claimer = ? AND key = ?"
        numbers = {(one.system, one.name): number for number, one in enumerate(self.stages)}
        self.scratch.execute("CREATE INDEX IF NOT EXISTS taken_key ON taken (key)")
        for number, stage in enumerate(self.stages):
            for key, where, survivor in self.ledger.merges_of(stage.system, stage.name, stage.dataset.to):
                mine = self.scratch.execute(asked, (number, key)).fetchone()
                there = numbers.get(where) if where else None
                theirs = None if there is None else self.scratch.execute(asked, (there, survivor)).fetchone()
                if mine and not theirs:
                    own = "SELECT value, second FROM taken WHERE key = ?"
                    theirs = self.scratch.execute(own, (mine[2],)).fetchone()
                if not mine or not theirs or mine[1] is None or mine[:2] != theirs[:2]:
                    yield stage, key, None if there is None else self.stages[there], survivor

    def _place(self, row: tuple[int, bytes, str, bytes | None, str | None]) -> tuple[object, ...]:
        """In which order rows are moved: of those that are merged, the first survives."""
        stage, key = self.stages[row[0]], row[2]
        system = [one.system for one in self.campaign.sources].index(stage.system)
        number = int(key) if re.fullmatch("-?[0-9]{1,40}", key) else None
        dataset = self.campaign.sources[system].order.index(stage.name)
        return system, dataset, number is None, number or 0, key

    def _enter(self, table: str, rows: Iterator[tuple[object, ...]]) -> None:
        marks = ", ".join("?" * (table.count(",") + 1))
        while chunk := list(islice(rows, CHUNK)):
            self.scratch.executemany(f"INSERT INTO {table} VALUES ({marks})", chunk)

    # --- what is asked of the databases

    def _taken(self) -> Iterator[Told]:
        known = self.target.columns(self.dataset.table)

        def texts(columns: Iterable[str]) -> list[Column]:
            return [canonical(sa.column(one), known[one].kind, known[one].kind) for one in columns]

        values = texts(self.unique.columns)
        by = [self.collations.get(one, "") for one in self.unique.columns]
        shown = [alike(one, its) if its else one for one, its in zip(values, by, strict=True)]
        asked = (
            sa.select(*texts(self.dataset.key[:1]),
                      self._proof(values, texts(self.unique.second), self._spelt(values)),
                      *self._shown(shown))
            .select_from(sa.table(self.dataset.table, schema=self.target.schema))
            .where(*[one.is_not(None) for one in values])
        )  # fmt: skip
        for key, second, *said in self.target.connection.execute(asked, execution_options=STREAMED):
            yield self._hashed(said), key, second

    def _claims(self, stage: Stage, projection: Projection, refers: Sequence[str]) -> Iterator[Told]:
        staged, columns = projection.staged, projection.columns
        if self.unique.name == KEY:
            kind = stage.columns[self.unique.columns[0]].kind
            values: list[Column] = [canonical(staged.row.key.sql, kind, staged.row.key.kind)]
        else:
            values = [columns[one].text for one in self.unique.columns]
        second = [_text(projection, one, stage.system) for one in self.unique.second]
        own = [one for one, to in zip(values, refers, strict=True) if not to]
        asked = projection.select(
            projection.key, self._proof(own, second, self._spelt(values)), *self._shown(values)
        ).where(
            sa.or_(staged.state.is_(None), staged.state == EXCLUDED + OUTSIDE_SCOPE),
            *[one.is_not(None) for one in values],
        )
        told: Iterator[Told] = (
            tuple(one) for one in stage.store.connection.execute(asked, execution_options=STREAMED)
        )
        while chunk := list(islice(told, CHUNK)):
            shown: list[list[Any]] = [list(one[2:]) for one in chunk]
            for at, (name, to) in enumerate(zip(self.unique.columns, refers, strict=True)):
                if to:
                    _replace(shown, at, self._meant(stage, to, [one[at] for one in shown]))
                if name in self.collations:
                    _replace(shown, at, self._alike(name, [one[at] for one in shown]))
            for (key, second, *_), here in zip(chunk, shown, strict=True):
                yield self._hashed(here), key, second

    def _spelt(self, values: Sequence[Column]) -> list[Column]:
        """The values that must be written alike to be one person's, though the target takes others for
        them."""
        return [
            one
            for at, (name, one) in enumerate(zip(self.unique.columns, values, strict=True))
            if name in self.collations and not any(refers[at] for refers in self.refers)
        ]

    def _shown(self, values: Sequence[Column]) -> list[Column]:
        return list(values) if self.open else [row_hash(values)]

    def _hashed(self, shown: Sequence[object]) -> object:
        return in_python.row_hash(*shown) if self.open else shown[0]

    def _meant(self, stage: Stage, to: str, words: Sequence[str]) -> dict[str, str]:
        """The target's keys of the rows that words mean; of those that it has not yet, where they are."""
        places: dict[str, tuple[str, str, str]] = {}
        wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
        for word in set(words):
            where, _, key = word.removeprefix(ELSEWHERE).partition(":")
            system, _, dataset = where.partition("/")
            places[word] = (system, dataset, key) if word.startswith(ELSEWHERE) else (stage.system, to, word)
            wanted[places[word][:2]].append(places[word][2])
        known = {where: self.ledger.target_keys(*where, keys) for where, keys in wanted.items() if where[0]}
        out: dict[str, str] = {}
        for word, (system, dataset, key) in places.items():
            there = known[system, dataset].get(key) if system else key
            out[word] = f"{ELSEWHERE}{system}/{dataset}:{key}" if there is None else str(there)
        return out

    def _alike(self, column: str, texts: Sequence[str]) -> dict[str, str]:
        """What the target's unique index takes texts for."""
        listed = [(one,) for one in dict.fromkeys(texts)]
        given = self.target.literals("alike", {"text": "text"}, listed)
        asked = sa.select(given.c.text, alike(given.c.text, self.collations[column]))
        return {one[0]: one[1] for one in self.target.connection.execute(asked)}

    def _proof(self, values: Sequence[Column], second: Sequence[Column], spelt: Sequence[Column]) -> Column:
        """The hash of the second attributes, and of what the target takes for the value of others; NULL where
        one is missing, or where a value is blank or much like a placeholder."""
        if not second or not self.unique.rule:
            return sa.null()
        like = ["", *_variants(self.unique.rule.placeholders)]
        nothing: list[Column] = [exact(trimmed(one, BLANKS)).in_(like) for one in values]
        nothing += [sa.or_(one.is_(None), exact(trimmed(one, BLANKS)) == "") for one in second]
        return sa.case((sa.or_(*nothing), sa.null()), else_=row_hash([*spelt, *second]))


def _replace(rows: Sequence[list[Any]], at: int, by: Mapping[str, str]) -> None:
    for one in rows:
        one[at] = by[one[at]]


def _text(projection: Projection, column: str, system: str) -> Column:
    """What a row would hold; a reference stands for itself."""
    content = projection.columns[column]
    return sa.literal(f"{system}:").concat(content.text) if content.refers else content.text


def _variants(placeholders: Iterable[str]) -> list[str]:
    """Placeholders as they are written in other cases and in other Unicode forms."""
    written = {one.strip(BLANKS) for one in placeholders}
    cased = {form(one) for one in written for form in (str, str.lower, str.upper, str.capitalize, str.title)}
    return sorted({unicodedata.normalize(form, one) for one in cased for form in ("NFC", "NFD")} - {""})
