"""Single mistakes in the real mapping files, and whether lint finds each."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

from merger.mapping import load, read, shipped
from merger.mapping.write import plain
from merger.quality import lint
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.spoiling import File, Files, kinds

ENOUGH = 0.99

BY_DESIGN = {
    "swap the old units of two changes",
    "swap the new units of two changes",
    "mistype a digit of a code in a change",
    "mistype an area in km²",
    "mistype a letter of a new unit's name",
    "mistype a letter of an old unit's name",
    "mistype a letter of a name in a change",
    "mistype a letter of a district's name",
    "swap the communes of two districts' lists",
}
"""Kinds that nothing in the files can show (docs/rules.md says why). They are counted apart."""

Said = Counter[tuple[str, str]]


def run(count: int, number: int, note: Note, folder: Path | None = None) -> Outcome:
    """`count` single mistakes in the files of units of `folder` (the shipped ones unless given), each kind
    equally often. A mistake is found if lint says anything that it does not say of the files as they are."""
    outcome = Outcome("corrupted-mappings")
    chance = Random(number)
    every = kinds()
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    unseen: list[str] = []
    with tempfile.TemporaryDirectory(prefix="merger-spoilt-") as where:
        bench = _Bench(Path(where), folder or shipped())
        for trial in range(count):
            kind = every[trial % len(every)]
            try:
                id_ = kind.spoil(chance, bench.files)
            except IndexError:
                continue
            changed = bench.write()
            if id_ and changed:
                tried[str(kind)] += 1
                if bench.says_more(id_, changed, everywhere=str(kind) not in BY_DESIGN):
                    found[str(kind)] += 1
                elif str(kind) not in BY_DESIGN:
                    unseen.append(f"{kind}, in {id_}")
            bench.restore(changed)
            note(f"corrupted-mappings: {trial + 1:,} of {count:,}")
    outcome.notes += [f"{kind}: {found[kind]} of {tried[kind]} found" for kind in map(str, every)]
    due = sum(number for kind, number in tried.items() if kind not in BY_DESIGN)
    seen = sum(number for kind, number in found.items() if kind not in BY_DESIGN)
    outcome.counts["mistakes"] = due
    outcome.counts["found"] = seen
    outcome.counts["of kinds that cannot be found"] = sum(tried.values()) - due
    outcome.counts["of these found"] = sum(found.values()) - seen
    outcome.notes += [f"not found: {one}" for one in unseen]
    if due and seen / due < ENOUGH:
        outcome.failures.append(f"{seen} of {due} found, fewer than {ENOUGH:.0%}")
    return outcome


class _Bench:
    """The files in a folder of their own, as data to be spoilt, and what lint says of them unspoilt."""

    def __init__(self, where: Path, folder: Path) -> None:
        self._where = where
        self._texts = {one.id: _text(plain(one)) for one in load([folder]).mapping.units}
        self._clean: dict[tuple[str, ...], Said] = {}
        self.files: Files = {}
        self.restore(self._texts)

    def write(self) -> list[str]:
        """Writes the files that were spoilt, and answers their ids."""
        changed = {id_: _text(file) for id_, file in self.files.items() if _text(file) != self._texts[id_]}
        for id_, text in changed.items():
            self._path(id_).write_text(text, "utf-8")
        return list(changed)

    def restore(self, ids: Iterable[str]) -> None:
        """Makes files what they were."""
        for id_ in ids:
            self.files[id_] = json.loads(self._texts[id_])
            self._path(id_).write_text(self._texts[id_], "utf-8")

    def says_more(self, id_: str, changed: list[str], *, everywhere: bool) -> bool:
        """Whether lint says of the spoilt files what it does not say of them unspoilt: of those of the
        province first and, if that shows nothing and `everywhere`, of all."""
        near = tuple(sorted({key for key in self._texts if _stem(key) == _stem(id_)} | set(changed)))
        return any(self._differs(ids, changed) for ids in (near, tuple(self._texts))[: 1 + everywhere])

    def _differs(self, ids: tuple[str, ...], changed: list[str]) -> bool:
        now = self._said(ids)
        if ids not in self._clean:
            spoilt = {id_: self._path(id_).read_text("utf-8") for id_ in changed}
            for id_ in changed:
                self._path(id_).write_text(self._texts[id_], "utf-8")
            self._clean[ids] = self._said(ids)
            for id_, text in spoilt.items():
                self._path(id_).write_text(text, "utf-8")
        return bool(now - self._clean[ids])

    def _said(self, ids: tuple[str, ...]) -> Said:
        reading = read([self._path(id_) for id_ in ids])
        found = (*reading.findings, *lint(reading.loaded).findings)
        return Counter((one.code, one.place.file) for one in found)

    def _path(self, id_: str) -> Path:
        return self._where / f"{id_}.yaml"


def _text(file: File) -> str:
    return json.dumps(file, ensure_ascii=False)  # JSON is YAML


def _stem(id_: str) -> str:
    """`vn-2025-68` for the ids of all files of one province: `vn-2025-68-earlier` too."""
    return id_.removesuffix("-earlier").removesuffix("-later")
