"""The answers of `merger resolve`, in the shape of docs/cli.md."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from merger.cli.questions import Question
from merger.lineage import Agencies, AgencyRequest, Outcome, Request, Resolution, Successor, build
from merger.mapping import load, shipped
from merger.mapping.models import Follows, UnitKind

_FOLLOW = {"people": Follows.PEOPLE, "territory": Follows.LAND}


class Answers:
    """Answers questions from mapping files and folders, or from the shipped ones where none are named."""

    def __init__(self, mappings: Sequence[Path]) -> None:
        mapping = load(list(mappings) or [shipped()]).mapping
        self._lineage = build(mapping)
        self._agencies = Agencies(mapping, self._lineage)
        self._services = self._agencies.services

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
        follow = _FOLLOW[question.follow] if question.follow else self._services.follows(question.service)
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
        facts = self._services.facts(question.code)
        if not facts.known:
            return Resolution(Outcome.UNKNOWN, "code-unknown")
        return Resolution(Outcome.UNCHANGED, "same-unit", (Successor(facts.root, facts.name),))
