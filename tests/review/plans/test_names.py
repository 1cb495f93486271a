"""A code is called by the name of the unit that bore it when the row was written."""

from pathlib import Path

from merger.mapping.models import UnitKind
from merger.review.plans.names import names_of


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
