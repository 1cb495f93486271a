"""When handed-over work falls due, counted from the cut-over."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from merger.migrate.groups import NO_DEADLINE, span_of
from merger.migrate.model import DUE_DAYS

CUTOVER = datetime(2025, 7, 10, 0, 30)


@pytest.mark.parametrize(
    ("deadline", "span"),
    [
        ("2025-07-09 23:59:59", 0),
        ("2025-07-10 00:29:59", 0),
        ("2025-07-10 00:30:00", 1),
        ("2025-07-09", 0),
        ("2025-07-10", 1),
        ("2025-07-13 00:30:00", 1),
        ("2025-07-13", 2),
        ("2025-07-17 00:30:00", 2),
        ("2025-07-17 00:30:01", 3),
        ("2025-08-09 00:30:00", 3),
        ("2025-08-09 00:30:01", len(DUE_DAYS)),
        ("9999-12-31", len(DUE_DAYS)),
        ("", NO_DEADLINE),
        (None, NO_DEADLINE),
    ],
)
def test_a_deadline_lies_in_one_span_and_a_day_lasts_until_it_is_over(deadline, span):
    with sa.create_engine("sqlite://").connect() as connection:
        found = connection.execute(sa.select(span_of(sa.literal(deadline, sa.Text), CUTOVER))).scalar_one()
    assert found == span
