"""The generator: the same for the same seed, in little time and memory, and nothing of it is anybody's."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from merger.demo import generate, personal_values, write_demo
from merger.demo.settings import DATA, settings
from merger.errors import Refused
from merger.systems.profile import Profile

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS = sorted(path.stem for path in Path(str(DATA)).glob("shapes/*.sql"))


def content(folder: Path) -> dict[str, list[str]]:
    out = {}
    for path in sorted(folder.glob("*.db")):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        out[path.name] = list(connection.iterdump())
        connection.close()
    return out


def test_the_same_rows_and_seed_give_the_same_databases(tmp_path: Path) -> None:
    counts = [generate(tmp_path / name, 45, 3) for name in ("one", "two")]
    assert counts[0] == counts[1]
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_seed_gives_other_databases(tmp_path: Path) -> None:
    for seed in (3, 4):
        generate(tmp_path / str(seed), 45, seed)
    one, other = content(tmp_path / "3"), content(tmp_path / "4")
    assert all(one[name] != other[name] for name in one)


def test_the_fixture_is_what_the_generator_makes(tmp_path: Path) -> None:
    fixture = ROOT / "fixtures" / "lam-dong"
    made = write_demo(tmp_path, 40, 2025).parent
    assert content(made / "databases") == content(fixture / "databases")
    for path in sorted(fixture.rglob("*.yaml")):
        assert path.read_bytes() == (made / path.relative_to(fixture)).read_bytes(), path.name
    assert sum(path.stat().st_size for path in fixture.rglob("*") if path.is_file()) < 3_000_000


def test_a_written_demo_has_every_file_that_its_job_names(tmp_path: Path) -> None:
    job = yaml.safe_load(write_demo(tmp_path, 40, 1).read_text("utf-8"))
    for system in (job["target"], *job["sources"]):
        assert (tmp_path / system["profile"]).is_file()
        assert (tmp_path / system["database"]["path"]).is_file()
    for path in job["mapping"]:
        shipped = path.startswith("shipped:")
        assert (ROOT / "mappings" / path.removeprefix("shipped:") if shipped else tmp_path / path).is_file()
    assert job["policies"]["holds_allowed"] >= settings().holds_allowed.least


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("# somebody else's job\n", "utf-8")
    with pytest.raises(Refused, match="holds other files than a demo's; nothing was written"):
        write_demo(tmp_path, 40, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["job.yaml"]


def test_a_demo_is_written_over_an_earlier_one(tmp_path: Path) -> None:
    for rows in (45, 40):
        write_demo(tmp_path, rows, 1)
    connection = sqlite3.connect(tmp_path / "databases" / "onestop-68.db")
    assert connection.execute("SELECT count(*) FROM dossier").fetchall() == [(52,)]
    connection.close()


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_personal_values_and_none_is_short_or_a_placeholder(
    folder: Path, system: str
) -> None:
    profile = Profile.model_validate(
        yaml.safe_load((folder / "profiles" / f"{system}.yaml").read_text("utf-8"))
    )
    values = set(personal_values(folder / "databases" / f"{system}.db", profile))
    assert len(values) > 100
    assert min(map(len, values)) >= 6
    assert not values & set(settings().placeholders)


def test_values_inside_json_are_personal_too(folder: Path) -> None:
    profile = Profile.model_validate(
        yaml.safe_load((folder / "profiles" / "onestop-67.yaml").read_text("utf-8"))
    )
    values = set(personal_values(folder / "databases" / "onestop-67.db", profile))
    assert any(value.startswith("+8410") for value in values)
    assert any(value.endswith("@vi-du.example") for value in values)
    assert any(" đường " in value for value in values)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_number_could_be_anybodys(folder: Path, system: str) -> None:
    profile = Profile.model_validate(
        yaml.safe_load((folder / "profiles" / f"{system}.yaml").read_text("utf-8"))
    )
    values = set(personal_values(folder / "databases" / f"{system}.db", profile))
    assert values
    for value in values:
        if re.fullmatch(r"\d{9}|\d{12}", value):
            assert value.startswith("999")
        elif re.fullmatch(r"\+?\d{10,11}", value):
            assert value.startswith(("0100", "+84100"))


def test_no_province_commune_or_agency_code_stands_in_the_code() -> None:
    paths = list((ROOT / "merger" / "demo").rglob("*.py"))
    assert paths
    for path in paths:
        text = path.read_text("utf-8")
        assert not re.search(
            r"\bH(36|16|98)\b|Lâm Đồng|Bình Thuận|Đắk Nông|[\"'](60|67|68)[\"']|[\"']2[2-5]\d{3}[\"']", text
        ), path


@pytest.mark.slow
def test_twenty_thousand_rows_a_province_take_little_memory(tmp_path: Path) -> None:
    script = (
        "import re, sys; from pathlib import Path; from merger.demo import generate;"
        "generate(Path(sys.argv[1]), 20000, 1);"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(run.stdout) < 200
