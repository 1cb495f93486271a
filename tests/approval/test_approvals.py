import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from merger.approval import (
    ApprovalState,
    Key,
    NotApproved,
    Policy,
    PublicKey,
    Reason,
    Role,
    Trust,
    add_person,
    approvals,
    canonical_digest,
    envelope_path,
    job_subject,
    mapping_subject,
    plan_subject,
    require,
    revoke_person,
    sign,
)
from merger.errors import InputError, Refused

BINH, CUONG, DUC = "Trần Thị Bình", "Lê Văn Cường", "Phạm Minh Đức"
DAY = timedelta(days=1)
MakeKey = Callable[[], Key]
Public = Callable[[str, Key], PublicKey]


def _refused(state: ApprovalState) -> NotApproved:
    with pytest.raises(NotApproved) as caught:
        require(state)
    assert caught.value.exit_code == 3
    return caught.value


def test_two_people_with_two_keys_approve(office: Any) -> None:
    office.sign(BINH)
    office.sign(CUONG)
    state = office.state()
    require(state)
    assert {(one.person, one.role) for one in state.approvals} == {
        (BINH, "administrator"),
        (CUONG, "approver"),
    }
    assert state.missing == 0
    assert len(state.statements) == 2
    assert state.summary()["missing"] == 0


def test_no_signature_is_refused(office: Any) -> None:
    error = _refused(office.state())
    assert error.key == "approval.no_signature"
    assert str(error) == "plan.json is not approved: nobody has signed it; 2 different people must sign"


def test_one_signature_of_two_is_refused(office: Any) -> None:
    office.sign(BINH)
    error = _refused(office.state())
    assert error.key == "approval.too_few"
    assert str(error) == "plan.json is not approved: 1 of 2 needed signatures count, 1 more must sign"


def test_signing_again_with_the_same_key_replaces_the_signature(office: Any, now: datetime) -> None:
    first = office.sign(BINH)
    assert office.sign(BINH, now + DAY) == first
    state = office.state(now=now + DAY)
    assert [one.at for one in state.approvals] == ["2026-03-03T08:00:00Z"]
    assert state.missing == 1


def test_the_same_person_twice_is_refused(office: Any) -> None:
    file = office.sign(BINH)
    shutil.copy(file, file.with_name("plan.json.00000000.sig.json"))
    error = _refused(office.state())
    assert error.key == "approval.same_person"
    assert f"{BINH} has signed already and counts once" in str(error)


def test_one_key_under_two_names_is_refused(office: Any) -> None:
    office.sign(CUONG)
    people = office.trust.people
    twice = (*people, people[1].model_copy(update={"name": "Hoàng Văn Em"}))
    trust = Trust(office.trust.root, office.trust.head, twice)
    error = _refused(approvals(office.plan, office.subject(), trust, Policy(approvals=1), _now(office)))
    assert error.key == "approval.key_two_names"
    assert f"under two names ({CUONG}, Hoàng Văn Em)" in str(error)


def _now(office: Any) -> datetime:
    return office.trust.people[0].keys[0].valid_from  # type: ignore[no-any-return]


def test_a_person_with_two_keys_in_use_counts_once(office: Any, make_key: MakeKey, now: datetime) -> None:
    office.sign(CUONG)
    second, cuong = make_key(), office.trust.people[1]
    other = cuong.keys[0].model_copy(update={"keyid": second.keyid, "public": second.public})
    twofold = cuong.model_copy(update={"keys": (*cuong.keys, other)})
    trust = Trust(office.trust.root, office.trust.head, (twofold,))
    sign(office.plan, office.subject(), second, now)
    error = _refused(approvals(office.plan, office.subject(), trust, Policy(), now))
    assert error.key == "approval.same_person"
    assert len(error.state.approvals) == 1


def test_an_unknown_key_is_refused(office: Any, make_key: MakeKey, now: datetime) -> None:
    office.sign(BINH)
    stranger = make_key()
    sign(office.plan, office.subject(), stranger, now)
    error = _refused(office.state())
    assert error.key == "approval.unknown_key"
    assert f"key {stranger.keyid[:8]} is not in the trust file" in str(error)


def test_a_revoked_key_is_refused_whenever_it_signed(office: Any, now: datetime) -> None:
    office.sign(BINH)
    office.sign(CUONG)
    revoke_person(office.trust_file, CUONG, "mất khóa", office.root, now + DAY)
    require(office.state(now=now))
    error = _refused(office.state(now=now + DAY))
    assert error.key == "approval.revoked_key"
    assert f"{CUONG}'s key was revoked on 2026-03-03T08:00:00Z (mất khóa)" in str(error)


def test_an_expired_statement_is_refused(office: Any, now: datetime) -> None:
    office.sign(BINH)
    office.sign(CUONG, expires=now + DAY)
    require(office.state(now=now + DAY - timedelta(seconds=1)))
    error = _refused(office.state(now=now + DAY))
    assert error.key == "approval.expired_statement"
    assert f"{CUONG}'s approval ended on 2026-03-03T08:00:00Z" in str(error)


def test_statements_of_a_plan_end_after_two_weeks_by_themselves(office: Any, now: datetime) -> None:
    office.sign(BINH)
    assert office.state(now=now + 14 * DAY - timedelta(seconds=1)).approvals
    assert office.state(now=now + 14 * DAY).refused[0].reason is Reason.EXPIRED_STATEMENT


def test_a_plan_with_one_byte_changed_is_refused(office: Any) -> None:
    office.sign(BINH)
    office.sign(CUONG)
    office.plan.write_text('{"batches": 4}\n', "utf-8")
    error = _refused(office.state())
    assert error.key == "approval.content_changed"
    assert f"{BINH} signed other content; different now: sha256" in str(error)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"action": "rollback"}, "action"),
        ({"canonical": "0" * 64}, "canonical"),
        ({"name": "other.json"}, "name"),
        ({"digests": {"job": canonical_digest("job")}}, "digests.mapping"),
        ({"fingerprints": {"onestop-a": "moved on", "onestop-b": "new"}}, "fingerprints.onestop-b"),
    ],
)
def test_an_approval_counts_for_all_that_was_signed_only(
    office: Any, changes: dict[str, object], named: str
) -> None:
    office.sign(BINH)
    state = office.state(Policy(approvals=1), subject=office.subject(**changes))
    assert [one.reason for one in state.refused] == [Reason.CONTENT_CHANGED]
    assert named in state.refused[0].message


def test_the_author_may_not_sign_unless_the_policy_says_so(office: Any) -> None:
    office.sign(BINH)
    office.sign(DUC)
    error = _refused(office.state(Policy(authors=frozenset({"PHẠM  MINH ĐỨC"}))))
    assert error.key == "approval.author_signed"
    assert f"{DUC} is the author" in str(error)
    require(office.state(Policy(authors=frozenset({DUC}), author_may_sign=True)))


def test_an_approval_used_before_is_refused(office: Any) -> None:
    office.sign(BINH)
    office.sign(CUONG)
    used = office.state().statements
    error = _refused(office.state(used=used))
    assert error.key == "approval.used_before"
    assert f"{CUONG}'s approval was used by an earlier run" in str(error)
    office.sign(BINH)
    office.sign(CUONG)
    require(office.state(used=used))


def test_a_signature_from_the_future_does_not_count_yet(office: Any, now: datetime) -> None:
    office.sign(BINH, now + timedelta(minutes=5))
    office.sign(CUONG, now + timedelta(minutes=6))
    error = _refused(office.state())
    assert error.key == "approval.not_yet_valid"
    assert f"{CUONG}'s signature counts from 2026-03-02T08:06:00Z only" in str(error)
    assert [one.person for one in error.state.approvals] == [BINH]


def test_a_key_counts_within_its_time_only(
    office: Any, make_key: MakeKey, public_of: Public, now: datetime
) -> None:
    key = make_key()
    public = public_of("Hoàng Văn Em", key)
    add_person(
        office.trust_file,
        public,
        Role.APPROVER,
        office.root,
        now,
        valid_from=now + DAY,
        valid_to=now + 3 * DAY,
    )
    sign(office.plan, office.subject(), key, now)
    policy = Policy(approvals=1)
    assert office.state(policy).refused[0].reason is Reason.NOT_YET_VALID
    assert office.state(policy, now=now + DAY).refused[0].reason is Reason.NOT_YET_VALID
    sign(office.plan, office.subject(), key, now + DAY)
    require(office.state(policy, now=now + DAY))
    error = _refused(office.state(policy, now=now + 3 * DAY))
    assert error.key == "approval.ended_key"
    assert "key served until 2026-03-05T08:00:00Z" in str(error)


def test_a_signature_made_with_another_key_under_this_id_is_refused(
    office: Any, make_key: MakeKey, now: datetime
) -> None:
    class Impostor:
        keyid, public, _key = office.keys[CUONG].keyid, office.keys[CUONG].public, make_key()

        def sign(self, data: bytes) -> bytes:
            return self._key.sign(data)

    office.sign(BINH)
    sign(office.plan, office.subject(), Impostor(), now)
    error = _refused(office.state())
    assert error.key == "approval.bad_signature"


@pytest.mark.parametrize(
    "respell",
    [
        lambda data: json.dumps(json.loads(data)).encode() + b"\n",
        lambda data: data[:-1],
        lambda data: data + b" ",
        lambda data: data.replace(b'"signatures":[', b'"extra":1,"signatures":['),
        lambda data: data.replace(b"==", b""),
        lambda _: b"",
        lambda _: b"[" * 900_000,
        lambda data: data + b" " * 2_000_000,
    ],
)
def test_an_envelope_in_another_spelling_is_refused(office: Any, respell: Callable[[bytes], bytes]) -> None:
    file = office.sign(BINH)
    office.sign(CUONG)
    file.write_bytes(respell(file.read_bytes()))
    error = _refused(office.state())
    assert error.key == "approval.not_canonical"
    assert "not the exact file that was written when signing" in str(error)


def test_every_stray_padding_bit_of_the_base64_is_refused(office: Any) -> None:
    file = office.sign(BINH)
    data = file.read_bytes()
    end = data.index(b'=="}')
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    place = letters.index(data[end - 1 : end])
    for stray in range(place + 1, place + 16):
        file.write_bytes(data[: end - 1] + letters[stray : stray + 1] + data[end:])
        assert [one.reason for one in office.state().refused] == [Reason.NOT_CANONICAL]


def test_all_reasons_are_listed_and_the_gravest_is_the_key(
    office: Any, make_key: MakeKey, now: datetime
) -> None:
    sign(office.plan, office.subject(), make_key(), now)
    office.sign(DUC)
    office.sign(CUONG, expires=now + timedelta(minutes=1))
    error = _refused(office.state(now=now + DAY))
    assert error.key == "approval.unknown_key"
    lines = str(error).splitlines()
    assert lines[0] == "plan.json is not approved: 0 of 2 needed signatures count, 2 more must sign"
    assert len(lines) == 4
    assert all(line.startswith("- plan.json.") for line in lines[1:])


def test_a_policy_of_no_approvals_asks_for_none(office: Any) -> None:
    require(office.state(Policy(approvals=0)))


def test_a_folder_is_signed_beside_it_and_each_file_counts(office: Any, now: datetime) -> None:
    folder = office.plan.parent / "mapping"
    folder.mkdir()
    (folder / "a.yaml").write_text("id: a\n")
    subject = mapping_subject(folder, canonical_digest({"id": "a"}))
    key = office.keys[CUONG]
    file = sign(folder, subject, key, now)
    assert (
        file == office.plan.parent / f"mapping.{key.keyid[:8]}.sig.json" == envelope_path(folder, key.keyid)
    )
    policy = Policy(approvals=1)
    require(approvals(folder, subject, office.trust, policy, now))
    (folder / "a.yaml").write_text("id: a \n")
    present = mapping_subject(folder, subject.canonical)
    error = _refused(approvals(folder, present, office.trust, policy, now))
    assert "different now: files.a.yaml, sha256" in str(error)


def test_a_job_is_signed_with_its_policies(office: Any, now: datetime) -> None:
    job = office.plan.parent / "job.yaml"
    job.write_text("id: job\n")
    digests = {"mapping": canonical_digest("mapping")}
    subject = job_subject(job, canonical_digest({"id": "job"}), digests, {"approvals": 2})
    sign(job, subject, office.keys[CUONG], now)
    policy = Policy(approvals=1)
    require(approvals(job, subject, office.trust, policy, now))
    eased = job_subject(job, subject.canonical, digests, {"approvals": 1})
    error = _refused(approvals(job, eased, office.trust, policy, now))
    assert "different now: policies.approvals" in str(error)


def test_a_signature_needs_a_future_and_a_place_of_its_own(office: Any, now: datetime) -> None:
    with pytest.raises(Refused) as caught:
        office.sign(BINH, expires=now)
    assert caught.value.key == "approval.expiry_past"
    file = office.sign(BINH)
    with pytest.raises(Refused) as caught:
        sign(office.plan, office.subject(), office.keys[CUONG], now, out=file)
    assert caught.value.key == "approval.file_exists"


def test_a_time_without_a_zone_is_a_mistake_of_the_program(office: Any) -> None:
    with pytest.raises(ValueError, match="zone"):
        office.state(now=datetime(2026, 3, 2))


def test_the_signed_file_itself_stays_untouched(office: Any, tmp_path: Path) -> None:
    before = office.plan.read_bytes()
    office.sign(BINH)
    assert office.plan.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["plan.json", "trust.json", envelope_path(office.plan, office.keys[BINH].keyid).name]
    )


def test_a_plan_that_names_something_else_where_a_digest_must_be_is_an_input_error(office: Any) -> None:
    with pytest.raises(InputError) as caught:
        plan_subject(office.plan, canonical_digest(1), "apply", {"target": "00d3!d9"}, {})
    assert "no SHA-256 stands where one must (digests.target)" in str(caught.value)
