"""`merger keys` and `merger trust`."""

import io
import json

import pytest

from merger.cli.run import run

PASSPHRASE = "đủ dài để không đoán được"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MERGER_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("MERGER_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_people_are_listed_with_their_keys_until_revoked(folder, capsys):
    for name, file in (("Trần Thị Một", "one.key"), ("Lê Văn Hai", "two.key")):
        assert run(["keys", "new", "--name", name, "--out", file]) == 0
    assert (folder / "one.key").stat().st_mode & 0o077 == 0
    assert run(["trust", "add", "one.key.pub", "--role", "administrator", "--key", "one.key"]) == 0
    assert run(["trust", "add", "two.key.pub", "--key", "one.key"]) == 0
    out = capsys.readouterr().out
    assert "Lê Văn Hai is in trust.json as approver (version 2)" in out
    assert PASSPHRASE not in out
    assert run(["trust", "revoke", "Lê Văn Hai", "--reason", "left", "--key", "one.key"]) == 0
    assert run(["trust", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert [person["name"] for person in listed["people"]] == ["Trần Thị Một", "Lê Văn Hai"]
    assert listed["people"][1]["keys"][0]["reason"] == "left"
    assert run(["trust", "list"]) == 0
    assert "revoked or ended" in capsys.readouterr().out


def test_a_key_that_is_there_is_not_overwritten(folder, capsys):
    (folder / "one.key").write_text("mine")
    assert run(["keys", "new", "--name", "A", "--out", "one.key"]) == 3
    assert "already there" in capsys.readouterr().err
    assert (folder / "one.key").read_text() == "mine"


@pytest.mark.usefixtures("folder")
def test_without_a_terminal_there_is_no_prompt(capsys, monkeypatch):
    monkeypatch.delenv("MERGER_PASSPHRASE")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["keys", "new", "--name", "A", "--out", "one.key"]) == 3
    assert "MERGER_PASSPHRASE" in capsys.readouterr().err


def test_a_mapping_with_an_error_is_not_signed(folder, capsys):
    (folder / "units.yaml").write_text(
        "schema: merger/units/1\nid: units\neffective: 2025-07-01\n"
        "legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]\n"
        "districts:\n  - {unit: 901 Huyện D, province: 90, communes: [90001, 90004]}\n"
        "communes:\n  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một]}\n",
        "utf-8",
    )
    assert run(["keys", "new", "--name", "Trần Thị Một", "--out", "one.key"]) == 0
    capsys.readouterr()
    assert run(["sign", "units.yaml", "--key", "one.key"]) == 2
    assert "units.yaml:6:57: MAP104" in capsys.readouterr().err
    assert not list(folder.glob("*.sig.json"))


@pytest.mark.parametrize(("weight", "code"), [("error", "MAP161"), ("warning", "MAP162")])
def test_a_mapping_that_its_draft_left_open_is_not_signed_before_somebody_settles_it(
    folder, capsys, weight, code
):
    text = (
        "schema: merger/units/1\nid: units\neffective: 2025-07-01\n"
        "legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]\n"
        f"open: [{{code: RES013, settle: namesakes, weight: {weight}}}]\n"
        "communes:\n  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một]}\n"
    )
    (folder / "units.yaml").write_text(text, "utf-8")
    assert run(["keys", "new", "--name", "Trần Thị Một", "--out", "one.key"]) == 0
    capsys.readouterr()
    assert run(["sign", "units.yaml", "--key", "one.key"]) == 2
    assert f"units.yaml:5:8: {code}" in capsys.readouterr().err
    assert not list(folder.glob("*.sig.json"))
    settled = text.replace("settle: namesakes", "settle: namesakes, by: Lê Văn Hai, reason: annex 2")
    (folder / "units.yaml").write_text(settled, "utf-8")
    assert run(["sign", "units.yaml", "--key", "one.key"]) == 0
