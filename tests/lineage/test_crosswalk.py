from datetime import date

from merger.lineage import Row, build, crosswalk
from merger.mapping.models import Land, People, UnitKind
from merger.testing.histories import mapping, units_file

BEFORE, DAY = date(2025, 6, 30), date(2025, 7, 1)


def test_the_crosswalk_has_a_row_for_each_old_unit_and_each_unit_that_took_some_of_it() -> None:
    part = {"unit": "00001 Xã Một", "land": "part", "people": "none"}
    home = {"unit": "00001 Xã Một", "land": "part", "people": "all"}
    lineage = build(
        mapping(
            units_file(
                DAY,
                [
                    {"clause": "1", "into": "00001 Phường Một", "from": [home]},
                    {"clause": "2", "into": "00002 Xã Hai", "from": ["00002 Xã Hai", part]},
                ],
                changes=[{"date": DAY, "from": "00003 Xã Ba", "source": "list"}],
            )
        )
    )
    assert list(crosswalk(lineage, BEFORE, DAY)) == [
        Row("00001", "Xã Một", "00001", "Phường Một", Land.PART, People.ALL, None, "act-2025 §1"),
        Row("00001", "Xã Một", "00002", "Xã Hai", Land.PART, People.NONE, None, "act-2025 §2"),
        Row("00002", "Xã Hai", "00002", "Xã Hai", Land.WHOLE, People.ALL, 1.0, "act-2025 §2"),
        Row("00003", "Xã Ba", "", "", Land.UNSPECIFIED, People.UNSPECIFIED, None, "list"),
    ]
    assert list(crosswalk(lineage, BEFORE, DAY, UnitKind.PROVINCE)) == []
