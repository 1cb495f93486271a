"""Files for `mapping lint` and `mapping import`, made unusable in every way we know, or changed at random."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from merger.mapping.imported import Draft
from merger.mapping.workbook import write_workbook
from merger.testing.campaigns import archives, csvs, inputs, resolutions
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.campaigns.watched import Command, changed_at_random, watched
from merger.testing.country import country

UNUSABLE = 2
FORESEEN = (0, 1, 2)

Damage = Callable[[Random, bytes], bytes]
_PLACE = r"(:\d+:\d+|#[^:\n]+)?: \S+ \S"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of input: the file's name, how it is read, sound contents, and how they are spoilt.

    `large`: contents at the limits, each tried once; they may be usable or not.
    """

    file: str
    arguments: Sequence[str]
    sound: Sequence[bytes]
    sure: Mapping[str, Damage]
    random: Damage = changed_at_random
    large: Sequence[tuple[str, Callable[[], bytes]]] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)


def run(command: Command, count: int, number: int, note: Note) -> Outcome:
    """`count` files over all formats, half made unusable for sure, half changed at random; then large ones.

    A file that is unusable must end in exit code 2 and be named with a place in it. Any file must be answered
    within 5 seconds and 500 MB, with 0, 1 or 2, without a traceback, and nothing may be written with 2.
    """
    outcome = Outcome("imports")
    chance = Random(number)
    with tempfile.TemporaryDirectory(prefix="merger-imports-") as folder:
        formats = _formats(chance, Path(folder))
        trials = {name: _Trial(command, name, one, Path(folder), outcome) for name, one in formats.items()}
        for trial in trials.values():
            trial.sound()
        for done in range(count):
            trial = trials[chance.choice(list(trials))]
            trial.spoilt(chance) if done % 2 == 0 else trial.changed(chance)
            if done % 100 == 99:
                note(f"imports: {done + 1:,} of {count:,}")
        for trial in trials.values():
            trial.large()
    outcome.notes.append(
        f"slowest answer {max(trial.seconds for trial in trials.values()):.1f} s, "
        f"most memory {max(trial.megabytes for trial in trials.values()):.0f} MB"
    )
    return outcome


class _Trial:
    def __init__(self, command: Command, name: str, made: Format, folder: Path, outcome: Outcome) -> None:
        self.command = command
        self.name = name
        self.format = made
        self.outcome = outcome
        self.seconds = self.megabytes = 0.0
        self.path = folder / name / made.file
        self.out = folder / name / "out"
        self.path.parent.mkdir()
        for other, content in made.beside.items():
            (self.path.parent / other).write_bytes(content)

    def sound(self) -> None:
        """The contents as they are must be readable, and are read here once so that forks are quick."""
        for content in self.format.sound:
            self.path.write_bytes(content)
            with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
                code = self.command(self._arguments())
            shutil.rmtree(self.out, ignore_errors=True)
            if code not in (0, 1):
                self.outcome.failures.append(f"{self.name}: what is sound ended with {code}")

    def spoilt(self, chance: Random) -> None:
        name, damage = chance.choice(list(self.format.sure.items()))
        self._one(name, damage(chance, chance.choice(self.format.sound)), (UNUSABLE,))

    def changed(self, chance: Random) -> None:
        self._one("random", self.format.random(chance, chance.choice(self.format.sound)), FORESEEN)

    def large(self) -> None:
        for name, made in self.format.large:
            self._one(name, made(), FORESEEN)

    def _arguments(self) -> list[str]:
        places = {"FILE": str(self.path), "OUT": str(self.out), "DIR": str(self.path.parent)}
        return [re.sub("FILE|OUT|DIR", lambda found: places[found[0]], one) for one in self.format.arguments]

    def _one(self, name: str, content: bytes, foreseen: Sequence[int]) -> None:
        self.path.write_bytes(content)
        answer = watched(self.command, [*self._arguments(), "--lang", "en"])
        self.seconds = max(self.seconds, answer.seconds)
        self.megabytes = max(self.megabytes, answer.megabytes)
        self.outcome.counts[f"{self.name}, exit {answer.code}"] += 1
        wrong = answer.wrong(foreseen)
        if answer.code == UNUSABLE and not re.search(re.escape(str(self.path)) + _PLACE, answer.printed):
            wrong.append("no place in the file")
        if answer.code == UNUSABLE and self.out.exists():
            wrong.append("something was written")
        shutil.rmtree(self.out, ignore_errors=True)
        if wrong:
            kept = (
                Path(tempfile.gettempdir()) / f"merger-import-{len(self.outcome.failures)}-{self.path.name}"
            )
            if len(content) < 1_000_000:
                kept.write_bytes(content)
            self.outcome.failures.append(f"{self.name}, {name}: {'; '.join(wrong)} (kept as {kept})")


def _formats(chance: Random, folder: Path) -> dict[str, Format]:
    mapping = country(chance)
    yaml = [Draft(file).text.encode() for file in (*mapping.units, *mapping.localities, *mapping.competence)]
    book = folder / "sound.xlsx"
    write_workbook(mapping, book)
    drawn = ("mapping", "import", "FILE", "--out", "OUT", "--id", "draft", "--from")
    resolution = (*drawn, "resolution", "--before", "DIR/before.csv")
    return {
        "yaml": Format(
            "units.yaml",
            ("mapping", "lint", "FILE"),
            yaml,
            {name: _of_text(damage) for name, damage in inputs.SURE.items()},
            large=[(name, _given(content)) for name, content in inputs.large()],
        ),
        "changes-csv": Format(
            "changes.csv",
            (*drawn, "changes-csv"),
            [csvs.CHANGES.encode()],
            csvs.SURE_CHANGES,
            large=csvs.large(csvs.CHANGES),
        ),
        "crosswalk-csv": Format(
            "crosswalk.csv",
            (*drawn, "crosswalk-csv", "--effective", "2025-07-01"),
            [csvs.CROSSWALK.encode()],
            csvs.SURE_CROSSWALK,
            large=csvs.large(csvs.CROSSWALK),
        ),
        "xlsx": Format(
            "book.xlsx",
            (*drawn, "xlsx"),
            [book.read_bytes()],
            {name: _of_part(damage, "xl/workbook.xml") for name, damage in archives.SURE.items()},
            archives.changed_inside,
            archives.large_books(book.read_bytes()),
        ),
        "resolution": Format(
            "resolution.md",
            resolution,
            [resolutions.TEXT.encode()],
            resolutions.SURE,
            large=resolutions.large(),
            beside={"before.csv": resolutions.BEFORE.encode()},
        ),
        "resolution-docx": Format(
            "resolution.docx",
            resolution,
            [resolutions.sound_docx()],
            {name: _of_part(damage, resolutions.DOCUMENT) for name, damage in archives.SURE.items()},
            archives.changed_inside,
            resolutions.large_docx(),
            {"before.csv": resolutions.BEFORE.encode()},
        ),
    }


def _of_text(damage: inputs.Damage) -> Damage:
    return lambda chance, content: damage(chance, content.decode("utf-8"))


def _of_part(damage: archives.Damage, name: str) -> Damage:
    return lambda chance, content: damage(chance, content, name)


def _given(content: bytes) -> Callable[[], bytes]:
    return lambda: content
