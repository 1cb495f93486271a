"""The whole country, read once, and a small one with a list of hamlets."""

import pytest

from merger.addresses import Addresses
from merger.lineage import build, lineage_of
from merger.mapping import contents_of, load, shipped

UNITS = """\
schema: merger/units/1
id: example-units
effective: 2025-07-01
province: {into: 90 Tỉnh An Khê, from: [90 Tỉnh An Khê, 91 Tỉnh Bình Tân]}
districts:
  - {unit: 901 Huyện Đông Hà, province: 90, communes: [90001, 90004]}
  - {unit: 911 Huyện Giang Tây, province: 91, communes: [91001, 91004]}
communes:
  - clause: 1
    into: 90001 Xã Hòa Một
    from: [90001 Xã Hòa Một, {unit: 90004 Xã Hai Sông, land: part, people: some}]
  - clause: 2
    into: 90007 Phường Ba Đồi
    from: [91004 Xã Ba Đồi, {unit: 90004 Xã Hai Sông, land: part, people: some}]
  - {clause: 3, keep: 91001 Xã Bốn Mùa}
"""

LOCALITIES = """\
schema: merger/localities/1
id: example-localities
effective: 2025-07-01
localities:
  - {unit: 90004 Xã Hai Sông, into: 90001 Xã Hòa Một, names: [Thôn Cây Đa, Thôn 2]}
  - {unit: 90004 Xã Hai Sông, into: 90007 Phường Ba Đồi, names: [Thôn Bến Đò, Thôn 3]}
"""


@pytest.fixture(scope="session")
def lineage():
    return lineage_of(contents_of([shipped()]))


@pytest.fixture(scope="session")
def addresses(lineage):
    return Addresses(lineage)


@pytest.fixture(scope="session")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("village")
    for name, content in (("units.yaml", UNITS), ("localities.yaml", LOCALITIES)):
        (folder / name).write_text(content, "utf-8")
    return Addresses(build(load([folder]).mapping))
