"""The page that signs: what it shows, what it asks for, what it refuses."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from httpx2 import Response
from starlette.testclient import TestClient

from merger.approval import describe_person, load_key, withdraw
from merger.approval.envelope import seal, unseal
from merger.approval.withdrawal import PAYLOAD_TYPE, Withdrawal
from merger.messages import text_in
from merger.migrate import api, approving
from merger.review import Settings, create_app
from merger.review.keys import signing
from merger.review.web import accounts as passwords
from merger.review.web.accounts import Accounts
from merger.review.web.desk import Desk
from tests.review.conftest import PASSPHRASE
from tests.review.web.browsing import Browser
from tests.review.web.forms import PlainBrowser

WITHDRAW = text_in("en", "review_keys.sign.withdraw-do")


@pytest.fixture
def plan(folder: Path) -> Path:
    return folder / "plan.json"


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Settings(folder))


@pytest.fixture
def address(desk: Desk, plan: Path) -> str:
    return f"/keys/sign/{desk.identifier(plan)}"


@pytest.fixture(autouse=True)
def _untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_tries", signing.Tries())
    monkeypatch.delenv("MERGER_PKCS11_MODULE", raising=False)


def _keyid(folder: Path, name: str) -> str:
    return load_key(folder / f"{name}.key", PASSPHRASE).keyid


def _form(folder: Path, plan: Path, name: str, **changes: str) -> dict[str, str]:
    sha256 = approving.signed_subject(plan).sha256
    return {"key": _keyid(folder, name), "secret": PASSPHRASE, "sha256": sha256} | changes


def _english(client: Browser) -> Browser:
    client.post("/language", {"lang": "en", "to": "/"})
    return client


def test_two_people_sign_a_plan_that_was_shown_to_them(
    client: Browser, folder: Path, plan: Path, address: str, desk: Desk
) -> None:
    _english(client)
    page = client.get(address)
    assert page.status_code == 200
    assert "This signature lets exactly this plan run once" in page.text
    assert approving.signed_subject(plan).sha256 in page.text
    for name in ("first", "second"):
        answer = client.post(address, _form(folder, plan, name))
        assert answer.status_code == 303, answer.text
    done = client.get(answer.headers["location"])
    assert "Signed. The signature lies beside" in done.text
    assert api.approvals(plan).missing == 0
    mine = (one for one in desk.trail.records() if one.detail.get("subject") == "plan:plan.json")
    assert [one.action for one in mine] == ["saw", "signed", "signed", "saw"]


def test_what_was_not_shown_is_not_signed(client: Browser, folder: Path, plan: Path, address: str) -> None:
    answer = _english(client).post(address, _form(folder, plan, "first"))
    assert answer.status_code == 409
    assert "was not shown to this account" in answer.text
    assert api.approvals(plan).missing == 2


def test_content_changed_between_reading_and_signing_is_refused(
    client: Browser, folder: Path, plan: Path, address: str
) -> None:
    _english(client).get(address)
    form = _form(folder, plan, "first")
    plan.write_bytes(plan.read_bytes() + b"\n")
    answer = client.post(address, form)
    assert answer.status_code == 409
    assert "is not what was shown any more" in answer.text
    assert not list(folder.glob("*.sig.json"))


def test_a_wrong_passphrase_is_told_and_too_many_are_stopped(
    client: Browser, folder: Path, plan: Path, address: str
) -> None:
    _english(client).get(address)
    form = _form(folder, plan, "first", secret="falsch, aber lang genug")
    for _ in range(signing.TRIES):
        answer = client.post(address, form)
        assert answer.status_code == 409
        assert "does not open" in answer.text
        assert "falsch" not in answer.text
    answer = client.post(address, _form(folder, plan, "first"))
    assert "tried with wrong secrets too often" in answer.text
    assert not list(folder.glob("*.sig.json"))
    answer = client.post(address, _form(folder, plan, "second"))
    assert answer.status_code == 303


def test_a_signature_made_elsewhere_is_handed_in(
    client: Browser, folder: Path, plan: Path, address: str, tmp_path: Path
) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    page = _english(client).get(address)
    saved = client.get(address.replace("/sign/", "/whole/"))
    (alone / "plan.json").write_bytes(saved.content)
    assert saved.content == plan.read_bytes()
    signature = api.sign(alone / "plan.json", folder / "second.key", PASSPHRASE, datetime.now(UTC))
    assert f"merger sign {plan.name} --key" in page.text
    form = {"sha256": approving.signed_subject(plan).sha256}
    where = address.replace("/sign/", "/envelope/")
    envelope = ("envelope.json", signature.read_bytes(), "application/json")
    answer = client.post(where, form, files={"envelope": envelope})
    assert answer.status_code == 303, answer.text
    assert [one.person for one in api.approvals(plan).approvals] == ["Demo second"]
    bent = signature.read_bytes()[:-1] + b" "
    answer = client.post(where, form, files={"envelope": ("envelope.json", bent, "application/json")})
    assert answer.status_code == 409
    assert "not the exact file that was written when signing" in answer.text


def test_an_approval_is_taken_back_with_a_reason_by_forms_without_scripts(
    client: Browser, folder: Path, plan: Path, address: str
) -> None:
    first, second = (_keyid(folder, name) for name in ("first", "second"))
    person = PlainBrowser(_english(client).client)
    person.open(address)
    assert person.forms(WITHDRAW) == []
    person.press(text_in("en", "review_keys.sign.do"), key=first, secret=PASSPHRASE)
    assert len(api.approvals(plan).approvals) == 1
    page = person.press(WITHDRAW, key=second, secret=PASSPHRASE, reason="x")
    assert (person.page.status_code, "has not signed plan.json" in page) == (409, True)
    person.open(address)
    page = person.press(WITHDRAW, key=first, secret=PASSPHRASE, reason="sai số liệu")
    assert (person.page.status_code, person.address) == (200, address)
    assert text_in("en", "review_keys.sign.done.withdrawn") in page
    assert "Demo first took this approval back" in page
    assert "sai số liệu" in page
    assert [str(one.reason) for one in api.approvals(plan).refused] == ["withdrawn"]


def test_a_withdrawal_made_elsewhere_is_handed_in(
    client: Browser, folder: Path, plan: Path, address: str, tmp_path: Path
) -> None:
    _english(client).get(address)
    second = load_key(folder / "second.key", PASSPHRASE)
    now = datetime.now(UTC)
    signature = api.sign(plan, folder / "second.key", PASSPHRASE, now)
    alone = tmp_path / "alone"
    alone.mkdir()
    for file in (plan, signature):
        shutil.copy(file, alone / file.name)
    made = withdraw(alone / "plan.json", second, now, reason="nhầm")
    where, form = address.replace("/sign/", "/envelope/"), {"sha256": approving.signed_subject(plan).sha256}

    def hand_in(data: bytes) -> Response:
        return client.post(where, form, files={"envelope": ("w.json", data, "application/json")})

    said = unseal(made.read_bytes(), PAYLOAD_TYPE).read(Withdrawal)
    others = seal(PAYLOAD_TYPE, said, load_key(folder / "first.key", PASSPHRASE))
    assert "has not signed plan.json" in hand_in(others).text
    assert api.approvals(plan).approvals
    answer = hand_in(made.read_bytes())
    assert answer.status_code == 303, answer.text
    assert [str(one.reason) for one in api.approvals(plan).refused] == ["withdrawn"]
    assert "was taken back already" in hand_in(made.read_bytes()).text
    signature.unlink()
    assert "has not signed plan.json" in hand_in(made.read_bytes()).text


def test_the_list_names_people_keys_and_what_they_signed(client: Browser, folder: Path, plan: Path) -> None:
    api.sign(plan, folder / "second.key", PASSPHRASE, datetime.now(UTC))
    page = _english(client).get("/keys")
    assert page.status_code == 200
    for text in ("Demo first", "Demo second", "administrator", "in use", "plan.json", "1 signatures"):
        assert text in page.text


def test_a_bent_trust_file_is_named_and_nothing_is_believed(
    client: Browser, folder: Path, address: str
) -> None:
    trust = folder / "trust.json"
    trust.write_bytes(
        trust.read_bytes().replace(b"Demo", b"Dema", 1).replace(b'"payload":"ey', b'"payload":"eZ', 1)
    )
    page = _english(client).get("/keys")
    assert page.status_code == 200
    assert "This list cannot be used" in page.text
    assert client.get(address).status_code == 409


def test_the_exact_bytes_are_one_click_away_and_cannot_deceive(
    client: Browser, folder: Path, desk: Desk
) -> None:
    file = folder / "strange.yaml"
    file.write_text(
        'schema: merger/decisions/1\nid: strange\nnote: "<script>alert(1)</script> \u202e"\ndecisions: []\n',
        "utf-8",
    )
    page = client.get(f"/keys/exact/{desk.identifier(file)}/0")
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "\u202e" not in page.text
    assert client.get(f"/keys/exact/{desk.identifier(file)}/1").status_code == 404
    assert client.get(f"/keys/exact/{desk.identifier(file)}/-1").status_code == 404
    assert client.get("/keys/sign/..%2Ftrust.json").status_code == 404


def test_whoever_decided_may_not_approve_the_decision(client: Browser, folder: Path, desk: Desk) -> None:
    file = folder / "mine.yaml"
    file.write_text(
        "schema: merger/decisions/1\nid: mine\ndecisions:\n"
        "  - {decision: one, author: Demo first, date: 2026-01-02, reason: r, exclude: left,"
        " when: {dataset: dossiers, x: '1'}}\n",
        "utf-8",
    )
    address = f"/keys/sign/{desk.identifier(file)}"
    page = _english(client).get(address)
    assert "Whoever wrote or decided it may not approve it: Demo first" in page.text, page.text
    answer = client.post(address, _form(folder, file, "first"))
    assert answer.status_code == 409
    assert "Demo first is the author and may not approve their own work" in answer.text
    assert client.post(address, _form(folder, file, "second")).status_code == 303


def test_a_copy_of_anothers_key_under_a_new_name_is_not_offered(
    client: Browser, folder: Path, address: str
) -> None:
    shutil.copy(folder / "second.key", folder / "stolen.key")
    page = client.get(address)
    assert "stolen.key" not in page.text


PASSWORD = "một câu dài dễ nhớ"


@pytest.fixture
def people(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Browser]:
    """Browsers of accounts: hai is Demo second's, ba nobody's of the trust file, reader may only read."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    passwords._nobodys.cache_clear()
    settings = Settings(folder, accounts=True, hosts=("testserver",))
    kept = Accounts(settings.accounts_file)
    kept.add("an", ["administrator"], PASSWORD)
    for name in ("hai", "ba"):
        kept.add(name, ["approver"], PASSWORD)
    kept.add("reader", ["reader"], PASSWORD)
    root = load_key(folder / "first.key", PASSPHRASE)
    describe_person(folder / "trust.json", "Demo second", root, datetime.now(UTC), account="hai")
    app = create_app(settings)

    def entered(name: str) -> Browser:
        browser = Browser(TestClient(app, follow_redirects=False))
        assert browser.post("/sign-in", {"name": name, "password": PASSWORD}).status_code == 303
        return _english(browser)

    return entered


def test_an_account_signs_with_its_persons_key_alone(
    people: Callable[[str], Browser], folder: Path, plan: Path, address: str
) -> None:
    hai = people("hai")
    page = hai.get(address).text
    assert "second.key" in page
    assert "first.key" not in page
    answer = hai.post(address, _form(folder, plan, "first"))
    assert answer.status_code == 409
    assert "not here, or not yours" in answer.text
    assert hai.post(address, _form(folder, plan, "second")).status_code == 303
    assert [one.person for one in api.approvals(plan).approvals] == ["Demo second"]


def test_an_account_that_the_trust_file_does_not_name_cannot_sign(
    people: Callable[[str], Browser], folder: Path, plan: Path, address: str
) -> None:
    ba = people("ba")
    assert "The trust file lists nobody with the account ba" in ba.get(address).text
    assert ba.post(address, _form(folder, plan, "second")).status_code == 409
    assert not list(folder.glob("*.sig.json"))


def test_a_reader_reads_the_page_and_signs_nothing(
    people: Callable[[str], Browser], folder: Path, plan: Path, address: str
) -> None:
    reader = people("reader")
    page = reader.get(address)
    assert "Your role lets you read this page, not sign" in page.text
    assert 'name="secret"' not in page.text
    for where in ("sign", "envelope", "withdraw"):
        answer = reader.post(address.replace("/sign/", f"/{where}/"), _form(folder, plan, "second"))
        assert answer.status_code == 403
    assert not list(folder.glob("*.sig.json"))


def test_a_folder_served_for_reading_only_takes_no_signature(folder: Path, plan: Path, address: str) -> None:
    app = create_app(Settings(folder, token="token", hosts=("testserver",), read_only=True))
    browser = Browser(TestClient(app, follow_redirects=False))
    browser.enter("token")
    assert browser.get(address).status_code == 200
    assert browser.post(address, _form(folder, plan, "first")).status_code == 403


def test_a_roll_back_is_read_and_signed_like_a_plan(client: Browser, folder: Path, desk: Desk) -> None:
    file = folder / "plan.rollback.json"
    said = {"schema": "merger/rollback/1", "run": "r1", "job_file": "", "job_beside": "job.yaml"}
    file.write_text(json.dumps(said | {"plan_sha256": "0" * 64, "rows": {"dossiers": 1200}}), "utf-8")
    address = f"/keys/sign/{desk.identifier(file)}"
    page = _english(client).get(address)
    assert "lets everything that the run put into the target be taken out" in page.text
    assert "1,200" in page.text
    assert client.post(address, _form(folder, file, "first")).status_code == 303
    assert [one.person for one in api.approvals(file).approvals] == ["Demo first"]


def test_an_approval_that_a_run_has_used_is_told_and_cannot_be_taken_back(
    client: Browser, folder: Path, plan: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.sign(plan, folder / "first.key", PASSPHRASE, datetime.now(UTC))
    used = set(api.approvals(plan).statements)
    monkeypatch.setattr(approving, "used_approvals", lambda _campaign: used)
    assert "was used by an earlier run" in _english(client).get(address).text
    where = address.replace("/sign/", "/withdraw/")
    answer = client.post(where, _form(folder, plan, "first", reason="zu spät"))
    assert answer.status_code == 409
    assert "taking it back changes nothing" in answer.text
    assert not list(folder.glob("*.withdrawn.json"))
