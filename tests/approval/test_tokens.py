"""Keys on tokens, tried on SoftHSM; what no token can show is tried on the texts alone."""

import base64
import builtins
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from merger.approval import (
    Policy,
    PublicKey,
    Role,
    add_person,
    approvals,
    is_uri,
    list_tokens,
    load_public,
    load_trust,
    open_token,
    read_uri,
    sign,
    token_public,
)
from merger.approval.public import fits
from merger.approval.token_uri import TokenUri
from merger.approval.tokens import module_of, pin_of
from merger.cli.run import run
from merger.errors import InputError, MergerError, Refused
from merger.testing.authorities import FIRST, Authority, RsaKey

NOW = datetime.now(UTC).replace(microsecond=0)
BINH = "Trần Thị Bình"


@dataclass
class Drawer:
    """Tokens of made-up people: good, long (3072 bits), ended, usage (not for signing), bare (without a
    certificate), keyless (a certificate without its key)."""

    soft: Any
    root: Authority
    middle: Authority

    def uri(self, token: str) -> TokenUri:
        return self.soft.uri(token)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def drawer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawer]:
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed: pip install 'merger[pkcs11]'")
    from merger.testing.softhsm import SoftTokens

    before = pytest.MonkeyPatch()
    before.setenv("SOFTHSM2_CONF", "")
    try:
        soft = SoftTokens(tmp_path_factory.mktemp("softhsm"))
    except Refused as error:
        before.undo()
        pytest.skip(str(error))
    root = Authority("Gốc thử nghiệm")
    middle = Authority("Cơ quan cấp thử nghiệm", above=root, path_length=0)
    names = ("good", "long", "ended", "usage", "bare", "keyless")
    for name in names:
        soft.make(name)
    for name in names:
        key = RsaKey.made(3072 if name == "long" else 2048)
        public = key.private.public_key()
        if name != "keyless":
            soft.put_key(name, "ký", 1, key.private)
        if name == "bare":
            continue
        last = NOW - timedelta(days=1) if name == "ended" else NOW + timedelta(days=300)
        certificate = middle.issue(BINH, public, last=last, signs=name != "usage")
        soft.put_certificate(name, "ký", 1, certificate)
        if name == "good":
            soft.put_certificate(name, "cơ quan", 2, middle.certificate)
    yield Drawer(soft, root, middle)
    before.undo()


def _refusal(error: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return error.value.key, str(error.value)


@pytest.mark.parametrize("token", ["good", "long"])
def test_a_token_signs_and_anyone_verifies(drawer: Drawer, token: str) -> None:
    from merger.testing.softhsm import PIN

    uri = replace(drawer.uri(token), object="ký")
    signer = open_token(uri, NOW, PIN)
    signature = signer.sign(b"content")
    assert len(signature) == (384 if token == "long" else 256)
    assert fits(signer.public, signature, b"content")
    assert not fits(signer.public, signature, b"Content")


def test_the_tokens_signature_is_pss_that_openssl_verifies(drawer: Drawer, tmp_path: Path) -> None:
    from merger.testing.softhsm import PIN

    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    signer = open_token(replace(drawer.uri("good"), object="ký"), NOW, PIN)
    (tmp_path / "key.der").write_bytes(base64.b64decode(signer.public))
    (tmp_path / "data").write_bytes(b"content")
    (tmp_path / "sig").write_bytes(signer.sign(b"content"))
    said = ["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
    files = ["-verify", "key.der", "-keyform", "DER", "-signature", "sig", "data"]
    result = subprocess.run([*said, *files], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "Verified OK"


def test_tokens_are_listed_with_their_certificates_and_names_that_open_them(drawer: Drawer) -> None:
    found = {one.uri.token: one for one in list_tokens(drawer.soft.library)}
    assert set(found) == {"good", "long", "ended", "usage", "bare", "keyless"}
    assert not found["good"].locked
    assert [one.certificate.subject for one in found["good"].certificates] == ["Cơ quan cấp thử nghiệm", BINH]
    own = found["good"].certificates[1]
    again = read_uri(str(own.uri))
    assert again == replace(own.uri, module=None)
    assert token_public(replace(again, module=drawer.soft.library)).name == BINH


def test_a_wrong_pin_says_that_tries_are_few(drawer: Drawer) -> None:
    from merger.testing.softhsm import PIN

    uri = replace(drawer.uri("good"), object="ký")
    with pytest.raises(Refused) as error:
        open_token(uri, NOW, "000000")
    assert error.value.key == "approval.token.wrong_pin_low"
    assert "Few tries are left before the token locks itself" in str(error.value)
    assert "000000" not in str(error.value)
    open_token(uri, NOW, PIN)


def test_a_token_that_is_not_plugged_in_is_named_with_those_that_are(drawer: Drawer) -> None:
    with pytest.raises(Refused) as error:
        open_token(drawer.uri("nowhere"), NOW, "1")
    key, message = _refusal(error)
    assert key == "approval.token.no_token"
    assert "no token fits pkcs11:token=nowhere; plugged in:" in message
    assert "good" in message


@pytest.mark.parametrize(
    ("token", "key", "message"),
    [
        ("ended", "approval.certificate.ended", f"the certificate of {BINH} ended on"),
        ("usage", "approval.certificate.usage", "is not for signing by a person"),
        ("bare", "approval.token.no_certificate", "the token bare holds no certificate"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_before_the_pin_is_asked_for(
    drawer: Drawer, token: str, key: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _prompt: pytest.fail("the PIN was asked for"))
    with pytest.raises(Refused) as error:
        open_token(drawer.uri(token), NOW)
    assert error.value.key == key
    assert message in str(error.value)


def test_a_certificate_without_its_key_is_refused(drawer: Drawer) -> None:
    from merger.testing.softhsm import PIN

    with pytest.raises(Refused) as error:
        open_token(drawer.uri("keyless"), NOW, PIN).sign(b"x")
    assert error.value.key == "approval.token.no_key"


def test_a_name_that_fits_two_certificates_is_refused(drawer: Drawer) -> None:
    with pytest.raises(Refused) as error:
        token_public(drawer.uri("good"))
    assert error.value.key == "approval.token.several"
    assert "object=k%C3%BD" in str(error.value)


def test_a_missing_library_and_a_file_that_is_none_have_their_messages(
    tmp_path: Path, drawer: Drawer
) -> None:
    with pytest.raises(Refused) as error:
        list_tokens(tmp_path / "none.so")
    assert error.value.key == "approval.token.module_absent"
    (tmp_path / "wrong.so").write_text("no library")
    with pytest.raises(Refused) as error:
        list_tokens(tmp_path / "wrong.so")
    assert error.value.key == "approval.token.module_unusable"
    with pytest.raises(Refused) as error:
        module_of(None, {})
    assert "MERGER_PKCS11_MODULE" in str(error.value)
    assert drawer.root.name


def test_without_the_package_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    original = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pkcs11":
            raise ImportError(name)
        return original(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "pkcs11", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Refused) as error:
        list_tokens(tmp_path / "any.so")
    assert "pip install 'merger[pkcs11]'" in str(error.value)


def test_locked_and_last_try_are_told_from_what_the_token_says(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SoftHSM never locks a PIN; a token that says so is played by changing what it answers."""
    from merger.approval import tokens

    describe = tokens._describe
    uri = replace(drawer.uri("good"), object="ký")
    told: list[str] = []
    monkeypatch.setattr(tokens, "_describe", lambda *said: replace(describe(*said), last_try=True))
    from merger.testing.softhsm import PIN

    open_token(uri, NOW, PIN, told.append)
    assert told == ["one try is left before the token good locks itself"]
    monkeypatch.setattr(tokens, "_describe", lambda *said: replace(describe(*said), locked=True))
    with pytest.raises(Refused) as error:
        open_token(uri, NOW, PIN)
    assert error.value.key == "approval.token.pin_locked"
    assert "whoever issued the token unlocks it" in str(error.value)


@pytest.mark.parametrize(
    ("raised", "key"),
    [
        ("PinLocked", "pin_locked"),
        ("PinExpired", "pin_expired"),
        ("DeviceRemoved", "no_token"),
        ("TokenNotPresent", "no_token"),
        ("NoSuchKey", "no_key"),
        ("DeviceError", "failed"),
    ],
)
def test_what_the_library_says_has_a_message_of_its_own(drawer: Drawer, raised: str, key: str) -> None:
    import pkcs11.exceptions

    from merger.approval.tokens import _told

    with pytest.raises(Refused) as error, _told(drawer.uri("good")):
        raise getattr(pkcs11.exceptions, raised)
    assert error.value.key == f"approval.token.{key}"
    assert str(error.value)


def test_two_people_with_tokens_approve_and_the_middle_authority_comes_from_the_token(
    drawer: Drawer, office: Any
) -> None:
    from merger.testing.softhsm import PIN

    uri = replace(drawer.uri("good"), object="ký")
    public = token_public(uri, "Hoàng Văn Em")
    assert len(public.certificates) == 2
    listed = add_person(
        office.trust_file, public, Role.APPROVER, office.root, NOW, authorities=[drawer.root.listed]
    )
    assert listed.person("hoàng văn em") is not None
    sign(office.plan, office.subject(), open_token(uri, NOW, PIN), NOW)
    sign(office.plan, office.subject(), office.root, NOW)
    state = approvals(office.plan, office.subject(), load_trust(office.trust_file), Policy(), NOW)
    assert state.missing == 0, [one.message for one in state.refused]
    assert {one.person for one in state.approvals} == {"Hoàng Văn Em", BINH}


def test_verifying_needs_neither_token_nor_library(drawer: Drawer, office: Any) -> None:
    from merger.testing.softhsm import PIN

    uri = replace(drawer.uri("good"), object="ký")
    public = token_public(uri, "Hoàng Văn Em")
    root = drawer.root.listed
    add_person(office.trust_file, public, Role.APPROVER, office.root, NOW, authorities=[root])
    office.plan.write_text("the file to be signed\n")
    code = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from pathlib import Path; from datetime import datetime, UTC\n"
        "from merger.approval import *\n"
        "from merger.approval.statement import MappingSubject\n"
        "path = Path(sys.argv[1]); subject = mapping_subject(path, canonical_digest('x'))\n"
        "trust, policy = load_trust(Path(sys.argv[2])), Policy(approvals=1)\n"
        "state = approvals(path, subject, trust, policy, datetime.now(UTC))\n"
        "print(state.missing, [one.person for one in state.approvals], state.refused)\n"
    )
    from merger.approval import canonical_digest, mapping_subject

    subject = mapping_subject(office.plan, canonical_digest("x"))
    sign(office.plan, subject, open_token(uri, NOW, PIN), NOW)
    command = [sys.executable, "-c", code, str(office.plan), str(office.trust_file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.stdout.strip() == "0 ['Hoàng Văn Em'] ()", result.stderr


def test_the_commands_list_export_and_sign(
    drawer: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from merger.testing.softhsm import PIN

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MERGER_LANG", "en")
    monkeypatch.setenv("MERGER_PKCS11_MODULE", str(drawer.soft.library))
    (tmp_path / "pin").write_text(PIN + "\n")
    monkeypatch.setenv("MERGER_PIN_FILE", str(tmp_path / "pin"))
    (tmp_path / "root.pem").write_bytes(drawer.root.certificate.public_bytes(Encoding.PEM))
    assert run(["keys", "list-tokens", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    uri = next(
        one["uri"]
        for token in listed["tokens"]
        for one in token["certificates"]
        if token["token"] == "good" and one["subject"] == BINH
    )
    assert is_uri(uri)
    assert run(["keys", "public", "--key", uri, "--out", "binh.key.pub"]) == 0
    assert load_public(tmp_path / "binh.key.pub").name == BINH
    add = ["trust", "add", "binh.key.pub", "--role", "administrator", "--key", uri, "--office", "Giám đốc"]
    assert run(add) == 3
    assert "leads to no authority that the trust file names" in capsys.readouterr().err
    assert run([*add, "--authority", "root.pem"]) == 0
    (tmp_path / "units.yaml").write_text(
        "schema: merger/units/1\nid: units\neffective: 2025-07-01\n"
        "legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]\n"
        "communes:\n  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một, 90002 Xã Hai]}\n",
        "utf-8",
    )
    assert run(["sign", "units.yaml", "--key", uri]) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert run(["approvals", "units.yaml", "--json"]) == 1
    state = json.loads(capsys.readouterr().out)
    assert [one["person"] for one in state["approvals"]] == [BINH]
    assert run(["sign", "units.yaml", "--key", uri, "--withdraw"]) == 3
    assert run(["sign", "units.yaml", "--key", uri, "--withdraw", "--reason", "nhầm tệp"]) == 0
    capsys.readouterr()
    assert run(["approvals", "units.yaml"]) == 1
    assert "took this approval back" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "pkcs11:colour=red",
        "pkcs11:token",
        "pkcs11:token=a;token=b",
        "pkcs11:type=data",
        "file:x",
        "pkcs11:?x=1",
    ],
)
def test_a_uri_with_a_part_that_nobody_knows_is_refused(text: str) -> None:
    with pytest.raises(Refused) as error:
        read_uri(text)
    assert error.value.key == "approval.token.bad_uri"


def test_a_pin_in_the_uri_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused) as error:
        read_uri("pkcs11:token=a?pin-value=135790")
    assert error.value.key == "approval.token.pin_in_uri"
    assert "135790" not in str(error.value)


def test_a_uri_is_read_as_rfc_7512_says() -> None:
    uri = read_uri(
        "pkcs11:token=The%20Token;object=k%C3%BD;id=%01%ff?module-path=/x.so&pin-source=file:/run/pin"
    )
    assert (uri.token, uri.object, uri.id) == ("The Token", "ký", b"\x01\xff")
    assert (uri.module, uri.pin_source) == (Path("/x.so"), Path("/run/pin"))
    assert str(uri) == "pkcs11:token=The%20Token;object=k%C3%BD;id=%01%FF"


def test_a_pin_comes_from_a_file_the_environment_or_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pin"
    file.write_text("1111\nsecond line\n")
    assert pin_of(TokenUri(pin_source=file), {"MERGER_PIN": "2222"}) == "1111"
    assert pin_of(TokenUri(), {"MERGER_PIN": "2222"}) == "2222"
    assert pin_of(TokenUri(), {"MERGER_PIN_FILE": str(file)}) == "1111"
    with pytest.raises(InputError):
        pin_of(TokenUri(pin_source=tmp_path / "none"), {})
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(MergerError) as error:
        pin_of(TokenUri(token="a"), {})
    assert "MERGER_PIN_FILE" in str(error.value)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "3333" if "token a" in prompt else "")
    assert pin_of(TokenUri(token="a"), {}) == "3333"


def test_a_public_file_of_a_key_file_stays_as_it_was() -> None:
    assert "certificates" not in PublicKey(name="A", keyid="0" * 64, public="x").model_dump()
    assert FIRST.year == 2025
