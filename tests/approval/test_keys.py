import io
import json
import stat
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from merger.approval import Key, load_key, load_public, new_key, passphrase, public_file
from merger.approval.public import keyid_of, unbase64
from merger.errors import InputError, Refused

SECRET = "một mật khẩu đủ dài"


def test_a_new_key_opens_with_its_passphrase_and_signs_for_its_public_file(tmp_path: Path) -> None:
    out = tmp_path / "binh.key"
    public = new_key(" Trần  Thị Bình ", out, SECRET)
    assert public.name == "Trần Thị Bình"
    assert load_public(public_file(out)) == public
    key = load_key(out, SECRET)
    assert (key.keyid, key.public) == (public.keyid, public.public)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert SECRET.encode() not in out.read_bytes()


def test_the_id_of_a_key_is_the_digest_of_its_der_form() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert unbase64(Key(private).public) == der


def test_a_key_never_overwrites_a_file(tmp_path: Path) -> None:
    out = tmp_path / "a.key"
    public_file(out).write_text("kept")
    with pytest.raises(Refused) as caught:
        new_key("A", out, SECRET)
    assert "is already there" in str(caught.value)
    assert public_file(out).read_text() == "kept"
    assert not out.exists()


def test_a_short_passphrase_and_a_hidden_sign_in_a_name_make_no_key(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        new_key("A", tmp_path / "a.key", "short")
    assert "at least 12 characters" in str(caught.value)
    with pytest.raises(Refused) as caught:
        new_key("A\u200bB", tmp_path / "a.key", SECRET)
    assert "none of them hidden" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_key_in_a_folder_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        new_key("A", tmp_path / "none" / "a.key", SECRET)
    assert "cannot be written" in str(caught.value)


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    new_key("A", tmp_path / "a.key", SECRET)
    for wrong in ("another passphrase", ""):
        with pytest.raises(Refused) as caught:
            load_key(tmp_path / "a.key", wrong)
        assert "the passphrase does not open" in str(caught.value)
        assert caught.value.exit_code == 3


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    file.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    with pytest.raises(Refused) as caught:
        load_key(file, SECRET)
    assert "or the file is damaged" in str(caught.value)


def test_a_passphrase_typed_in_decomposed_letters_is_the_same(tmp_path: Path) -> None:
    public = new_key("A", tmp_path / "a.key", unicodedata.normalize("NFD", SECRET))
    assert load_key(tmp_path / "a.key", unicodedata.normalize("NFC", SECRET)).keyid == public.keyid


def _pem(
    private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, encryption: KeySerializationEncryption
) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


LOCKED = BestAvailableEncryption(SECRET.encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no Ed25519 private key"),
        (b"\x00\xff" * 50, "is no Ed25519 private key"),
        (_pem(ec.generate_private_key(ec.SECP256R1()), LOCKED), "is no Ed25519 private key"),
        (_pem(ed25519.Ed25519PrivateKey.generate(), NoEncryption()), "without a passphrase"),
        (b"x" * 70_000, "larger than"),
    ],
)
def test_a_file_that_is_no_key_is_an_input_error(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "a.key"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_key(file, SECRET)
    assert message in str(caught.value)


def test_a_public_file_with_another_keys_id_is_an_input_error(tmp_path: Path) -> None:
    new_key("A", tmp_path / "a.key", SECRET)
    new_key("B", tmp_path / "b.key", SECRET)
    mine = json.loads(public_file(tmp_path / "a.key").read_text())
    mine["keyid"] = load_public(public_file(tmp_path / "b.key")).keyid
    for content in (json.dumps(mine), "{", "[]", json.dumps(mine | {"public": "AAAA"})):
        public_file(tmp_path / "a.key").write_text(content)
        with pytest.raises(InputError) as caught:
            load_public(public_file(tmp_path / "a.key"))
        assert "is no public key file" in str(caught.value)


def test_the_same_public_key_has_one_spelling(make_key: Callable[[], Key]) -> None:
    public = make_key().public
    stray = public[:-2] + ("h=" if public[-2] == "g" else chr(ord(public[-2]) + 1) + "=")
    with pytest.raises(ValueError, match="canonical"):
        keyid_of(stray)


def test_a_passphrase_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{unicodedata.normalize('NFC', SECRET)}\nsecond line\n", "utf-8")
    assert passphrase("a", environment={"MERGER_PASSPHRASE": "x"}) == "x"
    assert passphrase("a", environment={"MERGER_PASSPHRASE_FILE": str(file)}) == SECRET
    with pytest.raises(InputError) as caught:
        passphrase("a", environment={"MERGER_PASSPHRASE_FILE": str(tmp_path / "none")})
    assert "cannot be read" in str(caught.value)


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed"))
    with pytest.raises(Refused) as caught:
        passphrase("a", environment={})
    assert "MERGER_PASSPHRASE" in str(caught.value)
    assert "MERGER_PASSPHRASE_FILE" in str(caught.value)


def test_at_a_terminal_the_passphrase_is_asked_twice_for_a_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one passphrase", "one passphrase", "one passphrase", "another"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert passphrase("a", confirm=True, environment={}) == "one passphrase"
    with pytest.raises(Refused) as caught:
        passphrase("a", confirm=True, environment={})
    assert "differ" in str(caught.value)
