import shutil

import pytest

from merger.errors import InputError
from merger.review import Settings
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing
from merger.review.web.finding import Finder

UNITS = "schema: merger/units/1\nid: {}\n"


@pytest.fixture
def place(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def names(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


def test_files_are_told_by_how_they_begin(tmp_path, place):
    place("a/job.yaml", "# a comment\nschema: merger/job/1\nid: x\n")
    place("a/plan.json", '{"schema":"merger/plan/1"}\n')
    place("a/plan.run.json", '{"schema":"merger/run/1"}\n')
    place("a/other.json", '{"kind":"merger/plan/1"}\n')
    place("a/notes.yaml", "schema: something/1\n")
    place("a/plan.txt", '{"schema":"merger/plan/1"}\n')
    found = Finder().find(tmp_path)
    assert names(found.jobs, tmp_path) == ["a/job.yaml"]
    assert names(found.plans, tmp_path) == ["a/plan.json"]
    assert names(found.runs, tmp_path) == ["a/plan.run.json"]
    assert found.mappings == []


def test_a_mapping_is_the_topmost_folder_of_definitions_alone_or_a_file_elsewhere(tmp_path, place):
    place("job.yaml", "schema: merger/job/1\n")
    place("mapping/units.yaml", UNITS.format("a"))
    place("mapping/more/agencies.yaml", "schema: merger/agencies/1\n")
    place("mapping/more/picture.geojson", "{}")
    place("mixed/profile.yaml", "schema: merger/profile/1\n")
    place("mixed/units.yaml", UNITS.format("b"))
    place("mixed/below/units.yaml", UNITS.format("c"))
    found = names(Finder().find(tmp_path).mappings, tmp_path)
    assert found == ["mapping", "mixed/below", "mixed/units.yaml"]


def test_a_file_that_changed_is_read_again(tmp_path, place):
    finder = Finder()
    place("x.json", '{"schema":"merger/plan/1"}')
    assert len(finder.find(tmp_path).plans) == 1
    place("x.json", '{"schema":"merger/run/1"}\n\n')
    found = finder.find(tmp_path)
    assert (found.plans, len(found.runs)) == ([], 1)


def test_identifiers_stay_and_lead_back(folder):
    desk = Desk(Settings(folder))
    for path in (*desk.jobs(), *desk.plans(), *desk.mappings()):
        assert desk.path(desk.identifier(path)) == path
        assert Desk(Settings(folder)).identifier(path) == desk.identifier(path)
    assert names(desk.mappings(), desk.folder) == ["mapping"]
    (folder / "plan.json").unlink()
    with pytest.raises(Missing, match="There is nothing of this kind in the folder"):
        desk.path(desk.identifier(folder / "plan.json"))


def test_a_graph_is_built_once_for_the_same_bytes(tmp_path, place):
    text = UNITS.format("a") + "title: {vi: a, en: a}\neffective: 2025-07-01\ncommunes: []\n"
    mapping = place("m/units.yaml", text).parent
    desk = Desk(Settings(tmp_path))
    first = desk.lineage(mapping)
    assert desk.lineage(mapping) is first
    place("m/units.yaml", text + "# changed\n")
    assert desk.lineage(mapping) is not first


def test_the_mapping_of_a_job_is_what_the_job_names(folder):
    desk = Desk(Settings(folder))
    (job,) = desk.jobs()
    ids = set(desk.definitions(job).mapping.digests)
    assert {"demo-agencies", "demo-competence", "demo-services", "demo-localities"} < ids
    assert len(ids) == 6


def test_a_mapping_that_cannot_be_used_is_told_with_every_problem(tmp_path, place):
    mapping = place("m/units.yaml", "schema: merger/units/1\nid: a\nwrong: 1\n").parent
    with pytest.raises(InputError) as error:
        Desk(Settings(tmp_path)).lineage(mapping)
    assert len(error.value.findings) >= 2


def test_a_folder_that_went_away_is_empty(tmp_path):
    made = tmp_path / "gone"
    made.mkdir()
    desk = Desk(Settings(made))
    shutil.rmtree(made)
    assert desk.jobs() == []
