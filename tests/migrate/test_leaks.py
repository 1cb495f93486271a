"""No citizen's name, number, address or free text leaves the sources and the platform's own tables."""

import json
from pathlib import Path

import pytest

from merger.errors import Refused
from merger.migrate import api
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, dossier, fill, planned, run_sql, sign_by

PERSONAL = (
    "Nguyễn", "Trần Bê", "Ai Đó", "Ai Khác", "Khác Tên", "Tên Khác", "Lê An", "Lê Anh", "Own Officer",
    "012345678901", "012345678999", "000000001", "099999999999", "1980-01-01", "1971-01-01",
    "đường Chợ", "nhà 3", "THÔN 10, chợ", "không rõ", "ghi chú", "an##anh", "an@one", "hôm qua",
)  # fmt: skip
"""What the small world's people would not like to see elsewhere."""


def leaks(text: str) -> list[str]:
    """The personal values in a text, also as JSON would write them."""
    return [one for one in PERSONAL if one in text or json.dumps(one)[1:-1] in text]


@pytest.fixture(scope="module")
def told(worlds: Worlds) -> dict[str, str]:
    """Everything that a whole campaign writes and says, by what it is."""
    here = worlds.restore("standard")
    said: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        said.append(f"{stage} {done} {total}")

    path = planned(here)
    out = {"result": api.apply(path, 1, progress).model_dump_json()}
    out["equal"] = api.verify(str(path), False, False, progress).model_dump_json()
    run_sql(
        here / "platform.db", "UPDATE p_dossier SET owner = 'Trần Bê', due = 'hôm qua' WHERE number = 'works'"
    )
    out["different"] = api.verify(str(path), False, False, progress).model_dump_json()
    out["quick"] = api.verify(str(path), True, False, progress).model_dump_json()
    out["summary"] = api.summary(str(path)).model_dump_json()
    out["found"] = "".join(one.model_dump_json() for one in api.find(here / "job.yaml", "works"))
    out["checks"] = "".join(one.model_dump_json() for one in api.check(here / "job.yaml"))
    run_sql(here / "one.db", "UPDATE dossier SET note = 'ghi chú khác' WHERE id = 'd-Z01.05-250505-0003'")
    out["caught up"] = api.apply(planned(here, name="later.json"), 1, progress).model_dump_json()
    fill(here / "one.db", "dossier", [dossier("new", commune="10005")])
    planned(here, name="stale.json")
    run_sql(here / "one.db", "UPDATE dossier SET commune = '10001' WHERE number = 'new'")
    for action in (
        lambda: api.apply(here / "stale.json", 1, progress),
        lambda: api.rollback(str(path), progress),
    ):
        with pytest.raises(Refused) as caught:
            action()
        out["refusals"] = out.get("refusals", "") + str(caught.value)
    sign_by(here, here / "plan.rollback.json", "one", "two")
    out["rollback"] = api.rollback(str(path), progress).model_dump_json()
    out["trail"] = str(api.audit_export(here / "job.yaml"))
    out["progress"] = "\n".join(said)
    for file in sorted([*here.glob("*.json"), *(here / "state").rglob("*.json")]):
        out[f"file {file.name}"] = file.read_text("utf-8")
    tables = ask_sql(
        here / "platform.db", "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'merger_%'"
    )
    for (table,) in tables:
        rows = ask_sql(here / "platform.db", f"SELECT * FROM {table}")
        out[f"table {table}"] = "\n".join(
            one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
            for row in rows
            for one in row
        )
    return out


def test_nothing_that_is_written_or_said_holds_personal_values(told: dict[str, str]) -> None:
    assert {name: found for name, text in told.items() if (found := leaks(text))} == {}


def test_all_that_a_campaign_writes_was_looked_at(told: dict[str, str]) -> None:
    assert {"file plan.json", "file plan.run.json", "file plan.rollback.json", "table merger_row",
            "table merger_run",
            "table merger_trail", "table merger_batch", "table merger_change",
            "table merger_approval"} <= told.keys()  # fmt: skip
    assert sum(name.endswith(".sig.json") for name in told) == 8
    assert [name for name, text in told.items() if not text] == ["table merger_file"]


def test_the_search_would_find_what_it_looks_for(moved: Path) -> None:
    run_sql(moved / "platform.db", "UPDATE p_dossier SET owner = 'Trần Bê' WHERE number = 'works'")
    shown = api.verify(str(moved / "plan.json"), False, True, lambda *_: None).model_dump_json()
    assert leaks(shown) == ["Nguyễn", "Trần Bê"]
    sources = ask_sql(moved / "one.db", "SELECT * FROM dossier") + ask_sql(
        moved / "two.db", "SELECT * FROM dossier"
    )
    for table in ("citizen", "officer"):
        sources += ask_sql(moved / "one.db", f"SELECT * FROM {table}")
        sources += ask_sql(moved / "two.db", f"SELECT * FROM {table}")
    own = ask_sql(moved / "platform.db", "SELECT * FROM p_officer")
    assert leaks(str(sources + own)) == list(PERSONAL)
