"""Taking an approval back, and putting the old one there again."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from merger.approval import (
    NotApproved,
    Policy,
    Reason,
    canonical_digest,
    digest_files,
    envelope_path,
    mapping_subject,
    require,
    sign,
    withdraw,
)
from merger.approval.envelope import seal, unseal
from merger.approval.statement import PAYLOAD_TYPE as STATEMENT
from merger.approval.withdrawal import PAYLOAD_TYPE, Withdrawal, withdrawal_path
from merger.errors import Refused

BINH, CUONG = "Trần Thị Bình", "Lê Văn Cường"
DAY = timedelta(days=1)


def _withdraw(office: Any, name: str, now: datetime, **more: Any) -> Any:
    return withdraw(office.plan, office.keys[name], now, reason="số liệu sai", **more)


def _reasons(office: Any, **more: Any) -> list[Reason]:
    return [one.reason for one in office.state(**more).refused]


def test_a_withdrawn_approval_does_not_count_and_says_why(office: Any, now: datetime) -> None:
    office.sign(BINH)
    office.sign(CUONG)
    require(office.state())
    _withdraw(office, CUONG, now)
    with pytest.raises(NotApproved) as error:
        require(office.state())
    assert error.value.key == "approval.withdrawn"
    assert f"{CUONG} took this approval back on 2026-03-02T08:00:00Z (số liệu sai)" in str(error.value)


def test_whoever_withdrew_may_sign_again_and_the_old_approval_stays_dead(office: Any, now: datetime) -> None:
    office.sign(BINH)
    old = office.sign(CUONG).read_bytes()
    _withdraw(office, CUONG, now)
    place = office.sign(CUONG)
    require(office.state())
    place.write_bytes(old)
    assert _reasons(office) == [Reason.WITHDRAWN]


def test_withdrawing_what_a_run_has_used_is_refused_and_changes_nothing(office: Any, now: datetime) -> None:
    office.sign(BINH)
    office.sign(CUONG)
    used = office.state().statements
    with pytest.raises(Refused) as error:
        _withdraw(office, CUONG, now, used=used)
    assert error.value.key == "approval.withdrawal.used"
    assert "was used by a run: taking it back changes nothing" in str(error.value)
    assert not list(office.plan.parent.glob("*.withdrawn.json"))


def test_one_cannot_withdraw_what_one_has_not_signed_nor_twice(office: Any, now: datetime) -> None:
    with pytest.raises(Refused) as error:
        _withdraw(office, CUONG, now)
    assert error.value.key == "approval.withdrawal.nothing"
    office.sign(CUONG)
    _withdraw(office, CUONG, now)
    with pytest.raises(Refused) as error:
        _withdraw(office, CUONG, now)
    assert error.value.key == "approval.withdrawal.again"


def test_another_person_cannot_withdraw_an_approval_but_is_noticed(office: Any, now: datetime) -> None:
    place = office.sign(BINH)
    office.sign(CUONG)
    statement = json.loads(unseal(place.read_bytes(), STATEMENT).payload)
    said = Withdrawal(
        statement=statement["id"], sha256=statement["subject"]["sha256"], withdrawn_at=now, reason="x"
    )
    forged = withdrawal_path(office.plan, office.keys[BINH].keyid, said.statement)
    forged.write_bytes(seal(PAYLOAD_TYPE, said, office.keys[CUONG]))
    state = office.state()
    assert [one.reason for one in state.refused] == [Reason.BAD_WITHDRAWAL]
    assert "was changed or is not the signer's" in state.refused[0].message


def test_a_withdrawal_under_another_name_still_counts(office: Any, now: datetime) -> None:
    office.sign(CUONG)
    file = _withdraw(office, CUONG, now)
    file.rename(file.with_name("plan.json.00000000.00000000.withdrawn.json"))
    assert _reasons(office) == [Reason.WITHDRAWN]


@pytest.mark.parametrize("offset", range(0, 900, 37))
def test_a_withdrawal_with_one_byte_changed_never_lets_the_approval_count_again(
    office: Any, now: datetime, offset: int
) -> None:
    office.sign(CUONG)
    file = _withdraw(office, CUONG, now)
    data = file.read_bytes()
    place = offset % len(data)
    file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    assert _reasons(office) == [Reason.BAD_WITHDRAWAL]


def test_a_withdrawal_does_not_change_the_folder_that_holds_what_was_signed(
    office: Any, now: datetime
) -> None:
    folder = office.plan.parent / "mapping"
    folder.mkdir()
    (folder / "a.yaml").write_text("id: a\n")
    before = digest_files(folder)
    key = office.keys[CUONG]
    sign(folder / "a.yaml", mapping_subject(folder / "a.yaml", canonical_digest("a")), key, now)
    withdraw(folder / "a.yaml", key, now, reason="x")
    assert len(list(folder.iterdir())) == 3
    assert digest_files(folder) == before


def test_every_role_that_the_policy_names_must_sign(office: Any) -> None:
    office.sign(CUONG)
    office.sign("Phạm Minh Đức")
    policy = Policy(roles=("administrator",))
    state = office.state(policy)
    assert (state.missing, state.missing_roles) == (1, ("administrator",))
    with pytest.raises(NotApproved) as error:
        require(state)
    assert error.value.key == "approval.role_missing"
    assert str(error.value) == "plan.json is not approved: nobody has signed it as administrator"
    assert state.summary()["missing_roles"] == ["administrator"]
    office.sign(BINH)
    require(office.state(policy))


def test_a_signature_counts_no_longer_than_the_policy_says(office: Any, now: datetime) -> None:
    office.sign(BINH)
    policy = Policy(approvals=1, days=3)
    require(office.state(policy, now=now + 3 * DAY - timedelta(seconds=1)))
    state = office.state(policy, now=now + 3 * DAY)
    assert [one.reason for one in state.refused] == [Reason.EXPIRED_STATEMENT]
    assert "ended on 2026-03-05T08:00:00Z" in state.refused[0].message
    assert envelope_path(office.plan, office.keys[BINH].keyid).exists()


def test_whoever_decided_something_is_an_author_however_the_name_is_spelt(office: Any) -> None:
    office.sign(BINH)
    state = office.state(Policy(approvals=1, authors=frozenset({"trần  thị bình", "Ai Khác"})))
    assert [one.reason for one in state.refused] == [Reason.AUTHOR_SIGNED]
