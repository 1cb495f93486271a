"""The shipped mappings of the whole country: what is kept of them answers as they do."""

from datetime import date
from pathlib import Path

import pytest

from merger.lineage import Lineage, Request, build, crosswalk, lineage_of
from merger.mapping import contents_of, parse, shipped
from merger.mapping.models import UnitKind

DAYS = (date(2018, 6, 1), date(2021, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1))


@pytest.fixture(scope="module")
def plain() -> Lineage:
    return build(parse(contents_of([shipped()])).mapping)


@pytest.mark.slow
def test_every_code_of_the_country_is_answered_alike_from_the_cache(
    plain: Lineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERGER_CACHE", str(tmp_path))
    lineage_of(contents_of([shipped()]))
    kept = lineage_of(contents_of([shipped()]))
    assert len(list(tmp_path.iterdir())) == 1
    assert kept.findings == plain.findings
    codes = {(kind, one.code) for kind in UnitKind for day in DAYS for one in plain.roster(kind, day)}
    assert len(codes) > 10_000
    for kind, code in sorted(codes):
        for at, to in ((DAYS[0], DAYS[3]), (DAYS[2], DAYS[3]), (DAYS[3], DAYS[1]), (DAYS[3], DAYS[4])):
            request = Request(code, kind, at, to)
            assert kept.resolve(request) == plain.resolve(request)
    assert list(crosswalk(kept, DAYS[2], DAYS[3])) == list(crosswalk(plain, DAYS[2], DAYS[3]))


def test_the_handing_over_of_one_day_is_not_chained(plain: Lineage) -> None:
    day, before = date(2025, 7, 1), date(2025, 6, 30)
    both = [
        one for one in plain.roster(UnitKind.COMMUNE, before) if plain.version_at(one.kind, one.code, day)
    ]
    assert len(both) > 3_000
    assert all(one.step == one.until == 0 for one in both)
    assert not plain.releases.given
    for row in crosswalk(plain, before, day):
        version = plain.version_at(UnitKind.COMMUNE, row.new_code, day)
        assert version is not None
        direct = {edge.old for edge in plain.passage(version, forward=False).edges}
        assert row.old_code in direct or row.old_code == row.new_code


def test_nothing_that_signs_checks_or_plans_uses_what_is_kept() -> None:
    package = Path(__file__).parents[2] / "merger"
    users = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "lineage_of" in path.read_text("utf-8")
    }
    face, questions = {"lineage/__init__.py", "lineage/stored.py"}, {"cli/address.py", "recode/knowledge.py"}
    assert users == face | questions | {"testing/campaigns/addresses.py"}
