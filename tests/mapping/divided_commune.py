"""A commune that two go on with, its people divided: where one lived decides."""

UNITS = """\
schema: merger/units/1
id: units
effective: 2025-07-01
communes:
  - {into: 00001 Xã Một, from: [{unit: 00001 Xã Một, land: part, people: some}]}
  - {into: 00002 Xã Hai, from: [00002 Xã Hai, {unit: 00001 Xã Một, land: part, people: some}]}
"""
