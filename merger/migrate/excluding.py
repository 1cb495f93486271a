"""Which rows a rule of the job leaves in the source."""

from merger.migrate.job import Exclusion
from merger.systems.expressions import Column, Row


def excluded(row: Row, rule: Exclusion) -> Column | None:
    """When a rule leaves a row; None where it never leaves any of its dataset."""
    dataset = row.dataset
    if (rule.systems and row.system not in rule.systems) or (rule.datasets and row.name not in rule.datasets):
        return None
    if rule.not_pending:
        if dataset.status is None or not dataset.pending:
            return None
        status = row.raw(dataset.status).text
        if dataset.finished:
            return status.in_(dataset.finished)
        return status.not_in(dataset.pending)
    return row.column(rule.column).text.in_(rule.values)
