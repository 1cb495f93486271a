"""The answers of `merger resolve`, in the shape of docs/cli.md."""

import gc
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from merger.cli.questions import Question
from merger.lineage import Agencies, AgencyRequest, Request, Resolution
from merger.lineage.stored import lineage_of
from merger.mapping import contents_of, parse, shipped
from merger.mapping.growing import growing
from merger.mapping.models import Follows, UnitKind

_FOLLOW = {"people": Follows.PEOPLE, "territory": Follows.LAND}


class Answers:
    """Answers questions from mapping files and folders, or from the shipped ones where none are named."""

    def __init__(self, mappings: Sequence[Path]) -> None:
        with growing():
            self._contents = contents_of(list(mappings) or [shipped()])
            self._lineage = lineage_of(self._contents)
            gc.freeze()  # all of it lives until the process ends: the collector need not look through it

    @cached_property
    def _agencies(self) -> Agencies:
        return Agencies(parse(self._contents).mapping, self._lineage)

    def to(self, question: Question) -> dict[str, Any]:
        """One JSON object: the question, its outcome, its successors and the evidence."""
        ask = {"service": self._service, "agency": self._agency}.get(question.kind, self._unit)
        found = ask(question)
        return {
            "code": question.code,
            "kind": question.kind,
            "at": question.at.isoformat(),
            "to": question.to.isoformat(),
            "outcome": found.outcome.value,
            "reason": found.reason,
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

    def _unit(self, question: Question) -> Resolution:
        follow = _FOLLOW[question.follow] if question.follow else None
        if follow is None and question.service:
            follow = self._agencies.services.follows(question.service)
        return self._lineage.resolve(
            Request(
                code=question.code,
                kind=UnitKind(question.kind),
                at=question.at,
                to=question.to,
                follow=follow,
                locality=question.locality,
                point=question.point,
            )
        )

    def _agency(self, question: Question) -> Resolution:
        return self._agencies.successor(
            AgencyRequest(
                code=question.code,
                at=question.at,
                to=question.to,
                place=question.locality,
                service=question.service,
            )
        )

    def _service(self, question: Question) -> Resolution:
        return self._agencies.services.resolve(
            question.code, question.at, question.to, question.locality or None
        )
