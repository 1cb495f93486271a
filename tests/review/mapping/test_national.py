"""The shipped mapping of the whole country: its pages say what its files say."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merger.mapping import shipped
from merger.mapping.models import UnitKind
from merger.review import Settings, create_app
from merger.review.mapping.book import SHELF, Book
from merger.review.mapping.edges import joined
from merger.review.mapping.overview import overview
from tests.review.web.browsing import Browser

FOLDERS = sorted(one for one in shipped().iterdir() if one.is_dir())


@pytest.fixture(scope="module")
def national() -> Book:
    book = SHELF.book([FOLDERS[0]])
    assert book.linted() is not None
    return book


@pytest.fixture(scope="module")
def local(national: Book, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert national.names.units  # read before anybody asks
    settings = Settings(tmp_path_factory.mktemp("national"), token="token", hosts=("testserver",))
    with TestClient(create_app(settings), follow_redirects=False) as client:
        browser = Browser(client)
        browser.enter("token")
        yield browser


@pytest.mark.parametrize(
    ("question", "found"), [("h", True), ("hoa thang", True), ("248", True), ("không có ở đâu cả", False)]
)
def test_the_whole_country_is_searched_while_somebody_types(local, national, question, found):
    assert len(national.names.units) > 10_000
    address = f"/mapping/shipped-{FOLDERS[0].name}/search"
    answer = local.get(address, params={"q": question}, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert ("/unit?" in answer.text) == found


def test_pages_of_the_whole_country_answer(local, national):
    of = f"/mapping/shipped-{FOLDERS[0].name}"
    largest = max(overview(national, "vi").provinces, key=lambda line: line.communes.after)
    assert largest.into is not None
    split = next(one for one in national.lineage.divided() if one.kind is UnitKind.COMMUNE)
    pages = ["", f"/province?of={largest.into.code}", f"/unit?code={split.code}", "/findings", "/files"]
    assert {page: local.get(of + page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_the_overview_counts_every_commune_of_before_and_after(national):
    view = overview(national, "vi")
    days = sorted({line.day for line in view.provinces})
    assert len(days) == 1
    after = national.lineage.roster(UnitKind.COMMUNE, days[0])
    assert view.communes.after == len(after)
    assert view.communes.before == view.communes.kept + view.communes.whole + view.communes.divided
    assert view.findings == {"error": 0, "warning": 0, "note": 0}


def test_every_edge_of_the_reform_has_a_statement_with_act_and_clause_at_its_line(national):
    (day,) = {line.day for line in overview(national, "vi").provinces}
    seen = 0
    for version in national.lineage.roster(UnitKind.COMMUNE, day):
        if version.valid_from != day:
            continue
        for edge in joined(national, version, forward=False, findings=False):
            (said, *_) = [one for one in edge.said if one.statement.clause]
            line = said.file.content.split(b"\n")[said.line - 1].decode()
            assert edge.other.code in line
            assert said.statement.acts
            seen += 1
    assert seen > 10_000


def test_each_units_name_finds_it_among_all_of_the_country(national):
    for unit in national.names.units[::97]:
        hits = national.names.find(f"{unit.code} {unit.name}").hits
        assert unit in [one.unit for one in hits], unit


def test_a_commune_with_a_reused_code_shows_the_unit_of_the_day_asked_for(local, national):
    of = f"/mapping/shipped-{FOLDERS[0].name}"
    version = next(
        one for one in national.lineage.reused()
        if one.kind is UnitKind.COMMUNE and one.name != national.lineage.versions(one.kind, one.code)[0].name
    )  # fmt: skip
    old = local.get(f"{of}/unit?code={version.code}&since=start").text
    new = local.get(f"{of}/unit?code={version.code}&since={version.valid_from}").text
    name = re.compile(r"<h1>.*?</h1>")
    assert name.findall(old) != name.findall(new)
    assert version.valid_from > date.min


def test_nothing_of_the_files_is_left_out_of_the_bytes_shown(local, national):
    of = f"/mapping/shipped-{FOLDERS[0].name}/files"
    file = national.files[0]
    page = local.get(f"{of}/{file.sha256[:16]}").text
    assert page.count('<li id="L') == file.content.count(b"\n") + 1
    assert local.get(f"{of}/{file.sha256[:16]}/download").content == Path(file.path).read_bytes()
