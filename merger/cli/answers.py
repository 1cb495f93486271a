"""The answers of `merger resolve`, in the shape of docs/cli.md."""

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from merger.cli.questions import Question, lines_at_hand
from merger.cli.wording import change_in_words, reason_in_words
from merger.errors import Finding, InputError
from merger.messages import text
from merger.recode.knowledge import Knowledge

KEPT = 1 << 16
MAX_FINDINGS = 300
"""So many written answers are kept, and so many unusable lines reported, at most."""

Shown = tuple[str, bool]
"""An answer as it is printed, and whether it leaves the question undecided."""


class Answers:
    """Answers questions from mapping files and folders, or from the shipped ones where none are named.

    `as_json` chooses between lines of JSON and lines for reading.
    """

    def __init__(self, mappings: Sequence[Path], *, as_json: bool) -> None:
        self._knowledge = Knowledge(mappings)
        self._write = _as_json if as_json else _as_text
        gc.freeze()  # the definitions live until the process ends: the collector need not look through them

    def to(self, question: Question) -> Shown:
        """The answer to one question."""
        asked = question
        found = self._knowledge.ask(
            asked.kind,
            asked.code,
            asked.at,
            asked.to,
            asked.follow,
            asked.locality,
            asked.service,
            asked.point,
        )
        answer = {
            "code": question.code,
            "kind": question.kind,
            "at": question.at.isoformat(),
            "to": question.to.isoformat(),
            "outcome": found.outcome.value,
            "reason": found.reason,
            "decided_by": found.decided_by,
            "against": list(found.against),
            "successors": [asdict(successor) for successor in found.successors],
            "evidence": [
                {
                    "date": evidence.date.isoformat() if evidence.date else None,
                    "change": evidence.change,
                    "source": evidence.source,
                }
                for evidence in found.evidence
            ],
        }
        return self._write(answer), not found.outcome.decided

    def to_lines(
        self, stream: BinaryIO, file: str, read: Callable[[bytes, int], Question]
    ) -> Iterator[list[Shown]]:
        """The answers to the questions on the lines of a stream, in order, as many at a time as are asked.

        Lines that are alike are answered once; memory does not grow with their number. At the first line
        that cannot be used answers end; InputError is raised with it and with those after it, at most 300.
        """
        kept: dict[bytes, Shown] = {}
        findings: list[Finding] = []
        number = 0
        for lines in lines_at_hand(stream, file):
            shown: list[Shown] = []
            for line in lines:
                number += 1
                answer = kept.get(line)
                if answer is None and line.strip():
                    try:
                        question = read(line, number)
                    except InputError as error:
                        findings += error.findings
                        continue
                    if findings:
                        continue
                    if len(kept) >= KEPT:
                        kept.clear()
                    answer = kept[line] = self.to(question)
                if answer is not None and not findings:
                    shown.append(answer)
            yield shown
            if len(findings) >= MAX_FINDINGS:
                break
        if findings:
            raise InputError(findings[:MAX_FINDINGS])


def _as_json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False) + "\n"


def _as_text(answer: dict[str, Any]) -> str:
    reason = reason_in_words(answer["reason"], "recode")
    outcome = text(f"cli.outcome.{answer['outcome']}")
    lines = [text("cli.out.resolved", code=answer["code"], outcome=outcome, reason=reason)]
    lines += [f"    {one['code']} {one['name']}".rstrip() for one in answer["successors"]]
    for evidence in answer["evidence"]:
        parts = (evidence["date"], change_in_words(evidence["change"]), evidence["source"])
        lines.append("    " + " – ".join(part for part in parts if part))
    return "".join(f"{line}\n" for line in lines)
