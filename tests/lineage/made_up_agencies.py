"""The made-up units whose agencies the tests ask about, and agencies of them."""

from datetime import date

from merger.lineage import Resolution
from merger.mapping.models import AgenciesFile, UnitsFile
from merger.testing.histories import units_file

DAY = date(2025, 7, 1)


def two_provinces(*districts: tuple[str, list[str]]) -> UnitsFile:
    """Two provinces that become one, a divided commune, and districts with their communes."""
    return units_file(
        DAY,
        [
            {"into": "00001 Xã Một", "from": [{"unit": "00001", "land": "part", "people": "all"}, "00003"]},
            {"into": "00002 Xã Hai", "from": [{"unit": "00001", "land": "part", "people": "none"}, "00002"]},
            {"keep": "00004 Xã Bốn"},
        ],
        province={"into": "91 Tỉnh X", "from": ["91 Tỉnh X", "92 Tỉnh Y"]},
        districts=[{"unit": unit, "province": "92", "communes": communes} for unit, communes in districts],
    )


def agency(ref: str, level: str, function: str, unit: str, **more: str) -> dict[str, str]:
    return {"agency": ref, "level": level, "function": function, "unit": unit, **more}


def agencies_file(day: date, before: list[dict[str, str]], after: list[dict[str, str]]) -> AgenciesFile:
    said = {"schema": "merger/agencies/1", "id": f"agencies-{day}", "effective": day}
    return AgenciesFile.model_validate({**said, "before": before, "after": after})


def codes(found: Resolution) -> list[str]:
    return [one.code for one in found.successors]
