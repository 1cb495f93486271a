"""S3 that throttles, fails, stops in the middle, or lets nobody in any more."""

import os

import pytest

from merger.systems.files import FileHeld, StoreFailed, copy
from merger.systems.files.s3 import PART, S3Store
from tests.systems.files.faulty import Fault, FaultyS3
from tests.systems.files.places import local_place

CONTENT = os.urandom(60_000)
LARGE = os.urandom(2 * PART + 5)
ALWAYS = 10**6


@pytest.fixture
def faulty(s3_endpoint):
    server = FaultyS3(s3_endpoint.url)
    yield server
    server.close()


@pytest.fixture
def opened(faulty, s3_endpoint):
    """Opens the bucket of the test."""
    name = s3_endpoint.create(f"faults-{os.urandom(6).hex()}")
    options = {"key": s3_endpoint.access_key, "secret": s3_endpoint.secret_key, "endpoint_url": faulty.url,
               "client_kwargs": {"region_name": s3_endpoint.region}}  # fmt: skip
    return lambda: S3Store(name, "in", "bucket", options)


@pytest.fixture
def bucket(opened):
    with opened() as store:
        yield store


def copied(source, path, store, to_path):
    """A file as the store has it after a copy that is asked for until it is done."""
    with source.open() as one:
        for tried in range(1, 4):
            try:
                copy(one, path, store, to_path)
                break
            except StoreFailed as failed:
                if not failed.transient or tried == 3:
                    raise
    return b"".join(store.chunks(to_path))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("PUT", "a.pdf", status=503, code="SlowDown"),
        Fault("PUT", "a.pdf", status=500, code="InternalError"),
        Fault("PUT", "a.pdf", status=400, code="BadDigest"),
        Fault("PUT", "a.pdf", status=400, code="IncompleteBody"),
        Fault("PUT", "a.pdf", cut=0),
        Fault("PUT", "a.pdf", change=lambda heads: {**heads, "ETag": '"another"'}),
        Fault("GET", "a.pdf", status=503, code="SlowDown"),
    ],
    ids=lambda one: f"{one.method}-{one.code or one.cut}",
)
def test_a_store_that_fails_once_gets_the_file_whole(tmp_path, faulty, bucket, fault):
    source = local_place(tmp_path, "source")
    source.put("a.pdf", CONTENT)
    fault.times = 1
    faulty.faults.append(fault)
    assert copied(source, "a.pdf", bucket, "a.pdf") == CONTENT


@pytest.mark.parametrize("part", ["partNumber=2", "uploadId"])
def test_an_upload_whose_answer_is_lost_is_gone_on_with(tmp_path, faulty, bucket, part):
    source = local_place(tmp_path, "source")
    source.put("a.pdf", LARGE)
    faulty.faults.append(Fault("PUT" if part == "partNumber=2" else "POST", part, cut=0))
    assert copied(source, "a.pdf", bucket, "a.pdf") == LARGE
    assert sum("partNumber=1" in one for one in faulty.asked) == 1


def test_a_file_whose_answer_was_lost_is_known_as_ours_and_one_of_another_is_not(
    tmp_path, faulty, bucket, opened
):
    source = local_place(tmp_path, "source")
    source.put("a.pdf", CONTENT)
    faulty.faults.append(Fault("PUT", "a.pdf", cut=0))
    with source.open() as one:
        assert not copy(one, "a.pdf", bucket, "a.pdf").already
        assert sum(asked.startswith("PUT") for asked in faulty.asked) == 2
        faulty.faults.append(Fault("HEAD", "a.pdf", status=404))  # it appears after it was looked for
        with opened() as another:
            assert copy(one, "a.pdf", another, "a.pdf").already


def test_an_answer_that_is_cut_off_gives_no_half_file(tmp_path, faulty, bucket):
    source, target = local_place(tmp_path, "source"), local_place(tmp_path, "target")
    source.put("a.pdf", CONTENT)
    copied(source, "a.pdf", bucket, "a.pdf")
    faulty.faults.append(Fault("GET", "a.pdf", cut=1000))
    with target.open() as two:
        with pytest.raises(StoreFailed, match="does not answer"):
            copy(bucket, "a.pdf", two, "b.pdf")
        assert two.info("b.pdf") is None
        assert copy(bucket, "a.pdf", two, "b.pdf").size == len(CONTENT)
    assert target.read("b.pdf") == CONTENT


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 400, "code": "ExpiredToken"}, "login-ended"),
        ({"status": 400, "code": "InvalidToken"}, "login-ended"),
        ({"status": 403, "code": "RequestTimeTooSkewed"}, "login-ended"),
        ({"status": 404, "code": "NoSuchBucket"}, "no-folder"),
    ],
    ids=lambda one: one["code"] if isinstance(one, dict) else "",
)
@pytest.mark.parametrize("way", ["from", "to"])
def test_what_ends_the_whole_store_holds_no_file(tmp_path, faulty, bucket, way, fault, reason):
    here = local_place(tmp_path, "here")
    here.put("a.pdf", CONTENT)
    copied(here, "a.pdf", bucket, "old.pdf")
    faulty.faults.append(Fault("PUT" if way == "to" else "GET", "pdf", ALWAYS, **fault))
    with here.open() as one:
        ends = (one, "a.pdf", bucket) if way == "to" else (bucket, "old.pdf", one)
        with pytest.raises(StoreFailed) as told:
            copy(*ends, "new.pdf")
    assert told.value.reason == reason


def test_a_key_that_ends_is_told_from_a_file_that_must_not_be_read(faulty, bucket):
    faulty.faults.append(Fault("HEAD", "a.pdf", status=403))
    with pytest.raises(FileHeld, match="unreadable"):
        bucket.info("a.pdf")
    for status in (400, 403):
        faulty.faults[:] = [Fault("HEAD", "", ALWAYS, status=status)]
        with pytest.raises(StoreFailed) as told:
            bucket.info("a.pdf")
        assert told.value.reason == "login-ended"
