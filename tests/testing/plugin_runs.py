"""What the tests of the pytest plugin share: how it is run, and a made-up mapping with four communes."""

from importlib.metadata import entry_points
from pathlib import Path

import alembic.command  # noqa: F401  what an inner run imports is forgotten after it, and this cannot be twice
import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401

from merger.testing.suite import agencies, files, jobs, units

ROOT = Path(__file__).parents[2]
INSTALLED = [one for one in entry_points(group="pytest11") if one.name == "merger"]
PLUGIN = [] if INSTALLED else ["-p", "merger.testing.plugin"]
GUIDE = (ROOT / "docs" / "testing-guide.md").read_text("utf-8")
LAWS = len([*files.laws(), *units.laws(), *agencies.laws()])
JOB_LAWS = len(jobs.job_laws())

UNITS = """\
schema: merger/units/1
id: made-up
effective: 2025-07-01
legal_basis:
  - {number: 1/NQ, date: 2025-06-01, on: communes}
province: {into: 90 Tỉnh Chín, from: [90 Tỉnh Chín]}
districts:
  - {unit: 901 Huyện Chín, province: 90, communes: [90001, 90002, 90003, 90004]}
communes:
  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một, 90002 Xã Hai]}
  - {clause: 2, into: 90003 Xã Ba, from: [{unit: 90003 Xã Ba, land: part, people: all, share: 0.6}]}
  - clause: 3
    into: 90004 Xã Bốn
    from: [90004 Xã Bốn, {unit: 90003 Xã Ba, land: part, people: none, share: 0.4}]
"""
AGENCIES = """\
schema: merger/agencies/1
id: made-up-agencies
effective: 2025-07-01
before:
  - {agency: Z90 Tỉnh, former: 000.00.00.Z90, level: province, function: committee, unit: 90, into: Z90}
  - {agency: Z90.20 Xã Một, level: commune, function: committee, unit: 90001, into: unit}
  - {agency: Z90.21 Xã Hai, former: 000.00.21.Z90, level: commune, function: committee, unit: 90002,
     into: unit}
after:
  - {agency: Z90 Tỉnh, level: province, function: committee, unit: 90}
  - {agency: Z90.101 Xã Một, level: commune, function: committee, unit: 90001}
"""
