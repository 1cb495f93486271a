"""Where a job says that files are."""

from merger.mapping.document import read_document
from merger.migrate.filing import moves_files, one_sided, open_store
from merger.migrate.job import Job
from merger.systems.profile import Profile

PROFILE = Profile.model_validate(
    {
        "schema": "merger/profile/1", "id": "p",
        "datasets": {"files": {"table": "f", "key": ["id"], "to": "files", "columns": {"path": "path"},
                               "files": {"scan": {"path": "path", "to": "path"}}}},
    }
)  # fmt: skip
JOB = """\
schema: merger/job/1
id: job
author: someone
mapping: []
cutover: 2025-07-01T00:00:00+07:00
target: {system: platform, profile: p, database: {path: p.db}TARGET}
sources:
  - {system: one, profile: p, database: {path: one.db}SOURCE}
"""


def job(tmp_path, source, target):
    path = tmp_path / "job.yaml"
    path.write_text(JOB.replace("SOURCE", source).replace("TARGET", target))
    return read_document(path, Job)


def test_files_are_copied_where_both_sides_say_where_they_are(tmp_path):
    document = job(tmp_path, ", files: {path: old}", ", files: {path: new}")
    assert one_sided(document, {"one": PROFILE}) == []
    assert moves_files(document.value, document.value.sources[0], PROFILE)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a").write_bytes(b"content")
    with open_store(tmp_path / "job.yaml", document.value.sources[0]) as store:
        assert [info.size for info in [store.info("a")] if info] == [7]


def test_a_side_that_does_not_say_is_warned_of(tmp_path):
    document = job(tmp_path, ", files: {path: old}", "")
    [found] = one_sided(document, {"one": PROFILE})
    assert (found.code, found.severity.value, found.place.line) == ("one-side", "warning", 6)
    assert found.message == (
        "the rows of one name files, but the job does not say where the files of platform are; only rows"
        " are moved"
    )
    assert not moves_files(document.value, document.value.sources[0], PROFILE)


def test_rows_that_name_no_files_need_no_place(tmp_path):
    document = job(tmp_path, "", "")
    none = Profile.model_validate({"schema": "merger/profile/1", "id": "p", "datasets": {}})
    assert one_sided(document, {"one": none}) == []
