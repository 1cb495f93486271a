"""What a dry run counts."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from merger.migrate.combination import Group
from merger.migrate.counting import counts
from merger.migrate.planning import make_plan


def test_groups_that_share_decision_and_state_are_counted_together() -> None:
    groups = [
        Group(("10001",), None, None, status, 0, running=False, rows=rows, decision=7)
        for status, rows in (("1", 3), ("4", 4))
    ]
    dataset = SimpleNamespace(references={})
    stage = SimpleNamespace(dataset=dataset, others={}, groups=groups, has=lambda _: False)
    assert counts(stage) == [(7, None, False, 7)]


def test_a_plan_says_the_same_however_rows_are_counted(
    standard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that refer to nothing are grouped once; what that answers is what the source is asked for else."""
    for name, without in (
        ("source.yaml", ("    references:\n      citizen: {to: citizens, column: citizen_id, optional: true}\n",  # noqa: E501
                         "      applicantId: {reference: citizen, column: citizen_id}\n")),
        ("platform.yaml", ("    unique: {number: [number]}\n",)),
        ("job.yaml", ("  - {dataset: dossiers, unique: number, rule: hold}\n",)),
    ):  # fmt: skip
        text = (standard / name).read_text("utf-8")
        for one in without:
            assert one in text
            text = text.replace(one, "")
        (standard / name).write_text(text, "utf-8")
    once = make_plan(standard / "job.yaml", standard / "once.json")
    for module in ("counting", "flows"):
        monkeypatch.setattr(f"merger.migrate.{module}.settled", lambda _: ())
    asked = make_plan(standard / "job.yaml", standard / "asked.json")
    assert once.model_dump(exclude={"id", "created"}) == asked.model_dump(exclude={"id", "created"})
    dossiers = [one for one in once.datasets if one.dataset == "dossiers"]
    assert sum(one.to_move for one in dossiers) > 0
    assert len({reason for one in dossiers for reason in one.held_by_reason}) > 1
    assert len({(one.service, one.state) for one in once.flows}) > 2
