"""Where files are is said in the job; credentials are read from elsewhere and told nowhere."""

import pytest

from merger.errors import Refused
from merger.systems.files import StoreFailed, open_files
from merger.systems.profile import FilesAt
from tests.systems.files.places import s3_place, sftp_place

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    ("at", "key"),
    [
        (FilesAt(), "files.no-place"),
        (FilesAt(url="ftp://host/x"), "files.unknown-url"),
        (FilesAt(url="https://host/x"), "files.unknown-url"),
        (FilesAt(url="sftp:///x"), "files.unknown-url"),
        (FilesAt(url="sftp://host:port/x"), "files.unknown-url"),
        (FilesAt(url="memory://x"), "files.unknown-url"),
        (FilesAt(url="s3://bucket/a?b"), "files.unknown-url"),
        (FilesAt(url="file:///a/#1"), "files.unknown-url"),
        (FilesAt(url=f"sftp://user:{SECRET}@host/x"), "files.password-in-url"),
        (FilesAt(url_env="FILES_NOT_SET"), "files.no-url"),
        (FilesAt(url="s3://bucket", options="no.yaml"), "files.options-unreadable"),
        (FilesAt(url="s3://bucket", options="list.yaml"), "files.options-unreadable"),
        (FilesAt(url="s3://bucket", options="other.yaml"), "files.unknown-option"),
    ],
    ids=str,
)
def test_a_place_that_cannot_be_used_is_refused_without_telling_a_secret(tmp_path, at, key):
    (tmp_path / "list.yaml").write_text(f"- {SECRET}\n")
    (tmp_path / "other.yaml").write_text(f"pasword: {SECRET}\n")
    with pytest.raises(Refused) as refused:
        open_files(at, tmp_path, "one")
    assert refused.value.key == key
    assert "one" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StoreFailed) as failed:
        open_files(FilesAt(path="no"), tmp_path, "one")
    assert str(failed.value) == (
        "the place where the files of one should be is not there; nothing was changed there. Check the URL,"
        " and make the folder or bucket where it is new"
    )


def test_a_url_may_come_from_the_environment_with_a_password(tmp_path, own_sftp_server, monkeypatch):
    place = sftp_place(tmp_path, own_sftp_server)
    place.put("a.pdf", b"content")
    (tmp_path / "hosts.yaml").write_text(f"known_hosts: {own_sftp_server.known_hosts}\n")
    monkeypatch.setenv("FILES_ONE", place.at.url.replace("merger@", "merger:secret%20words@"))
    with open_files(FilesAt(url_env="FILES_ONE", options="hosts.yaml"), tmp_path, "one") as store:
        assert store.size_and_sha256("a.pdf")[0] == 7


def test_a_wrong_password_an_unknown_server_and_no_server_are_told_apart(tmp_path, own_sftp_server):
    place = sftp_place(tmp_path, own_sftp_server)
    options = tmp_path / "sftp.yaml"
    options.write_text(f"password: {SECRET}\nknown_hosts: {own_sftp_server.known_hosts}\n")
    told = []
    for at in (
        place.at,
        FilesAt(url=place.at.url, options="empty.yaml"),
        FilesAt(url="sftp://merger@127.0.0.1:1/x", options="sftp.yaml"),
        FilesAt(url=f"{place.at.url}/no", options="right.yaml"),
    ):
        (tmp_path / "no_hosts").write_text("")
        (tmp_path / "empty.yaml").write_text(f"password: {SECRET}\nknown_hosts: no_hosts\n")
        (tmp_path / "right.yaml").write_text(
            f"password: secret words\nknown_hosts: {own_sftp_server.known_hosts}\n"
        )
        with pytest.raises(StoreFailed) as failed:
            open_files(at, tmp_path, "one")
        told.append(failed.value.reason)
        assert SECRET not in str(failed.value)
    assert told == ["no-login", "unknown-host", "unreachable", "no-folder"]


def test_a_bucket_that_is_not_there_and_a_server_that_is_not_are_told(tmp_path, s3_endpoint):
    place = s3_place(tmp_path, s3_endpoint)
    with pytest.raises(StoreFailed) as failed:
        open_files(FilesAt(url="s3://no-such-bucket/x", options="s3.yaml"), tmp_path, "one")
    assert failed.value.reason == "no-folder"
    (tmp_path / "s3.yaml").write_text("key: k\nsecret: s\nendpoint_url: http://127.0.0.1:1\n")
    with pytest.raises(StoreFailed) as failed:
        open_files(place.at, tmp_path, "one")
    assert failed.value.reason == "unreachable"
