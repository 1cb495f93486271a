"""`merger demo --like`: a masked copy for rehearsals, and what was done to every column."""

from pathlib import Path
from typing import TYPE_CHECKING

from merger.cli.out import as_data, number, say, show_json, show_table
from merger.cli.progress import Progress
from merger.cli.run import NEEDS_A_PERSON
from merger.messages import text

if TYPE_CHECKING:
    from merger.demo.masking.model import Copied, SystemDone, TableDone


def masked_copy(
    like: Path, directory: Path, database: Path | None, rows: int | None, replace: bool, as_json: bool
) -> int | None:
    """Writes the copy and says what was done. See `merger.demo.masking.copy_like`."""
    from merger.demo.masking import copy_like

    with Progress() as progress:
        made = copy_like(like, directory, database=database, rows=rows, replace=replace, progress=progress)
    if as_json:
        show_json(as_data(made))
    else:
        _told(made)
    return None if made.passed else NEEDS_A_PERSON


def _told(made: "Copied") -> None:
    from merger.demo.masking import REPORT

    heads = [text(f"cli.head.{name}") for name in ("system", "table", "rows", "copied", "masked-columns",
                                                   "kept-columns")]  # fmt: skip
    show_table(heads, [_row(one, table) for one in made.systems for table in one.tables])
    for one in made.systems:
        if one.left_out:
            say("like-left-out", system=one.system, tables=", ".join(one.left_out))
    for check in made.checks:
        said = text(f"cli.out.like-check.{check.code}", count=number(check.count))
        state = text(f"cli.out.like-state.{check.state}")
        print(f"{state}: {said}" + (f": {check.detail}" if check.detail else ""))
    say("like-made", folder=made.folder, rows=number(made.rows), seconds=f"{made.seconds:.1f}")
    say("like-columns", report=Path(made.folder) / REPORT)
    if made.job:
        say("like-job", job=Path(made.folder) / made.job)


def _row(one: "SystemDone", table: "TableDone") -> tuple[object, ...]:
    """A table with how many of its columns are masked and how many are not."""
    masked = sum(column.masked for column in table.columns)
    return one.system, table.table, table.rows, table.copied, masked, len(table.columns) - masked
