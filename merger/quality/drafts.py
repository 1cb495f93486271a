"""What drafts leave to a person, and nobody has settled or taken out."""

from collections.abc import Iterator

from merger.quality.subject import Hit, Subject


def open_errors_are_settled(subject: Subject) -> Iterator[Hit]:
    """A point at which a draft is incomplete or contradictory is still open."""
    yield from _open(subject, "error")


def open_warnings_are_settled(subject: Subject) -> Iterator[Hit]:
    """A point that a draft decided by more than the words is still open."""
    yield from _open(subject, "warning")


def _open(subject: Subject, weight: str) -> Iterator[Hit]:
    for document in subject.loaded.documents:
        for index, one in enumerate(document.value.open_):
            if one.weight == weight and not one.settled:
                about = ", ".join(part for part in (one.of, one.at) if part) or "–"
                fields = {"found": one.code, "about": about, "settle": one.settle}
                yield Hit((document.value, ("open", index)), f"{one.code} {one.of}".strip(), fields)
