"""What the definitions say of administrative procedures."""

from merger.codes import service as codes
from merger.codes.names import fold
from merger.errors import Finding, Severity
from merger.lineage.model import ServiceFacts
from merger.mapping.models import Follows, Mapping


class Services:
    """All services and fields of a mapping. What two files say differently counts as not said."""

    def __init__(self, mapping: Mapping) -> None:
        self._findings: dict[str, Finding] = {}
        said: dict[str, list[ServiceFacts]] = {}
        fields: dict[str, set[Follows]] = {}
        for file in mapping.services:
            for entry in file.fields:
                told = fields.setdefault(fold(entry.field), set())
                if entry.follows is not None:
                    told.add(entry.follows)
            for one in file.services:
                root = codes.root(one.service.code) or one.service.code
                facts = ServiceFacts(root, one.service.name, one.field, one.follows, known=True)
                said.setdefault(root, []).append(facts)
        for field, follows in fields.items():
            if len(follows) > 1:
                self._report("field-twice", field=field)
        self._fields = {field: _only(follows) for field, follows in fields.items()}
        self._facts = {root: self._join(root, told) for root, told in sorted(said.items())}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Services and fields of which two files say different things."""
        return tuple(self._findings[key] for key in sorted(self._findings))

    def facts(self, code: str | None) -> ServiceFacts:
        """What is known of a service, by its code in any spelling."""
        root = codes.root(code) or code or ""
        return self._facts.get(root, ServiceFacts(root))

    def follows(self, code: str | None) -> Follows | None:
        """Whether a service goes by land or by people: its own word, else its field's, else None."""
        return self.facts(code).follows

    def _join(self, root: str, told: list[ServiceFacts]) -> ServiceFacts:
        fields = {fold(facts.field): facts.field for facts in sorted(told, key=lambda facts: facts.field)}
        own = {facts.follows for facts in told if facts.follows is not None}
        if len(fields) > 1 or len(own) > 1:
            self._report("service-twice", service=root)
        field = next(iter(fields.values())) if len(fields) == 1 else ""
        follows = _only(own) if own else self._fields.get(fold(field))
        return ServiceFacts(root, min(facts.name for facts in told), field, follows, known=True)

    def _report(self, code: str, **shown: str) -> None:
        key = "|".join([code, *shown.values()])
        self._findings[key] = Finding("lineage", code, Severity.ERROR, fields=dict(shown))


def _only(told: set[Follows]) -> Follows | None:
    return next(iter(told)) if len(told) == 1 else None
