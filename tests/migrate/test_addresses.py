"""Rows without a unit's code are decided by their address where the signed job says so, else held."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from merger.cli.shapes import plan_lines
from merger.errors import InputError
from merger.messages import catalogue
from merger.migrate import api
from merger.migrate.addressed import Said
from merger.migrate.approving import job_subject
from merger.migrate.campaign import Campaign
from merger.migrate.model import Outcome, Plan
from merger.report.page import page
from merger.report.xlsx import workbook
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, changed, dossier, fates, fill, moved_by, planned, quiet, unsigned

RULE = "addresses: {confidence: 0.995}\npolicies:"
TWO = "12 phố Chợ, Old Two, District A, Province One"
THREE = "Old Three, District A, Province One"
FOUR = "Old Four, District B, Province Two"
NORTH = "ngõ 7, Commune North, Province One"
BIRTH = "1.000001.000.00.00.Z01"
CASES: dict[str, tuple[dict[str, object], str]] = {
    "null": ({"commune": None, "address": TWO}, "10001"),
    "empty": ({"commune": "", "address": f"{TWO} "}, "10001"),
    "blank": ({"commune": " \t", "address": TWO.upper()}, "10001"),
    "undated": ({"commune": None, "address": TWO, "received": None}, "10001"),
    "hamlet": ({"commune": None, "address": f"nhà 9, thôn 1, {FOUR}"}, "10004"),
    "july": ({"commune": None, "address": NORTH, "received": "2025-07-05"}, "10001"),
    "people": ({"commune": None, "address": THREE, "service": BIRTH}, "10003"),
    "by-place": ({"commune": None, "address": TWO, "service": BIRTH, "agency": "Z01.30"}, "10001"),
    "unsure": ({"commune": None, "address": "hẻm 3, Old Two"}, "address-unsure doubtful"),
    "divided": ({"commune": None, "address": f"ngõ 8, {FOUR}"}, "address-undecided divided"),
    "land": ({"commune": None, "address": THREE}, "address-undecided divided"),
    "old-name": ({"commune": "", "address": TWO, "received": "2025-07-05"},
                 "address-undecided not-valid-then"),
    "district": ({"commune": "", "address": "ngõ 8, District A, Province One"},
                 "address-undecided commune-missing"),
    "nowhere": ({"commune": None, "address": "số 8 ngõ Gạch"}, "address-undecided no-unit"),
    "none": ({"commune": None, "address": None}, "address-undecided text-empty"),
    "number": ({"commune": None, "address": 17}, "address-undecided no-unit"),
    "bytes": ({"commune": None, "address": b"\xff\x00"}, "address-undecided text-empty"),
    "unknown": ({"commune": "99999", "address": TWO}, "code-unknown"),
    "other-code": ({"commune": "10005", "address": TWO}, "10005"),
    "finished": ({"commune": None, "address": TWO, "status": "9"}, "finished-stays"),
}  # fmt: skip
"""Dossiers, and where each goes, or why it is held (with what the combination says) or excluded."""
BY_ADDRESS = ("null", "empty", "blank", "undated", "hamlet", "july", "people", "by-place")
SECRET = ("phố Chợ", "PHỐ CHỢ", "nhà 9", "ngõ 7", "ngõ 8", "hẻm 3", "ngõ Gạch", "District A, ", "Old Two, ")


def cases(here: Path) -> Path:
    fill(here / "one.db", "dossier", [dossier(name, **fields) for name, (fields, _) in CASES.items()])
    files = [{"number": name, "path": f"{name}.pdf", "content": b"x"} for name in ("null", "nowhere")]
    fill(here / "one.db", "file", files)
    return here


@pytest.fixture
def world(worlds: Worlds) -> Path:
    """The job lets addresses decide, and the profile names them."""
    here = worlds.restore("empty")
    changed(here / "job.yaml", "policies:", RULE)
    changed(here / "source.yaml", "{value: commune, role", "{value: commune, address: address, role")
    return cases(here)


def of(plan: Plan, dataset: str) -> dict[str, int]:
    (part,) = [one for one in plan.datasets if (one.system, one.dataset) == ("one", dataset)]
    return {"move": part.to_move, "by_address": part.by_address, "held": part.held} | part.held_by_reason


def outcome_of(found: dict[str, tuple[str, str, Outcome | None]], name: str) -> tuple[str, str, Outcome]:
    fate, why, outcome = found[f"one/dossiers/d-{name}"]
    assert outcome is not None
    return fate, why, outcome


def test_an_address_decides_rows_without_a_code_and_no_others(world: Path) -> None:
    plan = unsigned(world)
    found = fates(world, plan)
    said = {(hold.codes.get("place.address") or hold.reason) for hold in plan.holds}
    for name, (_, expected) in CASES.items():
        fate, why, outcome = outcome_of(found, name)
        assert (outcome.gives["place.code"] if fate == "move" else why) == expected.partition(" ")[0], name
        assert ("address" in outcome.decided_by) == (name in BY_ADDRESS), name
        assert fate != "hold" or expected in said, name


def test_a_decision_by_address_names_what_the_address_says_in_codes(world: Path) -> None:
    found = fates(world, unsigned(world))
    _, _, two = outcome_of(found, "null")
    assert two.decided_by == "address"
    assert two.evidence == ("address: commune=10002, district=001, province=01", "1/ACT §1", "agencies")
    assert two.old_unit == "10002"
    _, _, hamlet = outcome_of(found, "hamlet")
    assert hamlet.decided_by == "address, locality"
    assert outcome_of(found, "july")[2].old_unit == "10001@2025-07-01"
    assert outcome_of(found, "by-place")[2].gives["holder.code"] == "Z01.101"


def test_a_plan_counts_what_addresses_decide_and_groups_what_they_do_not(world: Path) -> None:
    plan = unsigned(world)
    held = {"address-undecided": 8, "address-unsure": 1, "code-unknown": 1}
    assert of(plan, "dossiers") == {"move": 9, "by_address": 8, "held": 10, **held}
    assert of(plan, "files") == {"move": 1, "by_address": 1, "held": 1, "parent-held": 1}
    rows = {hold.codes["place.address"]: hold.rows for hold in plan.holds if "place.address" in hold.codes}
    assert rows["address-undecided no-unit"] == 2
    assert "address-undecided text-empty" in rows


def test_no_text_of_an_address_is_in_anything_that_a_campaign_writes(world: Path) -> None:
    path = planned(world)
    said = api.apply(path, 1, quiet).model_dump_json()
    said += api.verify(str(path), False, False, quiet).model_dump_json()
    said += api.summary(str(path)).model_dump_json()
    said += "".join(one.model_dump_json() for one in api.find(world / "job.yaml", "null"))
    said += "".join(one.model_dump_json() for one in api.check(world / "job.yaml"))
    said += "".join(file.read_text("utf-8") for file in world.glob("*.json"))
    target = world / "platform.db"
    tables = ask_sql(target, "SELECT name FROM sqlite_master WHERE name LIKE 'merger_%' AND type = 'table'")
    said += "".join(str(ask_sql(target, f"SELECT * FROM {table}")) for (table,) in tables)
    assert "address: commune=10002" in said
    assert [one for one in SECRET if one in said] == []
    assert [one for one in SECRET if one not in str(CASES)] == []


def test_what_an_address_decided_is_moved_once_and_verified(world: Path) -> None:
    path = planned(world)
    assert api.apply(path, 1, quiet).state == "done"
    assert api.verify(str(path), False, False, quiet).state == "equal"
    moved = ask_sql(world / "platform.db", "SELECT number, ward FROM p_dossier WHERE id <> 7")
    assert dict(moved) == {
        name: expected for name, (_, expected) in CASES.items() if name in (*BY_ADDRESS, "other-code")
    }
    assert api.apply(path, 1, quiet).state == "already"
    moved_by(world, "again.json")
    assert ask_sql(world / "platform.db", "SELECT number, ward FROM p_dossier WHERE id <> 7") == moved


def test_an_address_that_the_plan_has_not_seen_is_not_moved(world: Path) -> None:
    plan = unsigned(world)
    fill(
        world / "one.db",
        "dossier",
        [dossier("late", commune=None, address="Old Five, District B, Province Two")],
    )
    assert fates(world, plan)["one/dossiers/d-late"][:2] == ("hold", "not-in-plan")
    assert outcome_of(fates(world, unsigned(world)), "late")[2].gives["place.code"] == "10005"


def test_without_the_rule_in_the_job_no_address_decides(worlds: Worlds) -> None:
    here = cases(worlds.restore("empty"))
    before = unsigned(here)
    changed(here / "source.yaml", "{value: commune, role", "{value: commune, address: address, role")
    after = unsigned(here)
    assert after.datasets == before.datasets
    assert after.holds == before.holds
    found = fates(here, after)
    for name in (*BY_ADDRESS, "unsure", "nowhere"):
        reason = "code-empty" if name == "blank" else "code-missing"
        assert found[f"one/dossiers/d-{name}"][:2] == ("hold", reason), name
    assert "address" not in (here / "plan.json").read_text("utf-8")


def test_a_job_asks_for_as_much_confidence_as_it_says(world: Path) -> None:
    changed(world / "job.yaml", "0.995", "0.9999")
    found = fates(world, unsigned(world))
    assert outcome_of(found, "null")[:2] == ("hold", "address-unsure")


def test_an_optional_unit_stays_empty_where_its_address_decides_nothing(world: Path) -> None:
    changed(world / "source.yaml", "role: place}", "role: place, optional: true}")
    found = fates(world, unsigned(world))
    assert outcome_of(found, "null")[2].gives["place.code"] == "10001"
    fate, _, outcome = outcome_of(found, "nowhere")
    assert (fate, outcome.gives.get("place.code")) == ("move", None)
    assert "address" not in outcome.decided_by
    assert outcome_of(found, "blank")[2].gives["place.code"] == "10001"


def test_a_persons_decision_is_stronger_than_an_address(world: Path) -> None:
    decisions = """\
schema: merger/decisions/1
id: decisions
decisions:
  - decision: south
    author: Nguyễn Văn A
    date: 2025-07-02
    reason: by letter
    when: {place: null, place.address: address-undecided no-unit}
    then: {place: "10005"}
"""
    (world / "mapping" / "decisions.yaml").write_text(decisions, "utf-8")
    found = fates(world, unsigned(world))
    assert outcome_of(found, "nowhere")[2].gives["place.code"] == "10005"
    assert outcome_of(found, "null")[2].decided_by == "address"


def test_the_rule_is_part_of_what_the_jobs_signers_sign(world: Path) -> None:
    subject = job_subject(Campaign(world / "job.yaml"))
    assert subject.policies["addresses"] == "0.995"
    changed(world / "job.yaml", RULE, "policies:")
    without = job_subject(Campaign(world / "job.yaml"))
    assert "addresses" not in without.policies
    assert without.canonical != subject.canonical


def test_a_job_that_asks_for_addresses_which_no_profile_names_is_told_so(empty: Path) -> None:
    changed(empty / "job.yaml", "policies:", RULE)
    with pytest.raises(InputError) as caught:
        Campaign(empty / "job.yaml")
    (finding,) = caught.value.findings
    assert (finding.code, finding.place.line) == ("no-address", 17)
    assert "no dataset that is moved names an address" in str(finding)


@pytest.mark.parametrize("confidence", ["0.5", "1", "high"])
def test_a_confidence_that_makes_no_sense_is_told(world: Path, confidence: str) -> None:
    changed(world / "job.yaml", "0.995", confidence)
    with pytest.raises(InputError) as caught:
        Campaign(world / "job.yaml")
    assert [one.place.line for one in caught.value.findings] == [17]


@pytest.mark.parametrize("wrong", ["kind: district, role: place", "role: origin"])
def test_an_address_that_nothing_would_read_is_told(world: Path, wrong: str) -> None:
    changed(world / "source.yaml", "role: place}", f"{wrong}}}")
    with pytest.raises(InputError) as caught:
        Campaign(world / "job.yaml")
    assert "unread-address" in {one.code for one in caught.value.findings}


def test_a_check_says_how_many_addresses_will_be_read(world: Path) -> None:
    told = {one.detail for one in api.check(world / "job.yaml") if one.code == "addresses"}
    assert told == {"one: dossiers: 17 rows without a code", "two: dossiers: 0 rows without a code"}


def test_an_address_column_that_is_not_there_is_told(world: Path) -> None:
    changed(world / "source.yaml", "address: address, role", "address: dia_chi, role")
    with pytest.raises(InputError) as caught:
        unsigned(world)
    assert {one.code for one in caught.value.findings} == {"no-column"}


@pytest.mark.parametrize(
    "said",
    [
        Said("10001", "10002@2025-07-01", "locality", ("commune=10002", "province=01")),
        Said("10001"),
        Said(why="address-undecided", reason="day-unclear"),
    ],
)
def test_what_an_address_says_is_read_back_from_its_word(said: Said) -> None:
    assert Said.of(said.word) == said


def test_every_reason_of_an_address_is_in_words() -> None:
    assert {"reason.address-undecided", "reason.address-unsure"} <= catalogue("en", "migrate").keys()


def test_plan_and_report_have_a_line_for_rows_decided_by_address(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_lines(unsigned(world))
    assert "by address, without a code of their own: 9" in capsys.readouterr().out
    summary = api.summary(str(world / "plan.json"))
    told = page(summary, "en").decode()
    assert "In 9 of these rows that go there was no code for the unit: the address decides it." in told
    assert "có 9 dòng không có mã đơn vị: địa chỉ quyết định" in page(summary, "vi").decode()
    sheet = load_workbook(BytesIO(workbook(summary, "en")))["Counts"]
    heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = heads.index("By address")
    assert {row[1]: row[at] for row in rows if row[0] == "one"}["dossiers"] == 8
    assert rows[-1][at] == 9
