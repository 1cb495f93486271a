from types import SimpleNamespace

from merger.migrate.combination import Group
from merger.migrate.counting import counts


def test_groups_that_share_decision_and_state_are_counted_together() -> None:
    groups = [
        Group(("10001",), None, None, status, 0, running=False, rows=rows, decision=7)
        for status, rows in (("1", 3), ("4", 4))
    ]
    dataset = SimpleNamespace(references={})
    stage = SimpleNamespace(dataset=dataset, others={}, groups=groups, has=lambda _: False)
    assert counts(stage) == [(7, None, False, 7)]
