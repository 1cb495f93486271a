"""The readers over published lists of real codes."""

import csv
import os
from pathlib import Path

import pytest

from merger.codes import Eid, Malformed, eid, fold, service, to_former, to_new

pytestmark = pytest.mark.shared


def rows(name: str) -> list[dict[str, str]]:
    named = os.environ.get("MERGER_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents]
    for place in places:
        if (place / "data" / "vn").is_dir():
            with (place / "data" / name).open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
    pytest.skip("the folder ../shared is not beside this checkout")


def test_all_published_agency_codes_but_one_are_read_and_converted_there_and_back() -> None:
    codes = [row["code_qcvn102"] for row in rows("standards/agencies_000xx_H53_and_ministries.csv")]
    read = [eid.parse(code) for code in codes]
    assert [one for one in read if isinstance(one, Malformed)] == [
        Malformed("000.1137.H53", "eid-former-shape")
    ]
    for one in read:
        if isinstance(one, Eid):
            new = to_new(one)
            assert isinstance(new, Eid)
            assert to_former(new) == one


def test_all_published_procedures_have_a_national_root() -> None:
    codes = [row["ma_tthc"] for row in rows("standards/lamdong_procedures_2025-03.csv")]
    assert len(codes) == 1275
    assert all(service.root(code) == code[:8] for code in codes)


def test_no_two_old_communes_of_one_district_fold_to_one_key() -> None:
    seen: dict[tuple[str, str], str] = {}
    for row in rows("vn/communes_old.csv"):
        key = (row["district_code"], fold(f"{row['type']} {row['name']}"))
        assert key not in seen, (row["code"], seen[key])
        seen[key] = row["code"]
