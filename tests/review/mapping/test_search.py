"""Units found by code and by name, however it is written."""

import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.mapping.models import UnitKind
from merger.review.mapping.book import KEPT, Shelf
from merger.review.mapping.search import Names
from tests.review.mapping.made_up import book, write


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Names:
    return book(tmp_path_factory.mktemp("mapping") / "m").names


def found(names: Names, question: str, **more: object) -> list[tuple[str, str, bool]]:
    hits = names.find(question, **more)  # type: ignore[arg-type]
    return [(one.unit.code, one.unit.name, one.near) for one in hits.hits]


@pytest.mark.parametrize(
    "written",
    [
        "Hòa Lạc",
        "Hoà Lạc",
        "hòa lạc",
        "HÒA LẠC",
        "HOÀ LẠC",
        "Ho\u0300a La\u0323c",
        "Hoa\u0300 La\u0323c",
        "xã Hòa Lạc",
        "X. Hoà Lạc",
        "  Hòa   Lạc ",
        "Hòa Lạc, Tỉnh A",
        "Hòa Lạc tỉnh A",
    ],
)
def test_every_way_of_writing_a_name_finds_it(names, written):
    assert found(names, written) == [("90001", "Xã Hòa Lạc", False)]


@pytest.mark.parametrize("written", ["hoa lac", "Hóa Lạc", "hoa lạc", "HOA LAC"])
def test_a_name_without_its_marks_is_found_as_a_near_one(names, written):
    assert found(names, written) == [("90001", "Xã Hòa Lạc", True)]


@pytest.mark.parametrize("written", ["Ea H'leo", "Ea Hleo", "ea h’leo", "Ea H leo"])
def test_apostrophes_and_their_absence_find_the_same_name(names, written):
    assert ("91010", "Xã Ea H'leo", False) in found(names, written)


def test_a_code_finds_all_units_that_bore_it_those_in_force_first(names):
    assert found(names, "90001") == [("90001", "Xã Hòa Lạc", False), ("90001", "Xã Một", False)]
    assert {code for code, _, _ in found(names, "9000")} == {"90001", "90003", "90004", "90007"}
    assert found(names, "90001 Xã Một")[0][0] == "90001"


def test_the_exact_name_comes_before_names_that_begin_with_it(names):
    assert found(names, "Hoà An")[0] == ("901", "Huyện Hoà An", False)
    assert [code for code, _, near in found(names, "Hòa") if not near] == ["90001", "901"]


def test_a_district_or_province_after_a_comma_narrows_it_down(names):
    assert found(names, "Hai, Hòa An") == [("90004", "Xã Hai", False)]
    assert found(names, "Hai, Huyện E") == []


def test_only_units_of_the_kind_asked_for_are_found(names):
    assert found(names, "Hòa", kind=UnitKind.DISTRICT) == [("901", "Huyện Hoà An", False)]


def test_there_are_never_more_hits_than_wanted_and_it_is_said_that_there_are_more(names):
    hits = names.find("xã", limit=2)
    assert (len(hits.hits), hits.more) == (2, True)
    assert {one.unit.name.split()[0] for one in hits.hits} == {"Xã"}


def test_nothing_is_found_for_nothing(names):
    for question in ("", "   ", ",", "%", "xyz không có", "\x00"):
        assert names.find(question).hits == ()


def test_versions_of_one_code_under_one_name_are_one_hit(names):
    (hit,) = names.find("Xã Hai").hits
    assert [str(one.valid_to) for one in hit.unit.versions] == ["2020-01-01", "2025-07-01"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_each_name_is_found_by_itself_however_it_is_encoded(names, data):
    unit = data.draw(st.sampled_from(names.units))
    form = data.draw(st.sampled_from(["NFC", "NFD"]))
    case = data.draw(st.sampled_from([str, str.upper, str.lower]))
    first = names.find(unicodedata.normalize(form, case(unit.name)), limit=5).hits
    assert unit in [one.unit for one in first if not one.near]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_asked(names, text):
    hits = names.find(text, limit=3)
    assert len(hits.hits) <= 3
    assert len({one.unit for one in hits.hits}) == len(hits.hits)


def test_files_written_anew_are_read_anew_and_untouched_ones_are_not(tmp_path: Path):
    shelf = Shelf()
    folder = write(tmp_path / "m")
    first = shelf.book([folder])
    assert shelf.book([folder]) is first
    write(tmp_path / "m", ("90001 Xã Hòa Lạc", "90001 Xã Hòa Bình"))
    second = shelf.book([folder])
    assert second.canonical != first.canonical
    assert [one.unit.name for one in second.names.find("hòa b").hits] == ["Xã Hòa Bình"]


def test_the_last_used_contents_stay_in_memory_and_those_that_last(tmp_path: Path):
    shelf = Shelf()
    folders = [write(tmp_path / f"m{number}") for number in range(KEPT + 2)]
    lasting = shelf.book([folders[0]])
    lasting.lasting = True
    books = [shelf.book([folder]) for folder in folders[1:]]
    assert shelf.book([folders[0]]) is lasting
    assert [shelf.book([folder]) is book for folder, book in zip(folders[2:], books[1:], strict=True)] == [
        True
    ] * KEPT
    assert shelf.book([folders[1]]) is not books[0]


def test_a_drawing_that_was_changed_beside_its_file_is_noticed(tmp_path: Path):
    pytest.importorskip("shapely")
    folder = write(tmp_path / "m")
    drawing = folder / "drawn.geojson"
    drawing.write_bytes(b'{"type": "FeatureCollection", "features": []}')
    digest = sha256(drawing.read_bytes()).hexdigest()
    (folder / "polygons.yaml").write_text(
        "schema: merger/polygons/1\nid: polygons\neffective: 2025-07-01\n"
        f"file: {{name: drawn.geojson, sha256: {digest}, code: code}}\n",
        "utf-8",
    )
    shelf = Shelf()
    first = shelf.book([folder])
    assert first.drawn == (drawing,)
    assert shelf.book([folder]) is first
    drawing.write_bytes(b'{"type": "FeatureCollection", "features": [ ]}')
    assert shelf.book([folder]).problems != first.problems
