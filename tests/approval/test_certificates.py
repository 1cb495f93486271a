"""Certificates of RSA keys: their time, use and chain, in the trust file and when a signature is judged."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from merger.approval import (
    Policy,
    Reason,
    Role,
    add_person,
    change_authorities,
    load_certificate,
    load_trust,
    revoke_person,
    sign,
)
from merger.approval.certificates import Flaw, flaw
from merger.approval.public import fits, keyid_of
from merger.errors import Refused
from merger.testing.authorities import Authority, RsaKey, der64

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
EM = "Hoàng Văn Em"


@pytest.fixture(scope="module")
def root() -> Authority:
    return Authority("Gốc")


@pytest.fixture(scope="module")
def middle(root: Authority) -> Authority:
    return Authority("Giữa", above=root, path_length=0)


@pytest.fixture(scope="module")
def key() -> RsaKey:
    return RsaKey.made()


def _flaw(
    key: RsaKey, certificates: list[Any], authorities: list[Authority], when: datetime = NOW
) -> Flaw | None:
    return flaw(key.public, [der64(one) for one in certificates], [one.listed for one in authorities], when)


def test_a_certificate_holds_within_its_time_and_chain(
    root: Authority, middle: Authority, key: RsaKey
) -> None:
    own = middle.issue(EM, key.private.public_key())
    assert _flaw(key, [own], [middle]) is None
    assert _flaw(key, [own, middle.certificate], [root]) is None
    assert _flaw(key, [own], [root]) is Flaw.CHAIN
    assert _flaw(key, [own], []) is Flaw.CHAIN
    assert _flaw(key, [own], [middle], datetime(2024, 1, 1, tzinfo=UTC)) is Flaw.EARLY
    assert _flaw(key, [own], [middle], datetime(2029, 1, 1, tzinfo=UTC)) is Flaw.ENDED


def test_what_a_certificate_may_not_do_is_refused(root: Authority, key: RsaKey) -> None:
    public = key.private.public_key()
    assert _flaw(key, [root.issue(EM, public, signs=False)], [root]) is Flaw.USAGE
    assert _flaw(key, [root.issue(EM, public, ca=True)], [root]) is Flaw.USAGE
    assert _flaw(key, [root.issue(EM, public, critical=True)], [root]) is Flaw.WRONG
    assert _flaw(RsaKey.made(), [root.issue(EM, public)], [root]) is Flaw.WRONG
    assert flaw(key.public, ["AAAA"], [root.listed], NOW) is Flaw.WRONG


def test_a_chain_through_one_that_may_not_issue_is_refused(root: Authority, key: RsaKey) -> None:
    public = key.private.public_key()
    person = RsaKey.made()
    not_authority = Authority("Không được cấp", private=person.private)
    claimed = root.issue(not_authority.name, person.private.public_key())
    own = not_authority.issue(EM, public)
    assert _flaw(key, [own, claimed], [root]) is Flaw.CHAIN
    narrow = Authority("Hẹp", above=root, path_length=0)
    below = Authority("Dưới", above=narrow)
    assert _flaw(key, [below.issue(EM, public), below.certificate, narrow.certificate], [root]) is Flaw.CHAIN
    ended = Authority("Hết hạn", last=NOW - DAY)
    assert _flaw(key, [ended.issue(EM, public)], [ended]) is Flaw.CHAIN
    namesake = Authority("Gốc")
    assert _flaw(key, [namesake.issue(EM, public)], [root]) is Flaw.CHAIN


def test_a_certificate_signed_with_sha_1_is_not_believed(
    root: Authority, key: RsaKey, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, which makes the weak certificate")
    whole = PrivateFormat.PKCS8, NoEncryption()
    (tmp_path / "ca.key").write_bytes(root.private.private_bytes(Encoding.PEM, *whole))
    (tmp_path / "ca.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "own.key").write_bytes(key.private.private_bytes(Encoding.PEM, *whole))
    (tmp_path / "usage").write_text("keyUsage=critical,digitalSignature")
    asked = "openssl req -new -key own.key -subj /CN=Em -out own.csr"
    given = "openssl x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3000 -extfile usage"
    for digest, expected in (("sha1", Flaw.CHAIN), ("sha256", None)):
        for command in (asked, f"{given} -{digest} -out {digest}.pem"):
            subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, timeout=60)
        made = load_certificate(tmp_path / f"{digest}.pem")
        now = datetime.now(UTC) + DAY
        assert flaw(key.public, [made], [root.listed], now) is expected


def test_a_chain_in_a_circle_ends(key: RsaKey) -> None:
    one = Authority("Một")
    other = Authority("Hai", above=one)
    again = Authority("Một", above=other, private=one.private)
    own = other.issue(EM, key.private.public_key())
    assert _flaw(key, [own, other.certificate, again.certificate], [Authority("Khác")]) is Flaw.CHAIN


def _add(office: Any, key: RsaKey, authority: Authority, **more: Any) -> Any:
    own = authority.issue(EM, key.private.public_key(), **more)
    return add_person(
        office.trust_file,
        key.listed(EM, own),
        Role.APPROVER,
        office.root,
        NOW,
        authorities=[authority.listed],
    )


@pytest.mark.parametrize("old", [False, True])
def test_signatures_of_both_schemes_of_rsa_count(
    office: Any, root: Authority, key: RsaKey, old: bool
) -> None:
    _add(office, key, root)
    file = sign(office.plan, office.subject(), RsaKey(key.private, old), NOW)
    state = office.state(Policy(approvals=1))
    assert [one.person for one in state.approvals] == [EM]
    data = file.read_bytes()
    place = data.index(b'"sig":"') + 20
    file.write_bytes(data[:place] + (b"A" if data[place : place + 1] != b"A" else b"B") + data[place + 1 :])
    assert [one.reason for one in office.state(Policy(approvals=1)).refused] == [Reason.BAD_SIGNATURE]


def test_a_key_ends_with_its_certificate(office: Any, root: Authority, key: RsaKey) -> None:
    trust = _add(office, key, root, last=NOW + 10 * DAY)
    assert trust.people[-1].keys[0].valid_to == NOW + 10 * DAY
    sign(office.plan, office.subject(), key, NOW, expires=NOW + 20 * DAY)
    state = office.state(Policy(approvals=1), now=NOW + 11 * DAY)
    assert [one.reason for one in state.refused] == [Reason.CERTIFICATE_ENDED]
    assert "certificate ended on 2026-03-12T08:00:00Z" in state.refused[0].message


@pytest.mark.parametrize(
    ("more", "key_of_message"),
    [
        ({"signs": False}, "approval.certificate.usage"),
        ({"last": NOW - DAY}, "approval.trust.ends_early"),
        ({"first": NOW + DAY}, "approval.certificate.early"),
        ({"critical": True}, "approval.certificate.wrong"),
    ],
)
def test_a_certificate_that_does_not_hold_is_not_listed(
    office: Any, root: Authority, key: RsaKey, more: dict[str, Any], key_of_message: str
) -> None:
    before = office.trust_file.read_bytes()
    with pytest.raises(Refused) as error:
        _add(office, key, root, **more)
    assert error.value.key == key_of_message
    assert str(error.value)
    assert office.trust_file.read_bytes() == before


def test_what_rests_on_an_authority_that_was_left_out_does_not_count(
    office: Any, root: Authority, key: RsaKey
) -> None:
    trust = _add(office, key, root)
    sign(office.plan, office.subject(), key, NOW)
    fingerprint = trust.summary(NOW)["authorities"][0]
    change_authorities(office.trust_file, office.root, NOW, remove=fingerprint[:12])
    state = office.state(Policy(approvals=1))
    assert [one.reason for one in state.refused] == [Reason.CERTIFICATE_CHAIN]
    assert "leads to no authority that the trust file names" in state.refused[0].message
    with pytest.raises(Refused) as error:
        change_authorities(office.trust_file, office.root, NOW, remove="ffff")
    assert error.value.key == "approval.trust.no_authority"
    person = root.issue(EM, key.private.public_key())
    with pytest.raises(Refused) as error:
        change_authorities(office.trust_file, office.root, NOW, add=[der64(person)])
    assert error.value.key == "approval.trust.not_an_authority"


def test_a_revoked_token_key_does_not_count(office: Any, root: Authority, key: RsaKey) -> None:
    _add(office, key, root)
    sign(office.plan, office.subject(), key, NOW)
    revoke_person(office.trust_file, EM, "mất thiết bị", office.root, NOW)
    state = office.state(Policy(approvals=1))
    assert [one.reason for one in state.refused] == [Reason.REVOKED_KEY]
    assert "mất thiết bị" in state.refused[0].message


def test_the_same_person_with_a_token_and_a_key_file_is_refused(
    office: Any, root: Authority, key: RsaKey
) -> None:
    own = root.issue("Lê Văn Cường", key.private.public_key())
    listed = key.listed("LÊ VĂN CƯỜNG", own)
    with pytest.raises(Refused) as error:
        add_person(office.trust_file, listed, Role.APPROVER, office.root, NOW, authorities=[root.listed])
    assert error.value.key == "approval.trust.person_again"


def test_one_tokens_key_under_two_names_is_refused(office: Any, root: Authority, key: RsaKey) -> None:
    _add(office, key, root)
    again = root.issue("Người Khác", key.private.public_key())
    with pytest.raises(Refused) as error:
        add_person(office.trust_file, key.listed("Người Khác", again), Role.APPROVER, office.root, NOW)
    assert error.value.key == "approval.key_two_names"
    assert f"({EM}, Người Khác)" in str(error.value)


def test_an_administrator_with_a_token_changes_the_trust_file_while_the_certificate_holds(
    office: Any, root: Authority, key: RsaKey
) -> None:
    own = root.issue(EM, key.private.public_key(), last=NOW + 30 * DAY)
    listed = key.listed(EM, own)
    trusted = [root.listed]
    add_person(office.trust_file, listed, Role.ADMINISTRATOR, office.root, NOW, authorities=trusted)
    revoke_person(office.trust_file, "Lê Văn Cường", "x", key, NOW + DAY)
    assert load_trust(office.trust_file).head.version == 5
    fingerprint = load_trust(office.trust_file).summary(NOW)["authorities"][0]
    change_authorities(office.trust_file, office.root, NOW + DAY, remove=fingerprint)
    with pytest.raises(Refused) as error:
        revoke_person(office.trust_file, "Phạm Minh Đức", "x", key, NOW + 2 * DAY)
    assert error.value.key == "approval.trust.signer_certificate"
    with pytest.raises(Refused) as error:
        revoke_person(office.trust_file, "Phạm Minh Đức", "x", key, NOW + 40 * DAY)
    assert error.value.key == "approval.trust.not_administrator"


def test_a_trust_file_without_tokens_is_written_as_ever(office: Any) -> None:
    data = office.trust_file.read_bytes()
    assert b"certificates" not in data
    first = load_trust(office.trust_file).people[0].model_dump(mode="json")
    assert set(first) == {"name", "role", "keys"}
    assert set(first["keys"][0]) == {"keyid", "public", "valid_from", "valid_to", "revoked_at", "reason"}


def test_short_rsa_keys_and_other_kinds_are_no_keys() -> None:
    short = RsaKey.made(1024)
    with pytest.raises(ValueError, match="2048"):
        keyid_of(short.public)
    assert not fits(short.public, short.sign(b"x"), b"x")
