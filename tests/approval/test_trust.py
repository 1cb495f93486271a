import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from merger.approval import (
    Head,
    Key,
    Person,
    PublicKey,
    Role,
    Trust,
    TrustedKey,
    add_person,
    load_trust,
    revoke_person,
)
from merger.approval.envelope import seal, unseal
from merger.approval.trust import PAYLOAD_TYPE, _Version
from merger.errors import InputError, MergerError, Refused

DAY = timedelta(days=1)
Public = Callable[[str, Key], PublicKey]
MakeKey = Callable[[], Key]


def _refusal(call: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value


def _people(trust: Trust) -> list[tuple[str, str]]:
    return [(person.name, person.role.value) for person in trust.people]


def test_a_trust_file_lists_people_in_the_order_in_which_they_were_added(office: Any) -> None:
    assert _people(office.trust) == [
        ("Trần Thị Bình", "administrator"),
        ("Lê Văn Cường", "approver"),
        ("Phạm Minh Đức", "approver"),
    ]
    assert office.trust.root == office.root.keyid
    assert office.trust.head.version == 3


def test_a_trust_file_begins_with_its_own_administrator(
    tmp_path: Path, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    root, other, file = make_key(), make_key(), tmp_path / "trust.json"
    for public, role in ((public_of("B", other), Role.ADMINISTRATOR), (public_of("A", root), Role.APPROVER)):
        error = _refusal(partial(add_person, file, public, role, root, now))
        assert error.key == "approval.trust.first"
        assert "add your own key" in str(error)
    assert not file.exists()


def test_one_key_under_two_names_is_refused(office: Any, public_of: Public, now: datetime) -> None:
    taken = public_of("Hoàng Văn Em", office.keys["Lê Văn Cường"])
    error = _refusal(lambda: add_person(office.trust_file, taken, Role.APPROVER, office.root, now))
    assert error.key == "approval.key_two_names"
    assert "under two names (Lê Văn Cường, Hoàng Văn Em)" in str(error)


@pytest.mark.parametrize("spelling", ["LÊ VĂN  CƯỜNG", unicodedata.normalize("NFD", "Lê Văn Cường")])
def test_the_same_person_with_another_key_is_refused(
    office: Any, spelling: str, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    public = public_of(spelling, make_key())
    error = _refusal(lambda: add_person(office.trust_file, public, Role.APPROVER, office.root, now))
    assert error.key == "approval.trust.person_again"
    assert "Lê Văn Cường is in the trust file with a key in use" in str(error)


def test_a_person_whose_key_was_revoked_gets_a_new_one_but_never_the_old(
    office: Any, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    revoke_person(office.trust_file, "lê văn cường", "mất khóa", office.root, now)
    old = public_of("Lê Văn Cường", office.keys["Lê Văn Cường"])
    error = _refusal(lambda: add_person(office.trust_file, old, Role.APPROVER, office.root, now))
    assert error.key == "approval.trust.key_again"
    add_person(
        office.trust_file, public_of("Lê Văn Cường", make_key()), Role.APPROVER, office.root, now + DAY
    )
    person = office.trust.person("Lê Văn Cường")
    assert [key.revoked(now) for key in person.keys] == [True, False]
    assert person.keys[0].reason == "mất khóa"
    assert len(office.trust.people) == 3


def test_only_an_administrator_of_the_version_before_may_change_the_file(
    office: Any, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    before = office.trust_file.read_bytes()
    public, approver = public_of("Hoàng Văn Em", make_key()), office.keys["Lê Văn Cường"]
    for stranger in (approver, make_key()):
        error = _refusal(partial(add_person, office.trust_file, public, Role.ADMINISTRATOR, stranger, now))
        assert error.key == "approval.trust.not_administrator"
    assert office.trust_file.read_bytes() == before


def test_a_second_administrator_may_revoke_the_first_and_the_root_stays(
    office: Any, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    second = make_key()
    add_person(office.trust_file, public_of("Võ Thị Giang", second), Role.ADMINISTRATOR, office.root, now)
    revoke_person(office.trust_file, "Trần Thị Bình", "nghỉ hưu", second, now)
    assert office.trust.root == office.root.keyid
    error = _refusal(lambda: revoke_person(office.trust_file, "Lê Văn Cường", "x", office.root, now + DAY))
    assert error.key == "approval.trust.not_administrator"
    error = _refusal(lambda: revoke_person(office.trust_file, "Võ Thị Giang", "x", second, now))
    assert "is the last administrator" in str(error)


def test_revoking_whom_or_what_is_not_there_is_refused(office: Any, now: datetime) -> None:
    error = _refusal(lambda: revoke_person(office.trust_file, "Ai Đó", "x", office.root, now))
    assert str(error) == "Ai Đó is not in the trust file"
    error = _refusal(
        lambda: revoke_person(office.trust_file, "Lê Văn Cường", "x", office.root, now, keyid="zz")
    )
    assert "has no such key" in str(error)


def test_a_key_that_ends_before_it_begins_is_refused(
    office: Any, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    public = public_of("Hoàng Văn Em", make_key())
    error = _refusal(
        lambda: add_person(office.trust_file, public, Role.APPROVER, office.root, now, valid_to=now)
    )
    assert error.key == "approval.trust.ends_early"


def test_a_trust_file_of_another_root_is_refused(office: Any, make_key: MakeKey) -> None:
    error = _refusal(lambda: load_trust(office.trust_file, root=make_key().keyid))
    assert error.key == "approval.trust.other_root"
    assert f"begins with key {office.root.keyid[:8]}" in str(error)


def test_a_trust_file_put_back_to_before_a_revocation_is_noticed(office: Any, now: datetime) -> None:
    old = office.trust_file.read_bytes()
    seen = revoke_person(office.trust_file, "Lê Văn Cường", "mất khóa", office.root, now).head
    assert load_trust(office.trust_file, seen=seen).head == seen
    office.trust_file.write_bytes(old)
    error = _refusal(lambda: load_trust(office.trust_file, seen=seen))
    assert error.key == "approval.trust.went_back"
    assert "does not contain version 4" in str(error)
    error = _refusal(lambda: load_trust(office.trust_file, seen=Head(2, "0" * 64)))
    assert error.key == "approval.trust.went_back"


def _forged(office: Any, people: tuple[Person, ...], signer: Key, now: datetime, **other: Any) -> None:
    """Appends a version that an administrator's own program could have written."""
    trust = office.trust
    fields = {"version": trust.head.version + 1, "previous": trust.head.sha256, "root": trust.root} | other
    version = _Version(issued_at=now, people=people, **fields)
    line = seal(PAYLOAD_TYPE, version, signer)
    office.trust_file.write_bytes(office.trust_file.read_bytes() + line)


def test_a_signed_file_that_lists_a_person_or_a_key_twice_is_refused(office: Any, now: datetime) -> None:
    people = office.trust.people
    original = office.trust_file.read_bytes()
    other_name = people[1].model_copy(update={"name": "Hoàng Văn Em"})
    shouted = people[2].model_copy(update={"name": people[1].name.upper()})
    for added, key in (
        ((*people, other_name), "approval.key_two_names"),
        ((people[0], people[1], shouted), "approval.trust.person_twice"),
        ((people[0], people[1].model_copy(update={"keys": people[1].keys * 2})), "approval.trust.key_again"),
        (
            (people[0], people[1].model_copy(update={"keys": (_mixed(people[1], people[2]),)})),
            "approval.trust.wrong_keyid",
        ),
    ):
        _forged(office, added, office.root, now)
        assert _refusal(lambda: office.trust).key == key
        office.trust_file.write_bytes(original)


def _mixed(one: Person, other: Person) -> TrustedKey:
    return one.keys[0].model_copy(update={"public": other.keys[0].public})


def test_versions_must_follow_each_other_under_one_root(
    office: Any, make_key: MakeKey, now: datetime
) -> None:
    original, people = office.trust_file.read_bytes(), office.trust.people
    for other in ({"version": 9}, {"previous": "0" * 64}, {"root": make_key().keyid}):
        _forged(office, people, office.root, now, **other)
        assert _refusal(lambda: office.trust).key == "approval.trust.broken_chain"
        office.trust_file.write_bytes(original)
    lines = original.splitlines(keepends=True)
    office.trust_file.write_bytes(lines[0] + lines[2])
    assert _refusal(lambda: office.trust).key == "approval.trust.broken_chain"


def test_a_version_signed_by_a_key_that_bears_anothers_id_is_refused(
    office: Any, make_key: MakeKey, now: datetime
) -> None:
    class Impostor:
        keyid, public, _key = office.root.keyid, office.root.public, make_key()

        def sign(self, data: bytes) -> bytes:
            return self._key.sign(data)

    _forged(office, office.trust.people, Impostor(), now)  # type: ignore[arg-type]
    assert _refusal(lambda: office.trust).key == "approval.trust.bad_signature"


@pytest.mark.parametrize("damage", ["empty", "no line feed", "blank line", "carriage return", "spaces"])
def test_another_spelling_of_the_trust_file_is_refused(office: Any, damage: str) -> None:
    data = office.trust_file.read_bytes()
    office.trust_file.write_bytes(
        {
            "empty": b"",
            "no line feed": data[:-1],
            "blank line": data + b"\n",
            "carriage return": data.replace(b"\n", b"\r\n"),
            "spaces": data.replace(b'":', b'": '),
        }[damage]
    )
    error = _refusal(lambda: office.trust)
    assert error.key == "approval.trust.not_canonical"
    assert "not the exact line" in str(error)


def test_a_missing_trust_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_trust(tmp_path / "trust.json")
    assert "cannot be read" in str(caught.value)


def test_an_approval_is_no_trust_file(office: Any) -> None:
    office.trust_file.write_bytes(office.sign("Trần Thị Bình").read_bytes())
    with pytest.raises(MergerError) as caught:
        load_trust(office.trust_file)
    assert caught.value.key == "approval.trust.not_canonical"


def test_a_line_of_the_trust_file_is_an_envelope_of_its_own_type(office: Any) -> None:
    first = office.trust_file.read_bytes().splitlines(keepends=True)[0]
    assert unseal(first, PAYLOAD_TYPE).signed_by(office.root.public)


def test_the_summary_of_a_trust_file_says_which_keys_count_now(office: Any, now: datetime) -> None:
    revoke_person(office.trust_file, "Lê Văn Cường", "mất khóa", office.root, now + DAY)
    for when, usable in ((now, [True, True, True]), (now + DAY, [True, False, True])):
        summary = office.trust.summary(when)
        assert [key["usable"] for person in summary["people"] for key in person["keys"]] == usable
    assert summary["people"][1]["keys"][0]["revoked_at"] == "2026-03-03T08:00:00Z"
    assert (summary["root"], summary["version"]) == (office.root.keyid, 4)
