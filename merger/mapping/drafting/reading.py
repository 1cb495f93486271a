"""A resolution as a list of statements: its clauses, tokenised, parsed and read."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merger.errors import Finding, InputError, Place
from merger.mapping.drafting.clauses import Act, Clause, act_of, clauses_of, does_something
from merger.mapping.drafting.grammar import NotUnderstood, parse
from merger.mapping.drafting.problems import error, note, warning
from merger.mapping.drafting.statements import Counts, Statement, statements_of
from merger.mapping.drafting.text import Text, cleaned
from merger.mapping.drafting.tokens import Token, tokens_of

MAX_CLAUSES = 2_000
MAX_NAMES = 3_000
"""More clauses, or more names of units in them, are no resolution: the largest holds 800 names."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a resolution says: its act, its statements in order, the numbers of units that it states.

    `clauses` are the numbers of all its clauses, also of those that could not be read.
    """

    act: Act
    place: Place
    clauses: tuple[str, ...]
    statements: tuple[Statement, ...]
    counts: Counts | None
    findings: tuple[Finding, ...]


def read(raw: Text, names: AbstractSet[str] = frozenset(), unread: Sequence[Finding] = ()) -> Resolution:
    """Reads the text of a resolution; `names` are words of names that are known, `unread` what of the file is
    not in the text.

    Raises InputError if no clause of it arranges units.
    """
    text = cleaned(raw)
    findings = list(unread)
    clauses = clauses_of(text, findings)
    if not clauses or len(clauses) > MAX_CLAUSES:
        raise InputError([error("RES001", Place(file=raw.file))])
    statements: list[Statement] = []
    counts: Counts | None = None
    mended: list[Place] = []
    listed = 0
    for clause in clauses:
        found = tokens_of(clause.text, names)
        listed += sum(token.kind in ("COMMA", "SEMICOLON", "AND") for token in found.tokens)
        if listed > MAX_NAMES:
            raise InputError([error("RES075", Place(file=raw.file), limit=MAX_NAMES)])
        mended += [clause.text.place(at) for at in found.mended]
        done = False
        for sentence in _sentences(found.tokens):
            part = clause.text.part(sentence[0].start, sentence[-1].end)
            if done or not does_something(part):
                second = done and sentence[0].kind != "AFTER" and does_something(part)
                _unread(part, clause, second, findings)
                continue
            done = True
            statement, stated = _statement(clause, sentence, findings)
            if statement is not None:
                statements.append(statement)
            counts = counts or stated
    if mended:
        findings.append(note("RES007", mended[0], count=len(mended)))
    number = tuple(dict.fromkeys(clause.number for clause in clauses))
    return Resolution(act_of(text), Place(raw.file), number, tuple(statements), counts, tuple(findings))


def _sentences(tokens: tuple[Token, ...]) -> list[list[Token]]:
    sentences: list[list[Token]] = [[]]
    for token in tokens:
        if not sentences[-1] and token.kind in ("DASH", "DOT"):
            continue
        sentences[-1].append(token)
        if token.kind == "DOT":
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _unread(part: Text, clause: Clause, second: bool, findings: list[Finding]) -> None:
    """A sentence left out; if it is a `second` one that arranges units, a clause lost its number."""
    words = part.words()
    shown = words if len(words) <= 80 else f"{words[:80]}…"
    if second:
        findings.append(error("RES038", part.place(0), clause=clause.number, words=shown))
    else:
        findings.append(warning("RES006", part.place(0), words=shown))


def _statement(
    clause: Clause, sentence: list[Token], findings: list[Finding]
) -> tuple[Statement | None, Counts | None]:
    try:
        tree = parse(sentence)
    except NotUnderstood as wrong:
        at = wrong.token or sentence[-1]
        code = "RES005" if wrong.token else "RES008"
        findings.append(error(code, clause.text.place(at.start), clause=clause.number, word=at.words))
        return None, None
    return statements_of(tree, clause.number, clause.text)
