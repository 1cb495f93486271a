"""What enough people have signed on the pages is kept, so that what comes later is compared with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from merger.approval import load_key
from merger.migrate import api, approving
from merger.review import Settings
from merger.review.mapping import approved
from merger.review.web.desk import Desk
from tests.review.conftest import PASSPHRASE
from tests.review.web.browsing import Browser


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Settings(folder))


def sign(client: Browser, desk: Desk, path: Path, name: str) -> None:
    key = load_key(desk.folder / f"{name}.key", PASSPHRASE).keyid
    address = f"/keys/sign/{desk.identifier(path)}"
    client.get(address)
    sha256 = approving.signed_subject(path).sha256
    answer = client.post(address, {"key": key, "secret": PASSPHRASE, "sha256": sha256})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("name", ["mapping", "job.yaml"])
def test_a_mapping_is_kept_with_the_last_signature_that_it_needs(
    client: Browser, folder: Path, desk: Desk, name: str
) -> None:
    path = folder / name
    place = approved.place_of(desk)
    sign(client, desk, path, "first")
    assert approved.kept(place) == []
    sign(client, desk, path, "second")
    (about,) = approved.kept(place)
    assert (about.mapping, about.complete) == (name, True)
    assert sorted(one.name for one in about.signed) == ["Demo first", "Demo second"]
    file = folder / "mapping" / "localities.yaml"
    file.write_text("schema: merger/localities/1\n", "utf-8")
    kept = approved.reopened(place, about.canonical)
    assert kept is not None
    assert kept.mapping.localities


def test_a_signature_handed_in_counts_as_the_last_one_too(
    client: Browser, folder: Path, desk: Desk, tmp_path: Path
) -> None:
    path = folder / "mapping"
    sign(client, desk, path, "first")
    before = set(folder.glob("*.sig.json"))
    api.sign(path, folder / "second.key", PASSPHRASE, datetime.now(UTC))
    (made,) = set(folder.glob("*.sig.json")) - before
    envelope = made.rename(tmp_path / made.name).read_bytes()
    address = f"/keys/envelope/{desk.identifier(path)}"
    form = {"sha256": approving.signed_subject(path).sha256}
    answer = client.post(address, form, files={"envelope": (made.name, envelope)})
    assert answer.status_code == 303, answer.text
    assert [one.complete for one in approved.kept(approved.place_of(desk))] == [True]


def test_nothing_is_kept_of_a_signed_plan(client: Browser, folder: Path, desk: Desk) -> None:
    for name in ("first", "second"):
        sign(client, desk, folder / "plan.json", name)
    assert approved.kept(approved.place_of(desk)) == []
