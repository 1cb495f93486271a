"""One run: every system copied with the same masks, and the copies checked."""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from merger.demo.masking import proof
from merger.demo.masking.cells import Localities
from merger.demo.masking.copying import Columns, copy_database
from merger.demo.masking.masks import Masks
from merger.demo.masking.model import Check, Original, Progress, SystemDone
from merger.demo.masking.roles import Roles
from merger.demo.masking.sampling import links, orphans, sample
from merger.demo.masking.tables import Table, reading, tables
from merger.mapping.models import Mapping
from merger.migrate.campaign import Campaign
from merger.systems.sqlite_tables import quoted

_DATABASE = re.compile(r"^database:.*\n(?:[ \t]+.*\n?)*", re.MULTILINE)
"""The entry of a profile, in one line or several."""


class Run:
    """One run: all systems with the same masks, into a folder that is put in place at the end."""

    def __init__(self, originals: Sequence[Original], campaign: Campaign | None, part: Path) -> None:
        self.originals = originals
        self.campaign = campaign
        self.part = part
        self.kept: dict[str, dict[str, str]] = {}
        self.roles = Roles()
        target = campaign.target.system if campaign else ""
        profiles = {one.system: one.profile for one in originals}
        for one in originals:
            if one.system == target:
                self.roles.add_target(one.system, one.profile)
            else:
                into = (target, profiles[target]) if target else None
                self.roles.add_source(one.system, one.profile, into)
        nobody: set[str] = set()
        names: list[str] = []
        if campaign:
            self.roles.add_rules(campaign.job, profiles)
            nobody = {word for rule in campaign.job.collisions for word in rule.placeholders}
            names = [name for some in campaign.localities().values() for name in some]
        self.localities = Localities(names)
        zone = originals[-1].profile.zone
        self.columns = Columns(self.roles, Masks(nobody=nobody, zone=zone), self.localities)
        self.named = self.roles.named() | set(names)
        if campaign:
            self.named |= set(_names(campaign.mapping.mapping))

    def copy(
        self, open_: dict[str, sqlite3.Connection], rows: int | None, progress: Progress
    ) -> Iterator[SystemDone]:
        """Copies every system. `open_`: the opened sources, by system."""
        found = {one.system: tables(open_[one.system]) for one in self.originals}
        for one in self.originals:
            for table in found[one.system][0]:
                self.roles.add_keys(one.system, table.name, table.key)
                for column, other, key in table.foreign:
                    referred = key or _key_of(found[one.system][0], other)
                    if referred:
                        self.roles.add_foreign_key(one.system, table.name, column, other, referred)
        for one in self.originals:
            source = open_[one.system]
            there, left_out = found[one.system]
            self.kept[one.system] = sample(source, one.profile, there, rows) if rows else {}
            total = sum(
                source.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0] for table in there
            )
            written = 0

            def wrote(more: int, one: Original = one, total: int = total) -> None:
                nonlocal written
                written += more
                progress(f"copy {one.system}", written, total)

            plans = [self.columns.of(one.system, table) for table in there]
            out = self.part / self.place(one)
            out.parent.mkdir(parents=True, exist_ok=True)
            done = copy_database(source, out, plans, left_out, self.kept[one.system], wrote)
            self._write_profile(one)
            yield SystemDone(
                system=one.system,
                profile=str(self.profile_place(one)),
                database=str(self.place(one)),
                tables=tuple(done),
                left_out=tuple(left_out),
            )

    def _write_profile(self, one: Original) -> None:
        """The profile as it is, but of the copy where it names a database."""
        text = one.profile_file.read_text("utf-8")
        if one.profile.database is not None:
            place = os.path.relpath(self.place(one), self.profile_place(one).parent)
            text = _DATABASE.sub("", text)
            text = f"{text.rstrip()}\ndatabase: {{path: {place}}}\n"
        to = self.part / self.profile_place(one)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, "utf-8")

    def place(self, one: Original) -> Path:
        """Where a copy lies in the folder."""
        return Path("databases") / f"{one.system}.db"

    def profile_place(self, one: Original) -> Path:
        """Where a profile lies in the folder."""
        return Path("profiles") / f"{one.system}.yaml"

    def check(
        self, open_: dict[str, sqlite3.Connection], rows: int | None, progress: Progress
    ) -> Iterator[Check]:
        """Looks for people in the copy, and whether all else is there."""
        with ExitStack() as stack:
            copies = {
                one.system: stack.enter_context(closing(reading(self.part / self.place(one))))
                for one in self.originals
            }
            yield self._nobody(open_, copies, progress)
            yield self._combinations(open_, copies, rows)
            yield self._orphans(open_, copies)

    def _nobody(
        self, open_: dict[str, sqlite3.Connection], copies: dict[str, sqlite3.Connection], progress: Progress
    ) -> Check:
        there = {one.system: tables(open_[one.system])[0] for one in self.originals}
        hidden = (
            value
            for one in self.originals
            for value in proof.hidden_values(
                open_[one.system], one.system, there[one.system], self.roles, self.named
            )
        )
        found: Counter[tuple[str, str]] = Counter()
        count = 0
        for number, portion in enumerate(proof.portions(hidden), 1):
            count += len(portion)
            for done, one in enumerate(self.originals, 1):
                found += proof.search(copies[one.system], there[one.system], one.system, portion)
                progress(f"search {number}", done, len(self.originals))
        told = "; ".join(f"{one} → {other}: {cells}" for (one, other), cells in found.most_common(20))
        return Check(code="nobody", state="failed" if found else "passed", count=count, detail=told)

    def _combinations(
        self, open_: dict[str, sqlite3.Connection], copies: dict[str, sqlite3.Connection], rows: int | None
    ) -> Check:
        if rows:
            return Check(code="combinations", state="not-asked")
        differ, count = [], 0
        for one in self.originals:
            source, copy = open_[one.system], copies[one.system]
            for name in proof.same_combinations(source, copy, one.system, one.profile, self.columns):
                differ.append(f"{one.system}/{name}")
            count += len(one.profile.datasets)
        return Check(code="combinations", state="failed" if differ else "passed", count=count,
                     detail=", ".join(differ))  # fmt: skip

    def _orphans(self, open_: dict[str, sqlite3.Connection], copies: dict[str, sqlite3.Connection]) -> Check:
        differ, count = [], 0
        for one in self.originals:
            source, copy = open_[one.system], copies[one.system]
            for link in links(one.profile, tables(source)[0]):
                count += 1
                before = orphans(source, link, self.kept[one.system].get(link.table, ""))
                after = orphans(copy, link)
                if before != after:
                    differ.append(f"{one.system}/{link.table} → {link.other}: {before}, {after}")
        return Check(code="orphans", state="failed" if differ else "passed", count=count,
                     detail="; ".join(differ))  # fmt: skip


def _names(mapping: Mapping) -> Iterator[str]:
    """Names of units, agencies, services and fields."""
    for kind in (mapping.units, mapping.agencies, mapping.services):
        for file in kind:
            yield from _texts_of(file.model_dump(mode="json"))


def _texts_of(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for one in tree.values():
            yield from _texts_of(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _texts_of(one)
    elif isinstance(tree, str):
        yield tree


def _key_of(there: Sequence[Table], name: str) -> str:
    return next((one.key[0] for one in there if one.name == name and len(one.key) == 1), "")
