"""Beginnings of mapping files, and what the checks find in files made of them."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

from merger.errors import Finding, Severity
from merger.mapping import load
from merger.quality import check

UNITS = """\
schema: merger/units/1
id: units
effective: 2025-07-01
"""
AGENCIES = """\
schema: merger/agencies/1
id: agencies
effective: 2025-07-01
"""
COMPETENCE = """\
schema: merger/competence/1
id: competence
effective: 2025-07-01
"""
SERVICES = """\
schema: merger/services/1
id: services
fields: [{field: Đất đai}]
services: [{service: 1.000001 Cấp giấy, field: Đất đai}]
"""
LOCALITIES = """\
schema: merger/localities/1
id: localities
effective: 2025-07-01
"""
DECISIONS = """\
schema: merger/decisions/1
id: decisions
"""
WHOLE = "communes: [{into: 00001 Xã A, from: [00001 Xã A, 00002 Xã B]}]\n"
DIVIDED = """\
communes:
  - {into: 00001 Xã A, from: [00001 Xã A, {unit: 00002 Xã B, land: part, people: some}]}
  - {into: 00002 Xã C, from: [{unit: 00002 Xã B, land: part, people: some}]}
"""


def findings(folder: Path, *texts: str) -> list[Finding]:
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(dedent(text), "utf-8")
    return check(load([folder]))


def errors(found: Sequence[Finding]) -> list[Finding]:
    return [one for one in found if one.severity is Severity.ERROR]


def codes(found: Sequence[Finding]) -> list[str]:
    return [f"{Path(one.place.file).stem}:{one.place.line} {one.code}" for one in found]
