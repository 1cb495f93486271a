"""What each make of store does in its own way."""

import errno
import os

import pytest

from merger.systems.files import FileHeld, StoreFailed, copy
from merger.systems.files.paths import part_of
from merger.systems.files.s3 import PART, S3Store
from tests.systems.files.places import Killed, killed_at, local_place, parts_in, s3_place

CONTENT = os.urandom(60_000)
LARGE = os.urandom(3 * PART + 5)


@pytest.fixture
def bucket(tmp_path, s3_endpoint):
    return s3_place(tmp_path, s3_endpoint)


@pytest.fixture
def calls(monkeypatch):
    """The requests that S3 stores make."""
    made = []
    real = S3Store._call

    def call(self, what, **kwargs):
        made.append(what)
        return real(self, what, **kwargs)

    monkeypatch.setattr(S3Store, "_call", call)
    return made


def test_parts_that_s3_has_are_not_sent_again(source, bucket, calls):
    source.put("a.pdf", LARGE)
    with source.open() as one, bucket.open() as two:
        with pytest.raises(Killed):
            copy(one, "a.pdf", two, "a.pdf", at=killed_at("in-file", 2))
        calls.clear()
        assert copy(one, "a.pdf", two, "a.pdf").size == len(LARGE)
    assert (calls.count("upload_part"), calls.count("create_multipart_upload")) == (2, 0)
    assert bucket.read("a.pdf") == LARGE


def test_a_part_of_another_content_is_sent_again(source, bucket, calls):
    source.put("a.pdf", LARGE)
    with source.open() as one, bucket.open() as two:
        with pytest.raises(Killed):
            copy(one, "a.pdf", two, "a.pdf", at=killed_at("in-file", 2))
        changed = b"\0" * PART + LARGE[PART:]
        source.put("a.pdf", changed)
        calls.clear()
        copy(one, "a.pdf", two, "a.pdf")
    assert calls.count("upload_part") == 3
    assert bucket.read("a.pdf") == changed


def test_an_upload_that_was_begun_is_cleaned_up(source, bucket):
    source.put("a.pdf", LARGE)
    with source.open() as one, bucket.open() as two:
        with pytest.raises(Killed):
            copy(one, "a.pdf", two, "a.pdf", at=killed_at("in-file"))
        assert len(two._uploads(two._key("a.pdf"))) == 1
        two.clean("a.pdf")
        assert two._uploads(two._key("a.pdf")) == []


@pytest.mark.parametrize("content", [CONTENT, LARGE], ids=["small", "large"])
def test_an_s3_that_knows_no_conditions_is_looked_into_first_and_this_is_noted(
    source, bucket, monkeypatch, content
):
    real = S3Store._call

    def call(self, what, **kwargs):
        if "IfNoneMatch" in kwargs:
            raise NotImplementedError
        return real(self, what, **kwargs)

    monkeypatch.setattr(S3Store, "_call", call)
    source.put("a.pdf", content)
    with source.open() as one, bucket.open() as two:
        assert copy(one, "a.pdf", two, "a.pdf").unguarded
        two.remove("a.pdf")

        def at(step):
            if step == "before-file-rename":
                bucket.put("a.pdf", b"somebody else's")

        with pytest.raises(FileHeld, match="other-there"):
            copy(one, "a.pdf", two, "a.pdf", at=at)
    assert bucket.read("a.pdf") == b"somebody else's"


def test_an_s3_whose_checksum_is_another_is_read_back(source, bucket, monkeypatch):
    monkeypatch.setattr("merger.systems.files.s3._etag", lambda _answer: "no md5")
    source.put("a.pdf", CONTENT)
    with source.open() as one, bucket.open() as two:
        assert copy(one, "a.pdf", two, "a.pdf").size == len(CONTENT)
        monkeypatch.setattr(S3Store, "size_and_sha256", lambda *_: (1, "wrong"))
        with pytest.raises(StoreFailed) as failed:
            copy(one, "a.pdf", two, "b.pdf")
    assert (failed.value.reason, failed.value.transient) == ("damaged", True)
    assert bucket.read("b.pdf") is None


def test_a_file_system_without_hard_links_is_renamed_in_and_this_is_noted(source, tmp_path, monkeypatch):
    def no_links(*_, **__):
        raise OSError(errno.EOPNOTSUPP, "no links")

    monkeypatch.setattr(os, "link", no_links)
    source.put("a.pdf", CONTENT)
    target = local_place(tmp_path, "target")
    with source.open() as one, target.open() as two:
        assert copy(one, "a.pdf", two, "a.pdf").unguarded
        with pytest.raises(FileHeld, match="other-there"):
            copy(one, "a.pdf", two, "b.pdf",
                 at=lambda step: step != "before-file-rename" or target.put("b.pdf", b"other"))  # fmt: skip
    assert target.read("b.pdf") == b"other"


def test_a_beginning_that_is_linked_to_a_finished_file_is_never_written_on(source, tmp_path):
    target = local_place(tmp_path, "target")
    target.put("moved away.pdf", CONTENT[:1000])
    os.link(target.folder / "moved away.pdf", target.folder / part_of("a.pdf"))
    source.put("a.pdf", CONTENT)
    with source.open() as one, target.open() as two:
        copy(one, "a.pdf", two, "a.pdf")
    assert target.read("moved away.pdf") == CONTENT[:1000]
    assert target.read("a.pdf") == CONTENT


def test_what_the_disk_gives_back_otherwise_is_taken_out_again(source, folder_place, monkeypatch):
    source.put("a.pdf", CONTENT)
    with source.open() as one, folder_place.open() as two:
        monkeypatch.setattr(type(two), "part_chunks", lambda *_: iter([b"damaged"]))
        with pytest.raises(StoreFailed) as failed:
            copy(one, "a.pdf", two, "a.pdf")
        assert (failed.value.reason, failed.value.transient) == ("damaged", True)
    assert list(folder_place.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "reason", "transient"),
    [(errno.ENOSPC, "disk-full", False), (errno.EROFS, "read-only", False), (errno.EIO, "disk-error", False),
     (errno.EACCES, "no-right", False), (errno.ESTALE, "unreachable", True)],
    ids=errno.errorcode.get,
)  # fmt: skip
def test_a_write_that_fails_says_why_and_leaves_what_can_be_gone_on_with(
    source, tmp_path, monkeypatch, number, reason, transient
):
    source.put("a.pdf", CONTENT)
    target = local_place(tmp_path, "target")

    def fails(*_):
        raise OSError(number, "fails")

    with source.open() as one, target.open() as two:
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", fails)
            with pytest.raises(StoreFailed) as failed:
                copy(one, "a.pdf", two, "a.pdf")
        assert (failed.value.reason, failed.value.transient) == (reason, transient)
        assert target.read("a.pdf") is None
        copy(one, "a.pdf", two, "a.pdf")
    assert target.read("a.pdf") == CONTENT
    assert parts_in(target.folder) == []


def test_an_sftp_connection_that_breaks_is_made_anew(source, tmp_path, own_sftp_server):
    from tests.systems.files.places import sftp_place

    place = sftp_place(tmp_path, own_sftp_server)
    source.put("a.pdf", LARGE)

    with source.open() as one, place.open() as two:

        def at(step):
            if step == "in-file":
                two._fs.client.abort()

        with pytest.raises(StoreFailed) as failed:
            copy(one, "a.pdf", two, "a.pdf", at=at)
        assert (failed.value.reason, failed.value.transient) == ("unreachable", True)
        assert copy(one, "a.pdf", two, "a.pdf").size == len(LARGE)
    assert place.read("a.pdf") == LARGE
