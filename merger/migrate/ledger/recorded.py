"""Records of the audit trail as the ledger's table keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merger.approval import trail


def record_of(row: Any) -> trail.Record:
    """A trail record from its table row. Instead of a detail that is not as it was written, its digest."""
    read: dict[str, Any] = {
        name: one.decode("utf-8", "replace") if isinstance(one, bytes) else one for name, one in row.items()
    }
    from merger.approval import trail

    read["detail"] = _detail(read["detail"])
    return trail.Record(**read)


def begun_with(records: Iterable[trail.Record], run: str) -> set[object]:
    """The digests of the plan with which the trail says that a run was begun: one, unless it was bent."""
    of_run = [one.detail for one in records if one.action == "run-started" and one.detail.get("run") == run]
    return {one["plan"] for one in of_run if "plan" in one}


def _detail(text: object) -> trail.Detail:
    try:
        detail = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        detail = None
    if isinstance(detail, dict) and written(detail) == text:
        return detail
    from merger.approval import digest_bytes

    return {"unreadable": digest_bytes(str(text).encode("utf-8", "replace"))}


def written(detail: trail.Detail) -> str:
    """A detail as the table keeps it."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True)
