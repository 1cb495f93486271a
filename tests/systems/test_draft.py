import sqlite3
from pathlib import Path

import pytest

from merger.errors import Refused
from merger.messages import use
from merger.systems.draft import draft
from merger.systems.profiles import load_profile

SECRETS = ("Nguyễn Văn A", "012345678901", "12 đường Chợ", "H36.05.03-250505-0001", "24769")
DDL = """
CREATE TABLE citizen (id INTEGER PRIMARY KEY, full_name TEXT, id_number TEXT);
CREATE TABLE "Hồ Sơ" (code TEXT PRIMARY KEY, citizen_id INTEGER REFERENCES citizen (id), commune TEXT,
  agency TEXT, old_agency TEXT, service TEXT, number TEXT, received TEXT, note TEXT);
CREATE TABLE link (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
CREATE TABLE empty (x TEXT);
"""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "live.db"
    connection = sqlite3.connect(path)
    connection.executescript(DDL)
    connection.execute("INSERT INTO citizen VALUES (1, ?, ?)", SECRETS[:2])
    connection.execute(
        'INSERT INTO "Hồ Sơ" VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)',
        ("k-1", SECRETS[4], "H36.05.03", "000.03.05.H36", "1.000001.000.00.00.H36", SECRETS[3],
         "30/06/2025", SECRETS[2]),
    )  # fmt: skip
    connection.commit()
    connection.close()
    monkeypatch.setenv("LIVE", f"sqlite:///{path}")
    return path


def test_the_draft_names_tables_keys_references_and_what_looks_like_codes(database: Path) -> None:
    out = database.with_name("my profile.yaml")
    assert draft("LIVE", out) == 4
    text = out.read_text("utf-8")
    for column, look in {
        "commune": "codes of communes", "agency": "codes of agencies", "old_agency": "codes of agencies",
        "service": "codes of services", "number": "numbers of dossiers", "received": "days or times",
        "id_number": "identity numbers: name it under `personal`",
    }.items():  # fmt: skip
        assert f"    # {column}: looks like {look}\n" in text
    assert "# note" not in text
    assert "# full_name" not in text
    assert text.startswith("# First profile, drafted from the live schema.")


def test_the_draft_is_a_profile_that_loads(database: Path) -> None:
    out = database.with_name("my profile.yaml")
    draft("LIVE", out)
    profile = load_profile(out).value
    assert profile.id == "my-profile"
    tables = {dataset.table: dataset for dataset in profile.datasets.values()}
    assert set(tables) == {"citizen", "Hồ Sơ", "link", "empty"}
    assert tables["Hồ Sơ"].key == ("code",)
    assert tables["Hồ Sơ"].references["citizen-id"].to == "citizen"
    assert tables["link"].key == ("a", "b")
    assert tables["empty"].key == ("x",)
    assert not any(dataset.to for dataset in profile.datasets.values())


def test_the_draft_holds_no_value_of_the_database(database: Path) -> None:
    out = database.with_name("p.yaml")
    draft("LIVE", out)
    text = out.read_text("utf-8")
    assert [secret for secret in SECRETS if secret in text] == []


def test_the_draft_leaves_the_database_as_it_was(database: Path) -> None:
    before = database.read_bytes()
    draft("LIVE", database.with_name("p.yaml"))
    assert database.read_bytes() == before
    assert {one.name for one in database.parent.iterdir()} == {"live.db", "p.yaml"}


def test_the_draft_speaks_vietnamese_too(database: Path) -> None:
    use("vi")
    try:
        draft("LIVE", database.with_name("p.yaml"))
    finally:
        use("en")
    assert "    # commune: có vẻ là mã đơn vị cấp xã\n" in database.with_name("p.yaml").read_text("utf-8")


def test_a_missing_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVE", raising=False)
    with pytest.raises(Refused, match="the environment variable LIVE is not set; nothing was written"):
        draft("LIVE", tmp_path / "p.yaml")


def test_a_profile_that_is_there_is_not_overwritten(database: Path) -> None:
    out = database.with_name("p.yaml")
    out.write_text("mine")
    with pytest.raises(Refused, match=r"p\.yaml is there already and was left as it is"):
        draft("LIVE", out)
    assert out.read_text() == "mine"


@pytest.mark.parametrize("url", ["sqlite:////nowhere/x.db", "nonsense", "oddbase://host/db"])
def test_a_database_that_does_not_answer_is_refused_without_its_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("LIVE", url)
    with pytest.raises(Refused, match=r"the database that LIVE names cannot be read \(\w+\)") as caught:
        draft("LIVE", tmp_path / "p.yaml")
    assert url not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
