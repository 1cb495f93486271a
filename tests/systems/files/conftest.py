"""A source in a folder, and a target of every kind."""

import subprocess
import sys

import pytest

from merger.testing.servers.processes import free_port
from tests.systems.files.places import KINDS, AnSftpServer, answering, local_place, make_place


@pytest.fixture(scope="session")
def own_sftp_server(tmp_path_factory):
    """asyncssh's server: another make than OpenSSH's, and it asks for a password."""
    server = AnSftpServer(tmp_path_factory.mktemp("sftp"), free_port())
    command = [sys.executable, server.script, str(server.port), server.host_key]
    with subprocess.Popen(command) as process:
        answering(server.port, process)
        yield server
        process.terminate()


@pytest.fixture
def source(tmp_path):
    return local_place(tmp_path, "source")


@pytest.fixture(params=KINDS)
def place(request, tmp_path):
    return make_place(request.param, tmp_path, request)


@pytest.fixture(params=["local", "sftp"])
def folder_place(request, tmp_path):
    """A store with folders and rename."""
    return make_place(request.param, tmp_path, request)
