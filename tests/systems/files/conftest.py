"""A source in a folder, and a target of every kind."""

import pytest

from tests.systems.files.places import KINDS, local_place, make_place


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
