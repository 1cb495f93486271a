"""Stores of every kind, seen from behind: what a test puts there and reads there without them."""

import os
import shutil
import uuid
from pathlib import Path

from merger.systems.files import open_files
from merger.systems.profile import FilesAt

KINDS = ("local", "sftp", "s3")


class Place:
    """Where a store's files lie. `folder`: on this machine, None for S3."""

    def __init__(self, at, beside, folder, put, read):
        self.at, self.beside, self.folder, self.put, self.read = at, beside, folder, put, read

    def open(self, name="target"):
        return open_files(self.at, self.beside, name)


def folder_place(folder, at, beside):
    def put(path, content):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    def read(path):
        return (folder / path).read_bytes() if (folder / path).is_file() else None

    return Place(at, beside, folder, put, read)


def local_place(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    return folder_place(folder, FilesAt(path=name), tmp_path)


def sftp_place(tmp_path, server):
    folder = server.files / uuid.uuid4().hex
    folder.mkdir()
    shutil.chown(folder, server.user)
    options = {"client_keys": server.key, "known_hosts": server.known_hosts}
    (tmp_path / "sftp.yaml").write_text("".join(f"{key}: {value}\n" for key, value in options.items()))
    url = f"sftp://{server.user}@{server.host}:{server.port}{folder}"
    return folder_place(folder, FilesAt(url=url, options="sftp.yaml"), tmp_path)


def s3_place(tmp_path, server):
    from s3fs import S3FileSystem

    options = {"key": server.access_key, "secret": server.secret_key, "endpoint_url": server.url}
    fs = S3FileSystem(skip_instance_cache=True, use_listings_cache=False, **options)
    root = f"{server.create(f'b{uuid.uuid4().hex}')}/old system"
    (tmp_path / "s3.yaml").write_text("".join(f"{key}: {value}\n" for key, value in options.items()))

    def read(path):
        return fs.cat_file(f"{root}/{path}") if fs.exists(f"{root}/{path}") else None

    at = FilesAt(url=f"s3://{root}".replace(" ", "%20"), options="s3.yaml")
    return Place(at, tmp_path, None, lambda path, content: fs.pipe_file(f"{root}/{path}", content), read)


def make_place(kind, tmp_path, request):
    if kind == "local":
        return local_place(tmp_path, "target")
    if kind == "sftp":
        return sftp_place(tmp_path, request.getfixturevalue("sftp_server"))
    return s3_place(tmp_path, request.getfixturevalue("s3_endpoint"))


class Killed(BaseException):
    """Stands for the end of the process: nothing that follows is run."""


def killed_at(step, count=1):
    """What `at` is to be so that the caller ends at a step, the first or a later time."""
    reached = 0

    def at(name):
        nonlocal reached
        reached += name == step
        if name == step and reached == count:
            raise Killed(name)

    return at


def parts_in(folder: Path):
    """Files that a copy has begun and not finished."""
    found = [Path(where, one) for where, _, names in os.walk(folder) for one in names]
    return [one for one in found if one.name.endswith(".merger-part")]
