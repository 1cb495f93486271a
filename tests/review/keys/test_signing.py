"""Whose keys may be used where people have accounts, tokens on the page, and what is kept of secrets."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from merger.approval import (
    Role,
    add_person,
    approvals,
    certificate,
    describe_person,
    load_key,
    load_trust,
    sign,
    token_public,
)
from merger.errors import Refused
from merger.migrate import approving
from merger.review import Settings
from merger.review.keys import contents, signing
from merger.review.web.desk import Desk
from merger.testing.authorities import Authority, RsaKey
from tests.review.conftest import PASSPHRASE
from tests.review.web.browsing import Browser


@pytest.fixture(autouse=True)
def _untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_tries", signing.Tries())
    monkeypatch.delenv("MERGER_PKCS11_MODULE", raising=False)


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Settings(folder))


@pytest.fixture
def content(desk: Desk, folder: Path) -> contents.Content:
    found = contents.content_of(desk, contents.item_of(desk, desk.identifier(folder / "plan.json")))
    desk.trail.note("hai", "saw", "plan", found.subject.sha256)
    return found


def test_a_person_with_an_account_uses_their_own_key_only(
    desk: Desk, content: contents.Content, folder: Path
) -> None:
    first, second = (load_key(folder / f"{name}.key", PASSPHRASE).keyid for name in ("first", "second"))
    assert [one.id for one in signing.choices(desk, content.trust, "demo  SECOND")[0]] == [second]
    assert signing.choices(desk, content.trust, "")[0] == []
    sha256 = content.subject.sha256
    with pytest.raises(Refused) as error:
        signing.sign(desk, content, first, PASSPHRASE, sha256, "hai", "Demo second")
    assert error.value.key == "review_keys.no-such-key"
    assert (
        signing.sign(desk, content, second, PASSPHRASE, sha256, "hai", "Demo second").person == "Demo second"
    )


def test_a_signature_of_somebody_else_is_not_handed_in_for_them(
    desk: Desk, content: contents.Content, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "envelope"
    first = load_key(folder / "first.key", PASSPHRASE)
    approving.sign_with(content.item.path, first, datetime.now(UTC), out=out)
    with pytest.raises(Refused) as error:
        signing.accept(desk, content, out.read_bytes(), content.subject.sha256, "hai", "Demo second")
    assert error.value.key == "review_keys.not-your-key"
    assert "Demo first" in str(error.value)
    with pytest.raises(Refused) as error:
        signing.accept(desk, content, b"{}", content.subject.sha256, "hai", "Demo second")
    assert error.value.key == "approval.not_canonical"


def test_what_another_account_saw_does_not_count_as_seen(desk: Desk, content: contents.Content) -> None:
    with pytest.raises(Refused) as error:
        signing.sign(desk, content, "x", PASSPHRASE, content.subject.sha256, "ba", None)
    assert error.value.key == "review_keys.not-seen"


def test_the_trust_file_says_whose_an_account_is(folder: Path) -> None:
    trust, root = folder / "trust.json", load_key(folder / "first.key", PASSPHRASE)
    now = datetime.now(UTC)
    described = describe_person(trust, "demo second", root, now, office="Trưởng phòng", account="hai")
    person = described.person_of("hai")
    assert person is not None
    assert (person.name, person.office) == ("Demo second", "Trưởng phòng")
    assert described.person_of("") is None
    with pytest.raises(Refused) as error:
        describe_person(trust, "Demo first", root, now, account="hai")
    assert error.value.key == "approval.trust.account_twice"
    assert load_trust(trust).head == described.head


def test_whoever_decided_under_an_account_may_not_approve(content: contents.Content, folder: Path) -> None:
    trust, root = folder / "trust.json", load_key(folder / "first.key", PASSPHRASE)
    now = datetime.now(UTC)
    listed = describe_person(trust, "Demo second", root, now, account="hai")
    path, subject = content.item.path, content.subject
    sign(path, subject, load_key(folder / "second.key", PASSPHRASE), now)
    policy = replace(content.policy, authors=frozenset({"hai"}))
    state = approvals(path, subject, listed, policy, now)
    assert [str(one.reason) for one in state.refused] == ["author_signed"]


def test_a_key_may_be_tried_again_after_a_while() -> None:
    now = [0.0]
    tries = signing.Tries(lambda: now[0])
    for _ in range(signing.TRIES):
        tries.check("a")
        tries.wrong("a")
    with pytest.raises(Refused):
        tries.check("a")
    tries.check("b")
    now[0] = signing.WITHIN + 1
    tries.check("a")


def test_a_passphrase_is_neither_logged_nor_kept(
    client: Browser, folder: Path, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plan = folder / "plan.json"
    address = f"/keys/sign/{desk.identifier(plan)}"
    client.get(address)
    form = {"key": load_key(folder / "first.key", PASSPHRASE).keyid, "secret": PASSPHRASE}
    form["sha256"] = approving.signed_subject(plan).sha256
    assert client.post(address, form).status_code == 303
    assert PASSPHRASE not in caplog.text
    for file in (path for path in folder.rglob("*") if path.is_file()):
        assert PASSPHRASE.encode() not in file.read_bytes(), file.name


@pytest.fixture
def token(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token of Demo third, whom the trust file lists, and how its key is named."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed: pip install 'merger[pkcs11]'")
    from merger.testing.softhsm import SoftTokens

    monkeypatch.setenv("SOFTHSM2_CONF", "")
    try:
        soft = SoftTokens(tmp_path / "softhsm")
    except Refused as error:
        pytest.skip(str(error))
    authority, key = Authority("Cơ quan thử"), RsaKey.made()
    soft.make("usb")
    soft.put_key("usb", "ký", 1, key.private)
    last = datetime.now(UTC) + timedelta(days=9)
    soft.put_certificate("usb", "ký", 1, authority.issue("Demo third", key.private.public_key(), last=last))
    root = load_key(folder / "first.key", PASSPHRASE)
    uri = soft.uri("usb")
    add_person(
        folder / "trust.json",
        token_public(uri),
        Role.APPROVER,
        root,
        datetime.now(UTC),
        authorities=[authority.listed],
    )
    monkeypatch.setenv("MERGER_PKCS11_MODULE", str(soft.library))
    return "usb"


def test_a_token_is_offered_and_signs_with_its_pin(
    client: Browser, folder: Path, desk: Desk, token: str
) -> None:
    from merger.testing.softhsm import PIN

    client.post("/language", {"lang": "en", "to": "/"})
    plan = folder / "plan.json"
    address = f"/keys/sign/{desk.identifier(plan)}"
    page = client.get(address)
    assert f"Demo third: {token} (token, PIN)" in page.text
    trust = load_trust(folder / "trust.json")
    choice = next(one for one in signing.choices(desk, trust, None)[0] if one.secret == "pin")
    form = {"key": choice.id, "sha256": approving.signed_subject(plan).sha256}
    answer = client.post(address, {**form, "secret": "000000"})
    assert answer.status_code == 409
    assert "The PIN of the token" in answer.text or "the PIN of the token" in answer.text
    answer = client.post(address, {**form, "secret": PIN})
    assert answer.status_code == 303, answer.text
    people = client.get("/keys").text
    assert "Certificate of Demo third, issued by Cơ quan thử" in people
    listed = trust.people[-1].keys[0].certificates[0]
    assert certificate(listed).fingerprint in people
