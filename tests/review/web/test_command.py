"""The commands `review` and `accounts`, and a real server behind TLS."""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx2 as httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from merger.cli.run import run
from merger.errors import Refused
from merger.review import Settings
from merger.review.web.serving import address_of, listening
from merger.review.web.trail import ReviewTrail
from tests.review.web.conftest import PASSWORD, served


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, private


def test_behind_tls_people_sign_in_and_without_it_nothing_is_said(office, certificate):
    cert, key = certificate
    with served(replace(office, tls_cert=cert, tls_key=key)) as port:
        context = ssl.create_default_context(cafile=cert)
        with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context) as client:
            token = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)[1]
            form = {"csrf": token, "name": "reader", "password": PASSWORD}
            answer = client.post("/sign-in", data=form, headers={"origin": f"https://127.0.0.1:{port}"})
            assert answer.headers["location"] == "/"
            assert client.get("/").status_code == 200
            assert client.get("/").headers["strict-transport-security"]
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/sign-in")


def test_the_command_serves_one_person_until_it_is_interrupted(tmp_path):
    command = [sys.executable, "-m", "merger", "--lang", "en", "review", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.fullmatch(
                r"open this address; .*: (http://127\.0\.0\.1:\d+)/enter\?token=(.{43})\n", line
            )
            with httpx.Client(base_url=found[1]) as client:
                page = client.get("/enter", params={"token": found[2]})
                token = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
                entered = client.post("/enter", data={"csrf": token, "token": found[2]})
                assert entered.status_code == 303
                assert client.get("/").status_code == 200
            process.send_signal(signal.SIGINT)
            rest, log = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0
    assert rest == ""
    assert found[2] not in log
    assert re.search(r" POST web\.entered 303 \d+ms -$", log, re.MULTILINE)


@pytest.fixture
def says(monkeypatch, capsys):
    """Runs a command line; answers its code, its output and what it told besides."""
    monkeypatch.setenv("MERGER_PASSWORD", PASSWORD)

    def invoke(*arguments):
        code = run([*map(str, arguments), "--lang", "en"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return invoke


def test_accounts_are_made_and_changed_on_the_command_line(tmp_path, says):
    here = ("--dir", tmp_path)
    assert says("accounts", "add", "an.nguyen", "--role", "administrator", *here) == (
        0,
        "account added: an.nguyen\n",
        "",
    )
    assert says("accounts", "add", "binh", "--role", "reader", "--role", "auditor", *here)[0] == 0
    assert says("accounts", "roles", "binh", "--role", "approver", *here)[1] == "account changed: binh\n"
    assert says("accounts", "disable", "binh", *here)[0] == 0
    listed = says("accounts", "list", *here)[1]
    assert listed.splitlines()[1:] == [
        "an.nguyen  administrator  in use",
        "binh       approver       disabled",
    ]
    assert says("accounts", "enable", "binh", *here)[0] == 0
    assert says("accounts", "password", "binh", *here)[0] == 0
    assert json.loads(says("accounts", "list", "--json", *here)[1])["accounts"][1] == {
        "name": "binh", "roles": ["approver"], "disabled": False,
    }  # fmt: skip
    actions = [record.action for record in ReviewTrail(Settings(tmp_path).trail_file).records()]
    assert actions == [
        "account-added", "account-added", "roles-approver",
        "account-disabled", "account-enabled", "password-reset",
    ]  # fmt: skip


def test_what_cannot_be_done_with_accounts_is_refused_in_words(tmp_path, says, monkeypatch):
    here = ("--dir", tmp_path)
    assert says("accounts", "add", "an", "--role", "reader", *here)[::2] == (
        3,
        "There must always be an administrator in use; the first account must be one's.\n",
    )
    assert says("accounts", "disable", "nobody", *here)[::2] == (3, "There is no account nobody.\n")
    assert says("accounts", "list", "--dir", tmp_path / "none")[0] == 3
    monkeypatch.delenv("MERGER_PASSWORD")
    code, _, told = says("accounts", "add", "an", "--role", "administrator", *here)
    assert code == 3
    assert "a password is needed and there is no terminal" in told
    (tmp_path / "secret").write_text(f"{PASSWORD}\n", "utf-8")
    monkeypatch.setenv("MERGER_PASSWORD_FILE", str(tmp_path / "secret"))
    assert says("accounts", "add", "an", "--role", "administrator", *here)[0] == 0


def test_what_must_not_be_served_is_refused_in_words(tmp_path, says, office):
    assert says("review", tmp_path, "--host", "0.0.0.0")[::2] == (
        3,
        "Without accounts the pages are for this machine alone, not for 0.0.0.0. Make accounts by "
        "merger accounts add, or leave out --host.\n",
    )
    assert "needs TLS: give --tls-cert and --tls-key" in says("review", office.folder, "--host", "0.0.0.0")[2]
    assert says("review", tmp_path, "--tls-cert", "x.pem")[0] == 2
    with listening(Settings(tmp_path, port=0)) as taken:
        port = taken.getsockname()[1]
        code, _, told = says("review", tmp_path, "--port", port)
    assert (code, told) == (
        3,
        f"127.0.0.1 port {port} cannot be had: the port is taken, or the address is not this machine's. "
        "Choose another by --port.\n",
    )


def test_the_printed_address_is_what_browsers_open(tmp_path, certificate):
    cert, key = certificate
    local = Settings(tmp_path, token="t")
    assert address_of(local, 8765) == "http://127.0.0.1:8765/enter?token=t"
    assert address_of(replace(local, host="::1"), 1) == "http://[::1]:1/enter?token=t"
    named = Settings(tmp_path, host="0.0.0.0", tls_cert=cert, tls_key=key, hosts=("review.example",))
    assert address_of(named, 8443) == "https://review.example:8443/"
    assert (
        address_of(Settings(tmp_path, behind_tls=True, hosts=("review.example",)), 1)
        == "https://review.example/"
    )


def test_help_of_the_commands_loads_no_web():
    code = (
        "import sys; from merger.cli import run; run(['review', '--help']); run(['--help']);"
        "print([name for name in ('starlette', 'uvicorn', 'argon2', 'jinja2') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_port_that_cannot_be_is_refused(tmp_path):
    with pytest.raises(Refused, match="cannot be had"):
        listening(Settings(tmp_path, host="203.0.113.1"))
