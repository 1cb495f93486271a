"""Stores of every kind, seen from behind: what a test puts there and reads there without them."""

import os
import socket
import time
import uuid
from pathlib import Path
from typing import ClassVar

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
    options = {"known_hosts": server.known_hosts, **server.credentials}
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
        return sftp_place(tmp_path, request.getfixturevalue("own_sftp_server"))
    return s3_place(tmp_path, request.getfixturevalue("s3_endpoint"))


SFTP_SERVER = """
import asyncio, sys
import asyncssh

class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True
    def password_auth_supported(self):
        return True
    def validate_password(self, username, password):
        return (username, password) == ("merger", "secret words")

async def main(port, host_key):
    await asyncssh.listen("127.0.0.1", int(port), server_host_keys=[host_key], server_factory=Server,
                          sftp_factory=True, allow_scp=False)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


class AnSftpServer:
    """What the server is started with, and what its clients need to know."""

    host = "127.0.0.1"
    user = "merger"
    credentials: ClassVar = {"password": "secret words"}

    def __init__(self, folder, port):
        import asyncssh

        key = asyncssh.generate_private_key("ssh-ed25519")
        self.port, self.files = port, folder / "files"
        self.files.mkdir()
        self.host_key, self.script, self.known_hosts = (
            folder / "key",
            folder / "sftp.py",
            folder / "known_hosts",
        )
        key.write_private_key(self.host_key)
        self.known_hosts.write_text(f"[{self.host}]:{port} {key.export_public_key().decode()}")
        self.script.write_text(SFTP_SERVER)


def answering(port, process, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


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
