"""Counts of a whole mapping, the lists of a province, and what is compared with what was signed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from merger import approval, messages
from merger.approval import Role, add_person, load_key, new_key
from merger.mapping import load
from merger.review.mapping import approved
from merger.review.mapping.book import Book, Shelf
from merger.review.mapping.communes import Communes
from merger.review.mapping.overview import overview, province_picture
from merger.review.mapping.province import (
    How,
    Wanted,
    communes_picture,
    districts_picture,
    province,
)
from tests.review.mapping.made_up import book, write

NOW = datetime(2025, 7, 10, 8, tzinfo=UTC)
PASSPHRASE = "cụm mật khẩu dùng thử"


@pytest.fixture(autouse=True)
def english():
    messages.use("en")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return book(tmp_path_factory.mktemp("mapping") / "m")


def test_communes_are_counted_by_what_happened_to_them(made):
    view = overview(made, "en", wait=None)
    (line,) = view.provinces
    assert line.communes == Communes(
        before=6, after=5, kept=1, whole=3, divided=2, together=1, open=0, merged=3, reused=4
    )
    assert ([ref.code for ref in line.old], view.districts, view.changes) == (
        ["90", "91"],
        2,
        (("merge", 2),),
    )
    assert [number for number, _ in view.acts] == ["1/QH", "1/NQ"]


def test_findings_are_counted_once_they_are_known_and_not_guessed_before(tmp_path: Path):
    spoilt = book(tmp_path / "m", ("{clause: 3, keep: 91001 Xã Bốn}", "{clause: 3, keep: 9100 Xã Bốn}"))
    view = overview(spoilt, "en", wait=None)
    assert view.findings["error"] > 0
    assert view.provinces[0].findings == sum(
        1 for one in spoilt.linted().findings if "units" in one.place.file
    )


def test_other_files_say_what_they_hold(made):
    others = {one.id: dict(one.holds) for one in overview(made, "en").others}
    assert others["agencies"] == {"agencies-before": 1, "agencies-after": 2}
    assert others["localities"] == {"localities": 3, "lists": 2}


def test_the_picture_of_provinces_leads_to_the_new_one(made):
    picture = province_picture(overview(made, "en"), {"90": "/here"})
    assert [(one.start, one.end) for one in picture.links] == [("old 90", "new 90"), ("old 91", "new 90")]
    assert {one.url for one in picture.nodes.values()} == {"/here"}


def codes(made: Book, **wanted: object) -> list[str]:
    view = province(made, "90", Wanted(**wanted), "en")  # type: ignore[arg-type]
    assert view is not None
    return [line.entry.unit.code for line in view.lines]


def test_communes_of_a_province_are_listed_by_district_way_and_name(made):
    assert codes(made) == ["90001", "90007", "91001", "91010", "91013"]
    assert codes(made, district="911") == ["91001", "91010", "91013"]
    assert codes(made, how="kept") == ["91001"]
    assert codes(made, name="hoa lac") == ["90001"]
    assert codes(made, name="Hai") == ["90001", "90007"]
    assert codes(made, district="no such") == []
    assert province(made, "no such", Wanted(), "en") is None
    assert province(made, "units", Wanted(), "en").title == "Reorganisation of province A"


def test_each_commune_says_how_it_was_made_and_where_its_parts_lay(made):
    lines = province(made, "90", Wanted(), "en").lines
    assert [line.how for line in lines] == [How.PARTS, How.PARTS, How.KEPT, How.PARTS, How.PARTS]
    assert [(one.part.unit.name, one.district.name, one.province) for one in lines[0].sources] == [
        ("Xã Một", "Huyện Hoà An", "90"),
        ("Xã Hai", "Huyện Hoà An", "90"),
    ]


def test_a_page_beyond_the_last_is_the_last(made):
    view = province(made, "90", Wanted(page=99), "en")
    assert (view.page, view.pages, view.found) == (1, 1, 5)


def test_pictures_of_a_province_are_as_wide_as_there_were_communes(made):
    view = province(made, "90", Wanted(district="901"), "en")
    whole = districts_picture(view, {"901": "/901"})
    assert [(one.start, one.end, one.value) for one in whole.links] == [
        ("old 90", "district 901", 3), ("district 901", "new 90", 3),
        ("old 91", "district 911", 3), ("district 911", "new 90", 3),
    ]  # fmt: skip
    part = communes_picture(view.lines, {})
    assert ("old 90004", "new 90007", 0.6, "part") in [
        (one.start, one.end, one.value, one.tone) for one in part.links
    ]


def signed(folder: Path, *people: str) -> None:
    """Has these people sign the mapping `m` in `folder`, whose trust file lists two."""
    trust = folder / "trust.json"
    if not trust.exists():
        for name, role in (("first", Role.ADMINISTRATOR), ("second", Role.APPROVER)):
            public = new_key(f"Demo {name}", folder / f"{name}.key", PASSPHRASE)
            add_person(trust, public, role, load_key(folder / "first.key", PASSPHRASE), NOW)
    canonical = book_of(folder).canonical
    for name in people:
        subject = approval.mapping_subject(folder / "m", canonical)
        approval.sign(folder / "m", subject, load_key(folder / f"{name}.key", PASSPHRASE), NOW)


def book_of(folder: Path) -> Book:
    return Shelf().book([folder / "m"])


def test_without_a_trust_file_nobody_can_be_told_to_have_approved(tmp_path: Path):
    write(tmp_path / "m")
    assert approved.standing(tmp_path / "m", book_of(tmp_path)) == approved.Standing(None)


def test_what_people_signed_is_kept_and_the_next_content_compared_with_it(tmp_path: Path):
    write(tmp_path / "m")
    state_folder = tmp_path / ".merger"
    signed(tmp_path, "first", "second")
    first = book_of(tmp_path)
    standing = approved.standing(tmp_path / "m", first, NOW + timedelta(hours=1))
    assert (len(standing.state.approvals), standing.state.missing) == (2, 0)
    assert approved.keep(state_folder, tmp_path / "m", first, standing.state, NOW)
    write(tmp_path / "m", ("land: part, people: none}]}", "land: part, people: some}]}"))
    second = book_of(tmp_path)
    changed = approved.standing(tmp_path / "m", second, NOW + timedelta(hours=1))
    assert [one.reason for one in changed.state.refused] == ["content_changed"] * 2
    assert not approved.keep(state_folder, tmp_path / "m", second, changed.state, NOW)
    before = approved.last_before(state_folder, "m", second.canonical)
    assert (before.canonical, sorted(one.name for one in before.signed)) == (
        first.canonical,
        ["Demo first", "Demo second"],
    )
    old = approved.reopened(state_folder, before.canonical)
    found = approved.COMPARISONS.between(old, second.loaded)
    assert (
        "until now 91013 Xã Sáu; now 91010 Xã Ea H'leo (some of its people)" in found.differences[0].message
    )


def test_too_few_signatures_are_kept_but_not_taken_for_an_approval(tmp_path: Path):
    write(tmp_path / "m")
    signed(tmp_path, "second")
    made = book_of(tmp_path)
    state = approved.standing(tmp_path / "m", made, NOW + timedelta(hours=1)).state
    assert approved.keep(tmp_path / ".merger", tmp_path / "m", made, state, NOW)
    assert [one.complete for one in approved.kept(tmp_path / ".merger")] == [False]
    assert approved.last_before(tmp_path / ".merger", "m", "0" * 64) is None
    signed(tmp_path, "first")
    state = approved.standing(tmp_path / "m", made, NOW + timedelta(hours=1)).state
    assert approved.keep(tmp_path / ".merger", tmp_path / "m", made, state, NOW)
    (one,) = approved.kept(tmp_path / ".merger")
    assert (one.complete, len(one.signed)) == (True, 2)


def test_a_kept_copy_that_was_bent_is_not_believed(tmp_path: Path):
    write(tmp_path / "m")
    signed(tmp_path, "first")
    made = book_of(tmp_path)
    state = approved.standing(tmp_path / "m", made, NOW + timedelta(hours=1)).state
    approved.keep(tmp_path / ".merger", tmp_path / "m", made, state, NOW)
    place = tmp_path / ".merger" / "approved" / made.canonical
    assert load([place / "files"]).mapping == made.loaded.mapping
    file = next(place.rglob("units.yaml"))
    file.write_text(file.read_text("utf-8").replace("Xã Ba", "Xã Bà"), "utf-8")
    assert approved.reopened(tmp_path / ".merger", made.canonical) is None
    about = json.loads((place / "about.json").read_text("utf-8"))
    (place / "about.json").write_text(json.dumps(about | {"canonical": "0" * 64}), "utf-8")
    assert approved.kept(tmp_path / ".merger") == []


def test_nothing_is_kept_of_what_nobody_signed(tmp_path: Path):
    write(tmp_path / "m")
    signed(tmp_path)
    made = book_of(tmp_path)
    state = approved.standing(tmp_path / "m", made, NOW).state
    assert not approved.keep(tmp_path / ".merger", tmp_path / "m", made, state, NOW)
    assert not (tmp_path / ".merger").exists()


def test_lint_that_fails_is_never_told_as_nothing_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(_: object) -> None:
        raise RuntimeError("made to fail")

    monkeypatch.setattr("merger.review.mapping.book.lint", fails)
    spoilt = book(tmp_path / "m")
    with pytest.raises(RuntimeError, match="made to fail"):
        spoilt.linted()
    with pytest.raises(RuntimeError, match="made to fail"):
        overview(spoilt, "en", wait=None)
