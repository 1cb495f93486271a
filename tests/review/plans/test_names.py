"""A code is called by the name of the unit that bore it when the row was written."""

from pathlib import Path

from merger.mapping.models import UnitKind
from merger.migrate import api
from merger.review.plans.names import names_of
from merger.review.plans.where import streams
from tests.migrate.world import changed


def test_a_code_that_another_unit_bears_now_is_called_by_its_name_of_then(folder: Path) -> None:
    names = names_of(folder / "job.yaml")
    assert names.campaign is not None
    before, after = (
        one.name for one in names.campaign.lineage.versions(UnitKind.COMMUNE, "10001")
    )  # the code goes on with other territory
    assert before != after
    where = ("place", "10001", "one", "dossiers")
    assert names.of(*where, "0001-01-01") == before
    assert names.of(*where, "2025-07-01") == after
    assert names.of(*where) == f"{before} / {after}"
    assert names.decided(*where) == after


def test_states_of_work_are_called_as_the_profile_says(folder: Path) -> None:
    said = "    states: {'4': {vi: Đang xử lý, en: In progress}}\n"
    changed(folder / "source.yaml", "    status: status\n", f"    status: status\n{said}")
    names = names_of(folder / "job.yaml")
    assert names.state("one", "dossiers", "4", "vi") == "Đang xử lý (4)"
    assert names.state("one", "dossiers", "77", "en") == "77"
    plan = api.load_plan(folder / "plan.json")
    agency = next(flow.from_agency for flow in plan.flows if flow.state == "4" and flow.system == "one")
    told = {
        one.state
        for one in streams(plan, agency, state=lambda *where: names.state(where[0], where[1], where[2], "en"))
    }
    assert "In progress (4)" in told
