"""A job whose files lie in stores of other kinds than folders."""

import uuid
from pathlib import Path

import pytest

from merger.migrate import api
from merger.systems.profile import FilesAt
from merger.testing.servers.files import S3, Sftp
from merger.testing.servers.processes import hand_over
from tests.migrate.filing.job_world import (
    FileWorlds,
    files_in,
    key_of,
    moved_files,
    say_where,
    with_files,
)
from tests.migrate.world import planned, quiet, standard_rows
from tests.systems.files.places import Place, folder_place, s3_place


def options(world: Path, name: str, at: FilesAt) -> FilesAt:
    """Where a store is, with its options under a name of their own."""
    (world / at.options).rename(world / f"{name}.yaml")
    return at.model_copy(update={"options": f"{name}.yaml"})


def openssh_place(world: Path, server: Sftp) -> Place:
    """A new folder of the server, which its user may write."""
    folder = server.files / uuid.uuid4().hex
    folder.mkdir()
    hand_over(folder)
    (world / "sftp.yaml").write_text(f"known_hosts: {server.known_hosts}\nclient_keys: [{server.key}]\n")
    url = f"sftp://{server.user}@{server.host}:{server.port}{folder}"
    return folder_place(folder, FilesAt(url=url, options="sftp.yaml"), world)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The world with its files in folders; where they are, the job does not say yet."""
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    made = FileWorlds(tmp_path).restore("empty")
    standard_rows(made)
    with_files(made)
    return made


def run_through(world: Path, target: Place, expected: dict[str, bytes]) -> None:
    """Plans, runs and proves the job, and breaks a file of the target."""
    result = api.apply(planned(world), 1, quiet)
    assert sorted((one.key, one.code) for one in result.file_notes) == [("4", "missing"), ("5", "other-size")]
    assert {name: target.read(name) for name in expected} == expected
    plan = str(world / "plan.json")
    assert api.verify(plan, False, False, quiet).state == "equal"
    target.put("two/a/7.pdf", b"?" * len(expected["two/a/7.pdf"]))
    assert api.verify(plan, True, False, quiet).state == "equal"
    found = api.verify(plan, False, False, quiet)
    assert found.state == "different"
    assert [(one.key, one.code) for one in found.files if one.what == "different"] == [
        (key_of(world, "two", "a/7.pdf"), "changed-there")
    ]


def test_files_go_from_a_folder_and_sftp_to_s3(world: Path, sftp_server: Sftp, s3_endpoint: S3) -> None:
    here = openssh_place(world, sftp_server)
    for name, content in files_in(world / "old-two").items():
        here.put(name, content)
    two = options(world, "two-files", here.at)
    there = s3_place(world, s3_endpoint)
    target = options(world, "platform-files", there.at)
    say_where(world, {"one": FilesAt(path="old-one"), "two": two, "platform": target})
    run_through(world, there, moved_files())


def test_files_go_from_folders_to_sftp(world: Path, sftp_server: Sftp) -> None:
    there = openssh_place(world, sftp_server)
    target = options(world, "platform-files", there.at)
    say_where(world, {"one": FilesAt(path="old-one"), "two": FilesAt(path="old-two"), "platform": target})
    run_through(world, there, moved_files())
