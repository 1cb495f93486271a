"""Codes and names as they are written: identification codes, unit codes, numbers of dossiers.

Everything here is a pure function of its arguments. A value that cannot be read is answered with
`Malformed` and a stable reason (texts under `codes.<reason>`), never with an exception, because real
systems hold such values by the thousand.
"""

from merger.codes.dossier_number import DossierNumber
from merger.codes.eid import Conversion, Eid, Form, convert, identity, to_former, to_new
from merger.codes.malformed import Malformed
from merger.codes.names import (
    LocalityNames,
    NameIndex,
    find_locality,
    fold,
    localities_in,
    near_names,
    same_name,
)
from merger.codes.personal_id import Identity
from merger.codes.service import ServiceCode
from merger.codes.waiting import waits

__all__ = [
    "Conversion",
    "DossierNumber",
    "Eid",
    "Form",
    "Identity",
    "LocalityNames",
    "Malformed",
    "NameIndex",
    "ServiceCode",
    "convert",
    "find_locality",
    "fold",
    "identity",
    "localities_in",
    "near_names",
    "same_name",
    "to_former",
    "to_new",
    "waits",
]
