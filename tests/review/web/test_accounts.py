import json

import pytest

from merger.errors import Refused
from merger.review.web.accounts import Accounts, made_up
from tests.review.web.conftest import PASSWORD


@pytest.fixture
def accounts(tmp_path, quick_hashes):  # noqa: ARG001  # asked for before accounts are made
    made = Accounts(tmp_path / ".merger" / "accounts.json")
    made.add("an.nguyen", ["administrator"], PASSWORD)
    return made


def test_a_password_opens_its_own_account_and_no_other(accounts):
    accounts.add("binh.tran", ["reader", "approver"], "another long sentence")
    assert accounts.check("an.nguyen", PASSWORD).roles == ("administrator",)
    assert accounts.check("binh.tran", "another long sentence").roles == ("reader", "approver")
    assert accounts.check("binh.tran", PASSWORD) is None
    assert accounts.check("nobody", PASSWORD) is None


def test_a_password_is_the_same_however_a_keyboard_composes_it(accounts):
    accounts.add("chi.le", ["reader"], "mật khẩu dài đây")
    assert accounts.check("chi.le", "mâ\u0323t khâ\u0309u dài đây") is not None


def test_the_file_holds_argon2id_hashes_and_nobody_else_reads_it(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    accounts.add("an.nguyen", ["administrator"], PASSWORD)
    text = accounts.path.read_text("utf-8")
    assert PASSWORD not in text
    assert json.loads(text)["accounts"][0]["password"].startswith("$argon2id$v=19$m=65536,")
    assert accounts.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "roles", "password", "said"),
    [
        ("Nguyễn An", ["reader"], PASSWORD, "A name has small letters without accents"),
        ("../an", ["reader"], PASSWORD, "A name has small letters without accents"),
        ("", ["reader"], PASSWORD, "A name has small letters without accents"),
        ("binh", [], PASSWORD, "At least one role is needed"),
        ("binh", ["king"], PASSWORD, "At least one role is needed"),
        ("binh", ["reader"], "short", "needs 12 to 200 characters"),
        ("binh", ["reader"], "x" * 201, "needs 12 to 200 characters"),
        ("binh.hoang.thi", ["reader"], "Binh.Hoang.Thi", "must not be the name"),
        ("an.nguyen", ["reader"], PASSWORD, "There is an account an.nguyen already"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_words(accounts, name, roles, password, said):
    before = accounts.path.read_bytes()
    with pytest.raises(Refused) as error:
        accounts.add(name, roles, password)
    assert said in str(error.value)
    assert accounts.path.read_bytes() == before


@pytest.mark.usefixtures("quick_hashes")
def test_the_first_account_must_be_an_administrators(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    with pytest.raises(Refused, match="the first account must be one's"):
        accounts.add("binh", ["reader"], PASSWORD)
    assert not accounts.exist()


def test_the_last_administrator_stays(accounts):
    accounts.add("binh", ["reader"], PASSWORD)
    for change in (
        lambda: accounts.disable("an.nguyen"),
        lambda: accounts.change_roles("an.nguyen", ["reader"]),
    ):
        with pytest.raises(Refused, match="There must always be an administrator"):
            change()
    accounts.change_roles("binh", ["administrator"])
    accounts.disable("an.nguyen")
    assert accounts.of("an.nguyen") is None


def test_what_another_process_changed_counts_at_once(accounts):
    other = Accounts(accounts.path)
    assert other.of("an.nguyen") is not None
    accounts.add("binh", ["administrator"], PASSWORD)
    accounts.disable("an.nguyen")
    assert other.of("an.nguyen") is None
    assert other.check("an.nguyen", PASSWORD) is None


def test_a_damaged_file_lets_nobody_in(accounts):
    accounts.path.write_text('{"schema":"merger/accounts/1","accounts":[{"name":"x"}]}', "utf-8")
    with pytest.raises(Refused, match="it is damaged"):
        accounts.of("an.nguyen")


def test_made_up_passwords_are_long_and_differ():
    made = {made_up() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {19}
