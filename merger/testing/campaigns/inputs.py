"""Mapping, job and profile files made unusable in every way we know, and files changed at random."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.campaigns.watched import Answer, Command, changed_at_random, watched
from merger.testing.world import made_world

Damage = Callable[[Random, str], bytes]

NESTING = 50_000_000
UNUSABLE = 2
FORESEEN = (0, 1, 2, 3)


def run(command: Command, count: int, number: int, note: Note) -> Outcome:
    """`count` files, half made unusable for sure, half changed at random, and then the large ones.

    A file that is unusable must end in exit code 2 with its own file, line and column; any file must be
    answered within 5 seconds and 500 MB, without a traceback, and without anything written unless the job
    could be planned.
    """
    outcome = Outcome("inputs")
    chance = Random(number)
    with tempfile.TemporaryDirectory(prefix="merger-inputs-") as folder:
        job = made_world(chance, dossiers=5).write(Path(folder) / "job")
        trial = _Trial(command, job, outcome)
        for done in range(count):
            path = chance.choice(trial.files)
            if done % 2 == 0:
                name, damage = chance.choice(list(SURE.items()))
                trial.one(name, path, damage(chance, path.read_text("utf-8")), sure=True)
            else:
                trial.one("random", path, changed_at_random(chance, path.read_bytes()), sure=False)
            if done % 100 == 99:
                note(f"inputs: {done + 1:,} of {count:,}")
        for name, content in large():
            for path in trial.files:
                trial.one(name, path, content, sure=True)
    return outcome


class _Trial:
    def __init__(self, command: Command, job: Path, outcome: Outcome) -> None:
        self.command = command
        self.job = job
        self.outcome = outcome
        self.files = sorted(job.parent.rglob("*.yaml"))
        self.plan = job.parent / "plan.json"

    def one(self, name: str, path: Path, content: bytes, *, sure: bool) -> None:
        """Plans the job with one file changed, and puts the file back."""
        original = path.read_bytes()
        if content == original:
            return
        before = self._others(path)
        path.write_bytes(content)
        answer = watched(self.command, ["plan", str(self.job), "--out", str(self.plan), "--lang", "en"])
        self.outcome.counts[name if sure else f"{name}, exit {answer.code}"] += 1
        wrong = self._wrong(path, answer, sure)
        if self.plan.exists() and answer.code in (0, 1):
            self.plan.unlink()
        if self._others(path) != before:
            wrong.append("something was written")
        if wrong:
            kept = Path(tempfile.gettempdir()) / f"merger-input-{len(self.outcome.failures)}-{path.name}"
            if len(content) < 1_000_000:
                kept.write_bytes(content)
            self.outcome.failures.append(f"{name} in {path.name}: {'; '.join(wrong)} (kept as {kept})")
        path.write_bytes(original)

    def _wrong(self, path: Path, answer: Answer, sure: bool) -> list[str]:
        wrong = answer.wrong((UNUSABLE,) if sure else FORESEEN)
        named = re.escape(str(path)) if sure else r"\.yaml"
        if answer.code == UNUSABLE and not re.search(named + r":\d+:\d+: \S+ \S", answer.printed):
            wrong.append("no file, line and column")
        return wrong

    def _others(self, path: Path) -> dict[Path, bytes]:
        """Every file of the job's folder but the changed one and locks; the plan once it is there."""
        return {
            one: one.read_bytes()
            for one in self.job.parent.rglob("*")
            if one.is_file() and one != path and one.suffix != ".merger-lock"
        }


def _line(chance: Random, text: str, pattern: str) -> tuple[list[str], int]:
    """The lines of a file, and the number of one that a pattern fits (any line if none does)."""
    lines = text.splitlines(keepends=True)
    fitting = [at for at, line in enumerate(lines) if re.search(pattern, line)]
    return lines, chance.choice(fitting or range(len(lines)))


def _unknown_key(chance: Random, text: str) -> bytes:
    lines, at = _line(chance, text, r"^[a-z_]+:")
    lines.insert(at, "zzz_unknown: 1\n")
    return "".join(lines).encode()


def _duplicate_key(chance: Random, text: str) -> bytes:
    lines, at = _line(chance, text, r"^[a-z_]+: \S")
    return "".join([*lines, lines[at]]).encode()


def _missing_key(_chance: Random, text: str) -> bytes:
    return re.sub(r"^schema: .*\n", "", text, count=1, flags=re.MULTILINE).encode()


def _wrong_schema(_chance: Random, text: str) -> bytes:
    return re.sub(r"^schema: .*$", "schema: merger/nothing/9", text, count=1, flags=re.MULTILINE).encode()


def _wrong_type(_chance: Random, text: str) -> bytes:
    return re.sub(r"^schema: (.*)$", r"schema: [\1]", text, count=1, flags=re.MULTILINE).encode()


def _malformed(chance: Random, text: str) -> bytes:
    lines, at = _line(chance, text, r"^[a-z_]+: \S")
    lines[at] = chance.choice(['x: "open\n', "x: [1, 2\n", "x: {a: 1\n", "a: b: c\n", "x: @at\n", "\tx: 1\n"])
    return "".join(lines).encode()


def _not_utf_8(chance: Random, text: str) -> bytes:
    content = text.encode()
    place = chance.randrange(len(content))
    return content[:place] + chance.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"]) + content[place:]


def _invisible(chance: Random, text: str) -> bytes:
    place = chance.randrange(len(text))
    letter = chance.choice(["\u202e", "\u200b", "\x00", "\x1b", "\u2066"])
    return (text[:place] + letter + text[place:]).encode()


def _anchor(chance: Random, text: str) -> bytes:
    lines, at = _line(chance, text, r"^[a-z_]+: \S")
    lines[at] = re.sub(r": ", chance.choice([": &a ", ": *a #", ": !!str "]), lines[at], count=1)
    return "".join(lines).encode()


def _two_documents(_chance: Random, text: str) -> bytes:
    return f"{text}---\n{text}".encode()


def _nothing(chance: Random, _text: str) -> bytes:
    return chance.choice([b"", b"\n", b"# nothing\n", b"- a\n- b\n", b"text\n", b"null\n"])


def _deep(chance: Random, text: str) -> bytes:
    depth = chance.choice([50, 1000, 100_000])
    return f"{text}note: {'[' * depth}{']' * depth}\n".encode()


def large() -> list[tuple[str, bytes]]:
    """Files at the limits of what is read, and beyond."""
    half = NESTING // 2
    return [
        ("50 MB of nesting, flow", b"a: " + b"[" * NESTING),
        ("50 MB of nesting, closed", b"a: " + b"[" * half + b"]" * half),
        ("50 MB of nesting, mappings", b"a: " + b"{a: " * (NESTING // 4)),
        ("19 MB of nesting, flow", b"a: " + b"[" * 19_000_000),
        ("19 MB of nesting, blocks", b"- " * 9_500_000),
        ("19 MB of text in one value", b"schema: " + b"x" * 19_000_000),
        ("19 MB of short values", b"a: [" + b"1," * 9_500_000 + b"1]"),
    ]


SURE: dict[str, Damage] = {
    "unknown key": _unknown_key,
    "duplicate key": _duplicate_key,
    "missing key": _missing_key,
    "wrong schema": _wrong_schema,
    "wrong type": _wrong_type,
    "malformed": _malformed,
    "not UTF-8": _not_utf_8,
    "invisible character": _invisible,
    "anchor, alias or tag": _anchor,
    "two documents": _two_documents,
    "no mapping of keys": _nothing,
    "deep nesting": _deep,
}
