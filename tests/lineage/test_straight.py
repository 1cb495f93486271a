"""The short way of a unit that went whole into one other at every step, against the walk."""

from datetime import date, timedelta

import pytest

from merger.lineage import Request, lineage_of
from merger.lineage.resolve import _straight, plain_answer
from merger.lineage.walk import walk
from merger.mapping import contents_of, shipped
from merger.mapping.models import Follows, UnitKind

TO = date(2025, 7, 1)


@pytest.mark.parametrize("follow", [None, *Follows])
def test_the_straight_way_answers_what_the_walk_answers(follow):
    lineage = lineage_of(contents_of([shipped()]))
    straight = 0
    for version in lineage.abolished_versions(TO)[::9] + lineage.roster(UnitKind.COMMUNE, TO)[::29]:
        at = TO if version.valid_to > TO else version.valid_to - timedelta(days=1)
        start = lineage.version_at(version.kind, version.code, at)
        if start is None:
            continue
        request = Request(version.code, version.kind, at, TO, follow)
        found = _straight(lineage, start, request)
        if found is not None:
            straight += 1
            assert found == plain_answer(lineage, request, start, walk(lineage, start, request))
    assert straight > 300
