"""Whether texts are written so that equal ones are equal."""

import unicodedata
from collections.abc import Iterator

from merger.errors import Finding, Place, Severity
from merger.mapping import LoadedMapping
from merger.quality.places import PART


def texts_are_composed(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP401: a line holds letters whose marks are written apart (not Unicode NFC)."""
    for document in loaded.documents:
        for number, line in enumerate(document.content.decode("utf-8-sig").splitlines(), start=1):
            composed = unicodedata.normalize("NFC", line)
            if composed != line:
                same = next((i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b), 0)
                place = Place(file=str(document.path), line=number, column=same + 1)
                yield Finding(PART, "MAP401", Severity.ERROR, place)
