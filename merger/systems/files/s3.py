"""Files of an S3 bucket (s3fs). A file appears whole, when its upload is completed, where none is."""

import base64
import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import botocore.exceptions as boto
from aiohttp import ClientError
from fsspec.asyn import sync
from s3fs import S3FileSystem

from merger.systems.files.failing import CHANGING, MISSING, OTHER_SHA256, FileHeld, StoreFailed, telling
from merger.systems.files.paths import checked
from merger.systems.files.store import CHUNK, At, Copied, FileInfo, FileStore, Hash, nowhere

PART = 8 * 1024 * 1024
"""Files up to this size, in bytes, are sent in one request; larger ones in parts of at least this size."""
PARTS = 10_000
"""The most parts that S3 takes."""
WAIT = 60.0
SIGN = "merger"
"""The name of the metadata by which a store object knows a file that it has sent."""

_LOST = (boto.HTTPClientError, boto.ConnectionError, ClientError)
_ENDED = frozenset({
    "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "RequestTimeTooSkewed", "AccountProblem", "NotSignedUp", "InvalidSecurity",
})  # fmt: skip
"""Codes that say that a key or token serves no more."""
_AGAIN = frozenset({"IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch", "RequestTimeout"})
"""Codes that say that a request did not arrive as it was sent."""
_UNSAID = frozenset({"400", "403"})
"""What is answered to HEAD, which gets no code, where a key or token serves no more, or for one file."""
_LOGIN = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.ProfileNotFound)


@dataclass
class _Upload:
    """A multipart upload under way: which parts the store has, by number (ETag, size)."""

    id: str
    stored: dict[int, tuple[str, int]] = field(default_factory=dict)


class S3Store(FileStore):
    """The keys of a bucket under a prefix. There are no links and no folders; names are exact.

    An upload that was interrupted is found again by its key, and its parts stay as far as their MD5 is that
    of the source. The ETag that the store computes proves each request; where it is no MD5 (some ways of
    encryption), the file is read back.
    """

    exact = True

    def __init__(self, bucket: str, prefix: str, name: str, options: Mapping[str, Any]) -> None:
        self.name = name
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._guarded = True
        self._fs = S3FileSystem(use_listings_cache=False, skip_instance_cache=True, **options)
        self._sign = uuid4().hex
        with self._telling():
            try:
                self._call("head_bucket")
            except FileNotFoundError as error:
                raise StoreFailed("no-folder", name) from error
            except OSError as error:
                if _code(error) in _UNSAID:
                    raise StoreFailed("no-login", name) from error
                raise

    def info(self, path: str) -> FileInfo | None:
        key = self._key(path)
        with self._telling():
            try:
                found = self._call("head_object", Key=key)
            except FileNotFoundError:
                return None
        return FileInfo(int(found["ContentLength"]), str(found["ETag"]))

    def chunks(self, path: str, start: int = 0) -> Generator[bytes, None, None]:
        key = self._key(path)
        info = self.info(path)
        if info is None:
            raise FileHeld(MISSING)
        if start >= info.size:
            return
        with self._telling():
            got = self._call("get_object", Key=key, Range=f"bytes={start}-", IfMatch=info.version)
            with closing(got["Body"]) as body:
                while chunk := sync(self._fs.loop, body.read, CHUNK, timeout=WAIT):
                    yield bytes(chunk)

    def names(self, folder: str) -> Iterator[str]:
        prefix = f"{self._key(folder)}/" if folder else self._prefix
        more: dict[str, str] = {}
        while True:
            with self._telling():
                found = self._call("list_objects_v2", Prefix=prefix, Delimiter="/", **more)
            for one in found.get("Contents", ()):
                yield str(one["Key"]).removeprefix(prefix)
            for one in found.get("CommonPrefixes", ()):
                yield str(one["Prefix"]).removeprefix(prefix).rstrip("/")
            if not found.get("IsTruncated"):
                return
            more = {"ContinuationToken": found["NextContinuationToken"]}

    def receive(
        self, source: FileStore, path: str, to_path: str, wanted: str = "", at: At = nowhere
    ) -> Copied:
        begun = source.info(path)
        if begun is None:
            raise FileHeld(MISSING)
        digest = hashlib.sha256()
        pieces = _pieces(source.chunks(path), max(PART, -(-begun.size // PARTS)), digest)

        def complete(size: int) -> None:
            at("after-file-write")
            if source.info(path) != begun or size != begun.size:
                raise FileHeld(CHANGING, transient=True)
            if wanted not in ("", digest.hexdigest()):
                self.clean(to_path)
                raise FileHeld(OTHER_SHA256)
            at("before-file-rename")

        at("before-file-write")
        send = self._put if begun.size <= PART else self._parts
        proved = send(self._key(to_path), pieces, complete, at)
        at("after-file-rename")
        if not proved and self.size_and_sha256(to_path) != (begun.size, digest.hexdigest()):
            self.remove(to_path)
            raise StoreFailed("damaged", self.name, transient=True)
        return Copied(begun.size, digest.hexdigest(), unguarded=not self._guarded)

    def remove(self, path: str) -> None:
        key = self._key(path)
        with self._telling(writing=True), suppress(FileNotFoundError):
            self._call("delete_object", Key=key)

    def clean(self, path: str) -> None:
        for upload in self._uploads(self._key(path)):
            with self._telling(writing=True), suppress(FileNotFoundError):
                self._call("abort_multipart_upload", Key=self._key(path), UploadId=upload)

    def close(self) -> None:
        with suppress(Exception):  # it ends; nobody waits for an answer
            self._fs.close_session(self._fs.loop, self._fs._s3)

    def _put(self, key: str, pieces: Iterator[bytes], complete: Callable[[int], None], _at: At) -> bool:
        """Sends a small file in one request. Answers whether the store's MD5 proves it.

        The request is sent again by the library where its answer was lost, and then refused for the file that
        it made: that one bears our sign.
        """
        content = next(pieces)
        complete(len(content))
        md5 = hashlib.md5(content, usedforsecurity=False)
        sign = {SIGN: self._sign}
        try:
            sent = self._final(
                "put_object", Key=key, Body=content, ContentMD5=_base64(md5.digest()), Metadata=sign
            )
        except FileExistsError:
            with self._telling():
                sent = self._call("head_object", Key=key)
            if sent.get("Metadata") != sign:
                raise
        return _etag(sent) == md5.hexdigest()

    def _parts(self, key: str, pieces: Iterator[bytes], complete: Callable[[int], None], at: At) -> bool:
        """Sends a large file in parts. Answers whether the store's MD5s prove all of them."""
        upload = self._upload(key)
        listed: list[dict[str, object]] = []
        size, proved = 0, True
        for number, piece in enumerate(pieces, start=1):
            md5 = hashlib.md5(piece, usedforsecurity=False)
            etag, stored = upload.stored.get(number, ("", 0))
            if (etag, stored) != (md5.hexdigest(), len(piece)):
                with self._telling(writing=True):
                    sent = self._call(
                        "upload_part", Key=key, UploadId=upload.id, PartNumber=number, Body=piece,
                        ContentMD5=_base64(md5.digest()),
                    )  # fmt: skip
                etag = _etag(sent)
            proved = proved and etag == md5.hexdigest()
            listed.append({"ETag": f'"{etag}"', "PartNumber": number})
            size += len(piece)
            at("in-file")
        complete(size)
        self._final(
            "complete_multipart_upload", Key=key, UploadId=upload.id, MultipartUpload={"Parts": listed}
        )
        return proved

    def _final(self, what: str, **kwargs: Any) -> Any:
        """The request that makes a file appear, refused by the store where there is one."""
        with self._telling(writing=True):
            if self._guarded:
                try:
                    return self._call(what, IfNoneMatch="*", **kwargs)
                except NotImplementedError:
                    self._guarded = False
            if self._exists(kwargs["Key"]):
                raise FileExistsError
            return self._call(what, **kwargs)

    def _exists(self, key: str) -> bool:
        try:
            self._call("head_object", Key=key)
        except FileNotFoundError:
            return False
        return True

    def _upload(self, key: str) -> _Upload:
        """The upload of a key that was begun last, with the parts that the store has; else a new one."""
        begun = self._uploads(key)
        with self._telling(writing=True):
            if not begun:
                return _Upload(self._call("create_multipart_upload", Key=key)["UploadId"])
            upload = _Upload(begun[-1])
            more: dict[str, int] = {}
            while True:
                found = self._call("list_parts", Key=key, UploadId=upload.id, **more)
                for one in found.get("Parts", ()):
                    upload.stored[int(one["PartNumber"])] = (_etag(one), int(one["Size"]))
                if not found.get("IsTruncated"):
                    return upload
                more = {"PartNumberMarker": int(found["NextPartNumberMarker"])}

    def _uploads(self, key: str) -> list[str]:
        """The uploads of a key that are under way, the last one last."""
        with self._telling(writing=True):
            found = self._call("list_multipart_uploads", Prefix=key).get("Uploads", ())
        mine = sorted((one["Initiated"], one["UploadId"]) for one in found if one["Key"] == key)
        return [str(upload) for _, upload in mine]

    def _key(self, path: str) -> str:
        return self._prefix + checked(path)

    def _call(self, what: str, **kwargs: Any) -> Any:
        try:
            return self._fs.call_s3(what, Bucket=self._bucket, **kwargs)
        except OSError as error:
            code = _code(error)
            if code in _ENDED or (code in _UNSAID and what != "head_bucket" and self._ended()):
                raise StoreFailed("login-ended", self.name) from error
            if code in _AGAIN:
                raise StoreFailed("unreachable", self.name, transient=True) from error
            if code == "NoSuchBucket":
                raise StoreFailed("no-folder", self.name) from error
            if code in ("404", "NoSuchKey", "NoSuchUpload"):
                raise FileNotFoundError from error
            if code in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
                if what == "get_object":
                    raise FileHeld(CHANGING, transient=True) from error
                raise FileExistsError from error
            if code in ("NotImplemented", "501"):
                raise NotImplementedError from error
            raise

    def _ended(self) -> bool:
        """Whether the store lets us in no more, not even to the bucket."""
        try:
            self._call("head_bucket")
        except OSError as error:
            return _code(error) in _UNSAID
        return False

    @contextmanager
    def _telling(self, *, writing: bool = False) -> Iterator[None]:
        with telling(self.name, _LOST, writing=writing, other="refused"):
            try:
                yield
            except _LOGIN as error:
                raise StoreFailed("no-login", self.name) from error
            except (boto.BotoCoreError, NotImplementedError, ValueError) as error:
                if isinstance(error, _LOST):
                    raise
                raise StoreFailed("refused", self.name) from error


def _code(error: BaseException) -> str:
    """The code that the store gave for an error, empty where it gave none."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def _pieces(chunks: Iterator[bytes], size: int, digest: Hash) -> Iterator[bytes]:
    """A stream in pieces of exactly `size` bytes, the last one shorter; one empty piece for nothing."""
    held = bytearray()
    some = False
    for chunk in chunks:
        digest.update(chunk)
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            some = True
            del held[:size]
    if held or not some:
        yield bytes(held)
