"""What runs must do, in plain Python: a book of the old system, the platform and the ledger.

Nothing of the engine is used here. A row of the platform is known by its key, which the ledger tells once the
row was moved; a reference is a *word*: ("citizens", key in the source), ("own", key in the target), or None.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from merger.testing.runs.entries import UPDATED, WITHDRAWN, Entry, Fate, Planned, Row, Where, Word
from merger.testing.runs.tables import DATASETS, FILLED, REFERS, UNIQUE

MOVE: Fate = ("move", "")
OTHER_PERSON = "same-number-other-person"
ALREADY: Fate = ("exclude", "already-moved")
WARDS = {"10002": "10001", "10005": "10005"}
"""The commune that follows an old one; every other code is of none."""
PLACEHOLDER = "000000001"
OF_TABLE = {table: name for name, table in DATASETS.items()}


@dataclass
class Book:
    """The state of everything. `source`: rows by dataset and key; `target`: by table and key; `ledger`: by
    dataset and key."""

    source: dict[str, dict[Any, Row]] = field(default_factory=lambda: {name: {} for name in DATASETS})
    target: dict[str, dict[Any, Row]] = field(default_factory=lambda: {t: {} for t in DATASETS.values()})
    ledger: dict[str, dict[Any, Entry]] = field(default_factory=lambda: {name: {} for name in DATASETS})

    # --- planning

    def plan(self, scope: str = "", seen: Planned | None = None) -> Planned:
        """What a plan must say now; or, of a plan `seen` before, what its run must do now."""
        if seen is None:
            held, merges = self._collisions(scope)
            out = Planned(scope, held, merges, self.combinations())
        else:
            out = replace(seen, counts={}, new={}, merged=[], changed={}, gone={})
        fates: dict[str, dict[Any, Fate]] = {}
        for name in DATASETS:
            fates[name] = self._fates(name, fates, scope, out.held)
            self._since(name, fates[name], out, planning=seen is None)
        for name, rows in fates.items():
            done = self.standing(name)
            out.counts[name] = Counter(
                ALREADY if key in done and fate[0] != "hold" else fate for key, fate in rows.items()
            )
        return out

    def combinations(self) -> set[tuple[Any, ...]]:
        """The distinct codes of dossiers, with the rule that leaves a row, and whether there are citizens:
        they have no codes."""
        done = self.standing("dossiers")
        return {
            (row["commune"], row["status"] == "done" and key not in done)
            for key, row in self.source["dossiers"].items()
        } | ({("citizens",)} if self.source["citizens"] else set())

    def standing(self, name: str) -> dict[Any, Entry]:
        """The entries of a dataset that were not withdrawn."""
        return {key: one for key, one in self.ledger[name].items() if one.stands}

    def _fates(
        self, name: str, others: Mapping[str, dict[Any, Fate]], scope: str, held: Mapping[Where, str]
    ) -> dict[Any, Fate]:
        judged = {}
        for key, row in self.source[name].items():
            fate = getattr(self, f"_{name}")(key, row, others, scope)
            if fate == MOVE and (name, key) in held:
                fate = ("hold", held[name, key])
            judged[key] = fate
        return judged

    def _citizens(self, _key: Any, _row: Row, _others: object, _scope: str) -> Fate:
        return MOVE

    def _dossiers(self, key: Any, row: Row, others: Mapping[str, dict[Any, Fate]], scope: str) -> Fate:
        if row["status"] == "done" and key not in self.standing("dossiers"):
            return "exclude", "finished-stays"
        ward = WARDS.get(row["commune"])
        if ward is None:
            return "hold", "unit"
        if scope and ward != scope:
            return "exclude", "outside-scope"
        person = row["citizen_id"]
        if person is not None:
            if person not in self.source["citizens"]:
                return "hold", "orphan"
            if others["citizens"][person][0] == "hold":
                return "hold", "reference-held"
        return MOVE

    def _steps(self, _key: Any, row: Row, others: Mapping[str, dict[Any, Fate]], _scope: str) -> Fate:
        parent = others["dossiers"].get(row["dossier_id"])
        if parent is None:
            return "hold", "orphan"
        return ("hold", "parent-held") if parent[0] == "hold" else parent

    # --- collisions

    def _collisions(self, scope: str) -> tuple[dict[Where, str], dict[Any, Word]]:
        """Rows that are held since others want what they want to be unique by, and people who are merged."""
        held: dict[Where, str] = {}
        merges: dict[Any, Word] = {}
        fates: dict[str, dict[Any, Fate]] = {}
        for name, table in DATASETS.items():
            fates[name] = self._fates(name, fates, scope, held)
            claims: dict[Any, list[Any]] = defaultdict(list)
            for key, fate in sorted(fates[name].items()):
                value = self._value(name, key)
                if fate in (MOVE, ("exclude", "outside-scope")) and value is not None:
                    claims[value].append(key)
            for value, keys in claims.items():
                column = UNIQUE.get(table, "id")
                taken = [one for one, row in self.target[table].items() if row[column] == value]
                self._settle(name, keys, taken, held, merges)
            if name == "citizens":
                self._part(held)
            fates[name] = self._fates(name, fates, scope, held)
        return held, merges

    def _settle(
        self, name: str, keys: list[Any], taken: list[Any], held: dict[Where, str], merges: dict[Any, Word]
    ) -> None:
        """One value: the rows of the source that claim it, and those of the platform that have it."""
        done = self.standing(name)
        moving = [key for key in keys if key not in done]
        moved = [
            key
            for key in keys
            if key in done
            and not done[key].merged
            and not self._is_steady(name, key)
            and self._says_else(name, key)
        ]
        elsewhere = [key for key in moved if done[key].target not in taken]
        if len(taken) + len(moving) + len(elsewhere) < 2:
            return
        if name != "citizens":
            why = "collision-number" if name == "dossiers" else "collision"
            held |= {(name, key): why for key in (*moving, *elsewhere)}
            return
        people = {self.source[name][key]["name"] for key in moving}
        people |= {self.target["p_applicant"][key]["name"] for key in taken}
        if moved or len(taken) > 1 or len(people) > 1 or any(map(self._is_doubtful, taken)):
            held |= {(name, key): OTHER_PERSON for key in (*moving, *elsewhere)}
            return
        survivor = self._word("p_applicant", taken[0]) if taken else (name, moving[0])
        merges |= dict.fromkeys(moving if taken else moving[1:], survivor)

    def _is_steady(self, name: str, key: Any) -> bool:
        """Whether the platform has a moved row's unique value, and of a person the name, as its source."""
        row = self.target[DATASETS[name]].get(self.ledger[name][key].target)
        if row is None:
            return False
        column = UNIQUE.get(DATASETS[name], "id")
        alike = name != "citizens" or row["name"] == self.source[name][key]["name"]
        return alike and bool(row[column] == self._value(name, key))

    def _says_else(self, name: str, key: Any) -> bool:
        """Whether the source says something else than was moved."""
        return self.content(name, key, {}) != self.ledger[name][key].content

    def _is_doubtful(self, target: Any) -> bool:
        """Whether a person of the platform was moved there and the source does not say the same still."""
        return any(
            one.target == target
            and not one.merged
            and not (key in self.source["citizens"] and self._is_steady("citizens", key))
            for key, one in self.standing("citizens").items()
        )

    def _part(self, held: dict[Where, str]) -> None:
        """People who were merged, and of whom one says something else now, so that they do not agree."""
        people, done = self.source["citizens"], self.standing("citizens")
        for key, entry in done.items():
            if not entry.merged or key not in people:
                continue
            survivor = next(
                (k for k, one in done.items() if one.target == entry.target and not one.merged), None
            )
            claims = survivor in people and self._value("citizens", survivor) is not None
            theirs = people[survivor] if claims else self.target["p_applicant"].get(entry.target)
            number = self._value("citizens", survivor) if claims else theirs and theirs["idNo"]
            mine = self._value("citizens", key)
            if mine is not None and theirs and (mine, people[key]["name"]) == (number, theirs["name"]):
                continue
            changed = survivor in people and self._says_else("citizens", survivor)
            if changed or self._says_else("citizens", key):
                held["citizens", key] = OTHER_PERSON
            if changed:
                held["citizens", survivor] = OTHER_PERSON

    def _value(self, name: str, key: Any) -> Any:
        if name == "steps":
            return key
        row = self.source[name][key]
        value = row["idno"] if name == "citizens" else row["number"]
        return None if value == PLACEHOLDER else value

    # --- what became of rows since

    def _since(self, name: str, fates: dict[Any, Fate], out: Planned, *, planning: bool) -> None:
        done = self.standing(name)
        new = [key for key, fate in sorted(fates.items()) if fate == MOVE and key not in done]
        merging = out.merges if name == "citizens" else {}
        out.new[name] = [key for key in new if key not in merging]
        if name == "citizens":
            out.merged = [key for key in new if key in merging]
        out.changed[name], out.gone[name] = [], []
        for key, entry in done.items():
            if key not in fates:
                if self._goes(name, key, entry, out):
                    out.gone[name].append(key)
                continue
            if planning and fates[key] == MOVE and entry.target not in self.target[DATASETS[name]]:
                fates[key] = ("hold", "deleted-in-target")
                out.held[name, key] = "deleted-in-target"
            if entry.merged or fates[key] != MOVE:
                continue
            content = self.content(name, key, out.merges)
            if content == entry.content:
                continue
            found = self.found(name, entry)
            if found in (entry.content, content):
                out.changed[name].append(key)
            elif planning:
                fates[key] = ("hold", "changed-on-both-sides")
                out.held[name, key] = "changed-on-both-sides"

    def _goes(self, name: str, key: Any, entry: Entry, out: Planned) -> bool:
        if entry.merged:
            return True
        found = self.found(name, entry)
        if found is None or found == entry.content:
            return True
        out.held[name, key] = "changed-on-both-sides"
        return False

    def content(self, name: str, key: Any, merges: Mapping[Any, Word]) -> Row:
        """What a row of the source is to be in the platform, references as words."""
        row = self.source[name][key]
        if name == "citizens":
            return {"name": row["name"], "idNo": self._value(name, key)}
        if name == "steps":
            return {"dossierId": ("dossiers", row["dossier_id"]), "note": row["note"]}
        return {
            "number": row["number"], "ward": WARDS[row["commune"]],
            "applicantId": self._survivor(row["citizen_id"], merges), "status": row["status"],
            "note": row["note"],
        }  # fmt: skip

    def _survivor(self, key: Any, merges: Mapping[Any, Word]) -> Word:
        if key is None:
            return None
        entry = self.standing("citizens").get(key)
        if entry is not None and entry.merged:
            return self._word("p_applicant", entry.target)
        return merges.get(key) or ("citizens", key)

    def found(self, name: str, entry: Entry) -> Row | None:
        """What the platform has of a moved row now, references as words."""
        table = DATASETS[name]
        row = self.target[table].get(entry.target)
        if row is None:
            return None
        out = {column: row[column] for column in FILLED[table]}
        if table in REFERS:
            column, other = REFERS[table]
            out[column] = self._word(other, out[column])
        return out

    def _word(self, table: str, key: Any) -> Word:
        if key is None:
            return None
        name = OF_TABLE[table]
        for source_key, one in self.standing(name).items():
            if one.target == key and not one.merged:
                return name, source_key
        return "own", key

    # --- running

    def apply(self, run: str, planned: Planned, keys: Mapping[Where, Any]) -> None:
        """What a run does. `keys`: what the ledger says of the keys of rows that are new to it."""
        for name, table in DATASETS.items():
            for key in planned.new[name]:
                content = self.content(name, key, planned.merges)
                self.ledger[name][key] = Entry(content, keys[name, key], run)
            for key in planned.merged if name == "citizens" else ():
                content = self.content(name, key, {})
                word = planned.merges[key]
                assert word is not None
                target = word[1] if word[0] == "own" else self.ledger["citizens"][word[1]].target
                self.ledger[name][key] = Entry(content, target, run, merged=True)
            for key in planned.new[name]:
                entry = self.ledger[name][key]
                empty = {"remark": None} if table == "p_dossier" else {}
                self.target[table][entry.target] = {
                    "id": entry.target,
                    **empty,
                    **self._resolved(name, entry),
                }
            for key in planned.changed[name]:
                entry = self.ledger[name][key]
                entry.content = self.content(name, key, planned.merges)
                entry.state, entry.changed_by = UPDATED, run
                self.target[table][entry.target] |= self._resolved(name, entry)
        for name in reversed(DATASETS):
            self._withdraw(run, name, planned.gone[name])

    def _resolved(self, name: str, entry: Entry) -> Row:
        """The content of an entry with references as keys."""
        out = dict(entry.content)
        table = DATASETS[name]
        if table in REFERS and (word := out[REFERS[table][0]]) is not None:
            out[REFERS[table][0]] = word[1] if word[0] == "own" else self.ledger[word[0]][word[1]].target
        return out

    def _withdraw(self, run: str, name: str, keys: list[Any]) -> None:
        entries = self.ledger[name]
        for key in sorted(keys, key=lambda one: not entries[one].merged):  # merged ones first
            entry = entries[key]
            if not entry.merged and entry.target in self.target[DATASETS[name]]:
                if self.is_referred(name, entry) or self._is_merged_into(name, entry):
                    continue
                del self.target[DATASETS[name]][entry.target]
            entry.state, entry.changed_by = WITHDRAWN, run

    def is_referred(self, name: str, entry: Entry) -> bool:
        """Whether a row of the platform refers to a moved one."""
        return any(
            row[column] == entry.target
            for table, (column, other) in REFERS.items()
            if other == DATASETS[name]
            for row in self.target[table].values()
        )

    def _is_merged_into(self, name: str, entry: Entry) -> bool:
        return any(one.merged and one.target == entry.target for one in self.standing(name).values())

    # --- rolling back

    def roll_back(self, run: str) -> dict[str, tuple[int, int]]:
        """Takes out a run. Answers by dataset how many rows it takes out and how many are kept."""
        out = {}
        for name in reversed(DATASETS):
            entries = self.ledger[name]
            mine = {key: one for key, one in entries.items() if one.run == run}
            for key, one in mine.items():
                if one.merged or not one.stands:
                    del entries[key]
            removed = kept = 0
            for key, one in mine.items():
                if one.merged or not one.stands:
                    continue
                found = self.found(name, one)
                if found == one.content and not self.is_referred(name, one) and not self._is_merged_into(
                    name, one
                ):  # fmt: skip
                    del self.target[DATASETS[name]][one.target]
                    del entries[key]
                    removed += 1
                else:
                    kept += 1
            kept += sum(one.changed_by == run != one.run for one in entries.values())
            out[name] = removed, kept
        return out

    # --- verifying

    def differences(self, run: str, planned: Planned) -> Iterator[tuple[str, str, str]]:
        """(dataset, key, kind) of the rows of a run in which source and platform must be found to differ,
        while the source is as it was when the run ended."""
        held = planned.held
        fates: dict[str, dict[Any, Fate]] = {}
        for name in DATASETS:
            fates[name] = self._fates(name, fates, planned.scope, held)
            for key, entry in self.standing(name).items():
                if entry.merged or run not in (entry.run, entry.changed_by):
                    continue
                found = self.found(name, entry)
                if key not in fates[name]:
                    if found is not None:
                        yield name, str(key), "extra"
                elif fates[name][key] == MOVE:
                    if found is None:
                        yield name, str(key), "missing"
                    elif found != self.content(name, key, planned.merges):
                        yield name, str(key), "changed"
