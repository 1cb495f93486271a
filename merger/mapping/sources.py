"""What a file of units gives as the source of its entries."""

from merger.mapping.models import UnitKind, UnitsFile


def source_of(file: UnitsFile, kind: UnitKind, clause: str = "") -> str:
    """The acts that the file names for units of this kind (else all of them, else its id), and the clause."""
    acts = [act.number for act in file.legal_basis if act.on.startswith(kind.value)]
    acts = acts or [act.number for act in file.legal_basis] or [file.id]
    return "; ".join(acts) + (f" §{clause}" if clause else "")
