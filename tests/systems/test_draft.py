import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import MergerError, Refused
from merger.messages import use
from merger.systems.draft import draft
from merger.systems.profiles import load_profile
from merger.systems.stores import open_target
from merger.testing.servers import reader_url

SECRETS = ("Nguyễn Văn A", "012345678901", "12 đường Chợ", "H36.05.03-250505-0001", "24769")
DDL = """
CREATE TABLE citizen (id INTEGER PRIMARY KEY, full_name TEXT, id_number TEXT);
CREATE TABLE "Hồ Sơ" (code TEXT PRIMARY KEY, citizen_id INTEGER REFERENCES citizen (id), commune TEXT,
  agency TEXT, old_agency TEXT, service TEXT, number TEXT, received TEXT, note TEXT);
CREATE TABLE link (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
CREATE TABLE empty (x TEXT);
"""


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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


def test_the_draft_names_tables_keys_references_and_what_looks_like_codes(live: Path) -> None:
    out = live.with_name("my profile.yaml")
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


def test_the_draft_is_a_profile_that_loads(live: Path) -> None:
    out = live.with_name("my profile.yaml")
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


def test_the_draft_holds_no_value_of_the_database(live: Path) -> None:
    out = live.with_name("p.yaml")
    draft("LIVE", out)
    text = out.read_text("utf-8")
    assert [secret for secret in SECRETS if secret in text] == []


def test_the_draft_leaves_the_database_as_it_was(live: Path) -> None:
    before = live.read_bytes()
    draft("LIVE", live.with_name("p.yaml"))
    assert live.read_bytes() == before
    assert {one.name for one in live.parent.iterdir()} == {"live.db", "p.yaml"}


def test_the_draft_speaks_vietnamese_too(live: Path) -> None:
    use("vi")
    try:
        draft("LIVE", live.with_name("p.yaml"))
    finally:
        use("en")
    assert "    # commune: có vẻ là mã đơn vị cấp xã\n" in live.with_name("p.yaml").read_text("utf-8")


def test_a_missing_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVE", raising=False)
    with pytest.raises(Refused, match="the environment variable LIVE is not set; nothing was written"):
        draft("LIVE", tmp_path / "p.yaml")


def test_a_profile_that_is_there_is_not_overwritten(live: Path) -> None:
    out = live.with_name("p.yaml")
    out.write_text("mine")
    with pytest.raises(Refused, match=r"p\.yaml is there already and was left as it is"):
        draft("LIVE", out)
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/x.db", "no database at /nowhere/x.db"),
        ("nonsense", "no database at nonsense"),
        ("oddbase://who:secret@host/db", "no driver here for databases of the kind oddbase"),
        ("post gres://who:secret@host", "what the environment variable LIVE holds is no URL"),
        ("postgresql://who:secret@localhost:9/db", "the database .* does not answer"),
        ("mysql://who:secret@127.0.0.1:9/db", "the database .* does not answer"),
    ],
)
def test_a_database_that_does_not_answer_is_refused_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("LIVE", url)
    with pytest.raises(MergerError, match=said) as caught:
        draft("LIVE", tmp_path / "p.yaml")
    assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


SERVERS = ("postgresql", "mariadb")
TABLES = (
    "CREATE TABLE citizen (id bigint PRIMARY KEY, full_name varchar(80), birth date, photo {bytes})",
    "CREATE TABLE dossier (code varchar(40) PRIMARY KEY, citizen_id bigint,"
    " commune char(5), agency varchar(20), received {time}, amount decimal(12, 2),"
    " CONSTRAINT whose FOREIGN KEY (citizen_id) REFERENCES citizen (id))",
    "INSERT INTO citizen VALUES (1, 'Nguyễn Văn A', '1980-02-03', {photo})",
    "INSERT INTO dossier VALUES ('k-1', 1, '24769', 'H36.05.03', '2025-06-30 08:00:00', 12.50),"
    " ('k-2', NULL, '24772', NULL, NULL, NULL)",
)
WORDS = {
    "postgresql": {"bytes": "bytea", "time": "timestamptz", "photo": "decode('ff00', 'hex')"},
    "mariadb": {"bytes": "longblob", "time": "datetime(6)", "photo": "x'ff00'"},
}


@pytest.fixture
def server(dialect: str, database: Callable[..., sa.URL], monkeypatch: pytest.MonkeyPatch) -> sa.URL:
    url = database(dialect)
    with open_target(url, write=True) as store:
        for one in TABLES:
            store.run(one.format_map(WORDS[dialect]))
    monkeypatch.setenv("LIVE", reader_url(url).render_as_string(hide_password=False))
    return url


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_server_is_drafted_by_an_account_that_may_only_read(server: sa.URL, tmp_path: Path) -> None:
    out = tmp_path / "live.yaml"
    assert draft("LIVE", out) == 2
    datasets = load_profile(out).value.datasets
    assert {name: one.key for name, one in datasets.items()} == {"citizen": ("id",), "dossier": ("code",)}
    assert datasets["dossier"].references["citizen-id"].to == "citizen"
    text = out.read_text("utf-8")
    assert [line.strip() for line in text.splitlines() if "looks like" in line] == [
        "# birth: looks like days or times",
        "# commune: looks like codes of communes",
        "# agency: looks like codes of agencies",
        "# received: looks like days or times",
    ]
    assert [secret for secret in ("Nguyễn", "1980", "24769", "H36") if secret in text] == []
    assert str(server.password) not in text


@pytest.mark.parametrize("dialect", SERVERS)
def test_the_variable_may_name_the_server_as_others_do(
    dialect: str, server: sa.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.set(drivername={"postgresql": "postgres", "mariadb": "mysql"}[dialect])
    monkeypatch.setenv("LIVE", url.render_as_string(hide_password=False))
    assert draft("LIVE", tmp_path / "live.yaml") == 2
