"""A resolution as a list of statements: its clauses, tokenised, parsed and read."""

from dataclasses import dataclass

from merger.errors import Finding, InputError, Place
from merger.mapping.drafting.clauses import Act, Clause, act_of, clauses_of, does_something
from merger.mapping.drafting.grammar import NotUnderstood, parse
from merger.mapping.drafting.problems import error, note, warning
from merger.mapping.drafting.statements import Counts, Statement, statements_of
from merger.mapping.drafting.text import Text, cleaned
from merger.mapping.drafting.tokens import Token, tokens_of

MAX_CLAUSES = 2_000


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


def read(raw: Text) -> Resolution:
    """Reads the text of a resolution. Raises InputError if no clause of it arranges units."""
    text = cleaned(raw)
    findings: list[Finding] = []
    clauses = clauses_of(text, findings)
    if not clauses or len(clauses) > MAX_CLAUSES:
        raise InputError([error("RES001", Place(file=raw.file))])
    statements: list[Statement] = []
    counts: Counts | None = None
    mended: list[Place] = []
    for clause in clauses:
        found = tokens_of(clause.text)
        mended += [clause.text.place(at) for at in found.mended]
        for sentence in _sentences(found.tokens):
            part = clause.text.part(sentence[0].start, sentence[-1].end)
            if not does_something(part):
                _unread(part, findings)
                continue
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


def _unread(part: Text, findings: list[Finding]) -> None:
    words = part.words()
    findings.append(warning("RES006", part.place(0), words=words if len(words) <= 80 else f"{words[:80]}…"))


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
