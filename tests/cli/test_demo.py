"""`merger demo`: the whole job on made-up systems."""

import pytest

from merger.cli.run import run
from merger.demo import personal_values
from merger.migrate.campaign import Campaign


@pytest.mark.slow
def test_the_demo_ends_with_a_short_summary_and_a_report_without_personal_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    folder = tmp_path / "demo"
    assert run(["--lang", "en", "demo", "--dir", str(folder), "--rows", "20"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert sum(line.startswith("$ merger ") for line in lines) == 6
    assert any(line.startswith("moved: ") for line in lines)
    assert any(line.startswith("held: ") for line in lines)
    assert any(line.startswith("excluded: ") for line in lines)
    assert "source and target are equal" in lines
    assert f"report: {folder / 'report.html'}" in lines
    assert len(lines) < 60
    pages = [(folder / name).read_text("utf-8") for name in ("report.html", "plan.json", "plan.run.json")]
    shared = "\n".join((out, err, *pages))
    sources = Campaign(folder / "job.yaml").sources
    private = {value for one in sources for value in personal_values(one.file, one.profile)}
    assert len(private) > 100
    assert {value for value in private if value in shared} == set()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert run(["--lang", "en", "demo", "--dir", str(tmp_path)]) == 3
    assert "is not empty; name another folder with --dir" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
