"""`merger mapping`, on files that the test writes."""

import io
import json

import pytest

from merger.cli.run import run

UNITS = """\
schema: merger/units/1
id: made-up
effective: 2025-07-01
communes:
  - {clause: "1", into: 00001 Xã Một, from: [00001 Xã Một, 00002 Xã Hai]}
  - {clause: "2", into: 00003 Xã Ba, from: [{unit: 00004 Xã Tư, land: part, people: all}]}
  - {clause: "3", into: 00005 Xã Năm, from: [{unit: 00004 Xã Tư, land: part, people: none}]}
  - {clause: "4", keep: 00006 Xã Sáu}
legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "made-up.yaml"
    path.write_text(UNITS, "utf-8")
    return path


def test_a_sound_mapping_has_no_findings(file, capsys):
    assert run(["mapping", "lint", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["findings"], found["errors"], found["warnings"]) == ([], 0, 0)


def test_a_finding_at_error_level_ends_with_1(file, capsys):
    file.write_text(UNITS.replace("00006 Xã Sáu", "00001 Xã Một"), "utf-8")
    assert run(["--lang", "en", "mapping", "lint", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{file}:8:")
    assert lines[1].startswith("    ")
    assert lines[-1].startswith("1 files, ")


def test_a_file_that_cannot_be_read_ends_with_2_in_both_forms(file, capsys):
    file.write_text(UNITS.replace("effective: 2025-07-01", "effective: soon"), "utf-8")
    assert run(["mapping", "lint", str(file), "--json"]) == 2
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert set(finding) == {"code", "severity", "file", "line", "column", "message", "mend"}
    assert (finding["file"], finding["line"], finding["severity"]) == (str(file), 3, "error")
    assert run(["mapping", "lint", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{file}:3:")


def test_stats_count_what_happened_to_communes(file, capsys):
    assert run(["mapping", "stats", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == [
        {
            "file": "made-up",
            "units_before": 4,
            "units_after": 4,
            "merged": 1,
            "divided": 1,
            "unchanged": 1,
            "reused_codes": 1,
        }
    ]
    assert found["changes"] == 4


def test_show_of_a_mapping_is_its_stats(file, capsys):
    assert run(["show", str(file), "--lang", "vi"]) == 0
    assert "4 thay đổi cấp xã" in capsys.readouterr().out


def test_the_schema_names_every_kind_of_file_and_leads_nowhere_else(capsys):
    assert run(["mapping", "schema"]) == 0
    printed = capsys.readouterr().out
    schema = json.loads(printed)
    assert {"merger/units/1", "merger/decisions/1", "merger/profile/1", "merger/job/1"} <= set(
        schema["properties"]["schema"]["enum"]
    )
    references = {part.partition('"')[0] for part in printed.split('"$ref": "')[1:]}
    assert references
    assert all(one.removeprefix("#/definitions/") in schema["definitions"] for one in references)


def test_the_schema_of_one_kind_names_its_keys(capsys):
    assert run(["mapping", "schema", "--kind", "units", "--lang", "vi"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["schema"]["const"] == "merger/units/1"
    assert schema["properties"]["communes"]["description"].startswith("Mỗi khoản của nghị quyết một mục.")


def test_an_unknown_kind_is_a_mistake_in_the_command(capsys):
    assert run(["mapping", "schema", "--kind", "unit"]) == 2
    assert "there is no kind of file 'unit'; there are units, agencies" in capsys.readouterr().err


def test_schemas_are_written_as_files(tmp_path, capsys):
    assert run(["mapping", "schema", "--out", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "agencies.schema.json",
        "competence.schema.json",
        "decisions.schema.json",
        "job.schema.json",
        "localities.schema.json",
        "merger.schema.json",
        "polygons.schema.json",
        "profile.schema.json",
        "services.schema.json",
        "units.schema.json",
    ]
    assert capsys.readouterr().out.splitlines()[0] == f"written: {tmp_path / 'new' / 'merger.schema.json'}"
    assert run(["mapping", "schema", "--kind", "job", "--out", str(tmp_path / "one")]) == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["job.schema.json"]


def resolve(file, *arguments):
    return run(["resolve", "--mappings", str(file), "--at", "2025-06-30", "--to", "2025-07-01", *arguments])


def test_codes_with_one_successor_end_with_0(file, capsys):
    assert resolve(file, "00002", "00006", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["outcome"] for line in lines] == ["unique", "unchanged"]
    assert lines[0]["successors"][0]["code"] == "00001"
    assert set(lines[0]) == {
        "code",
        "kind",
        "at",
        "to",
        "outcome",
        "reason",
        "decided_by",
        "against",
        "successors",
        "evidence",
    }
    assert lines[0]["evidence"][0]["date"] == "2025-07-01"


def test_a_divided_unit_needs_to_know_which_way_to_go(file, capsys):
    assert resolve(file, "00004", "--json") == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "split"
    assert resolve(file, "00004", "--follow", "people", "--json") == 0
    assert json.loads(capsys.readouterr().out)["successors"][0]["code"] == "00003"


def test_requests_are_answered_in_order_one_line_each(file, tmp_path, capsys):
    requests = tmp_path / "requests.jsonl"
    asked = [
        {"code": code, "kind": "commune", "at": "2025-06-30", "to": "2025-07-01"} for code in ("9", "00002")
    ]
    requests.write_text("\n".join(map(json.dumps, asked)) + "\n", "utf-8")
    assert run(["resolve", "--mappings", str(file), "--requests", str(requests)]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["outcome"] for line in lines] == ["unknown", "unique"]


ASKED = '{"code": "1", "at": "2025-06-30", "to": "2025-07-01", '


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "requests.jsonl:1:2: bad-json the line is no JSON"),
        ('{"code": 1}', "requests.jsonl:1:1: bad-request at: this is missing"),
        ('{"code": 1}', "requests.jsonl:1:1: bad-request code: this must be a text, in quotes"),
        ("5", "requests.jsonl:1:1: bad-request -: the line is no object"),
        (ASKED + '"days": 1}', "requests.jsonl:1:1: bad-request days: a request has no such field"),
        (ASKED + '"follow": "land"}', "bad-request follow: this must be one of: people, territory"),
        ('{"code": "1", "at": "yesterday", "to": 20250701}', "bad-request at: this is no day; write it as"),
        ('{"code": "1", "at": "yesterday", "to": 20250701}', "bad-request to: this is no day; write it as"),
        ("[" * 100_000, "bad-json"),
        (ASKED + '"point": [108.44, 11.94]}', "requests.jsonl:1:1: point-off-earth point: there is no such"),
        (ASKED + '"point": "11.94"}', "requests.jsonl:1:1: bad-point point: this is no place"),
        (ASKED + '"point": [11.94, null]}', "requests.jsonl:1:1: bad-point point: this is no place"),
        (ASKED + '"point": 5}', "requests.jsonl:1:1: bad-point point: this is no place"),
        (ASKED + '"point": [NaN, 1]}', "requests.jsonl:1:1: point-off-earth"),
    ],
)
def test_a_request_that_cannot_be_read_is_named_by_its_line(file, tmp_path, capsys, line, said):
    requests = tmp_path / "requests.jsonl"
    requests.write_text(line + "\n", "utf-8")
    assert run(["--lang", "en", "resolve", "--mappings", str(file), "--requests", str(requests)]) == 2
    assert said in capsys.readouterr().err


POLYGONS = """\
schema: merger/polygons/1
id: drawn
effective: 2025-07-01
source: Survey 7/2025
units:
  - unit: 00001
    geometry: {type: Polygon, coordinates: [[[108, 12], [108.1, 12], [108.1, 12.1], [108, 12.1], [108, 12]]]}
"""
DIVIDED = """\
schema: merger/units/1
id: divided
effective: 2025-07-01
communes:
  - {into: 00001 Xã Một, from: [{unit: 00001 Xã Một, land: part, people: some}]}
  - {into: 00002 Xã Hai, from: [00002 Xã Hai, {unit: 00001 Xã Một, land: part, people: some}]}
"""


def test_a_point_decides_on_the_command_line_and_in_requests(tmp_path, capsys):
    folder = tmp_path / "mapping"
    folder.mkdir()
    (folder / "units.yaml").write_text(DIVIDED, "utf-8")
    (folder / "drawn.yaml").write_text(POLYGONS, "utf-8")
    assert resolve(folder, "00001", "--point", "12.05,108.05", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [answer[key] for key in ("reason", "decided_by", "against")] == ["by-point", "point", []]
    assert answer["successors"][0]["code"] == "00001"
    assert "108.05" not in json.dumps(answer)
    asked = ASKED.replace('"1"', '"00001"')
    requests = tmp_path / "requests.jsonl"
    requests.write_text(asked + '"point": "12.05,108.05"}\n' + asked + '"point": [12.05, 108.1]}\n', "utf-8")
    assert run(["resolve", "--mappings", str(folder), "--requests", str(requests)]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["reason"] for line in lines] == ["by-point", "point-near-border"]


def test_evidence_that_is_not_followed_is_said_in_words(tmp_path, capsys):
    places = "localities: [{unit: 00001 Xã Một, into: 00002 Xã Hai, names: [Thôn 1]}]\n"
    head = "schema: merger/localities/1\nid: places\neffective: 2025-07-01\n"
    for name, content in {"units": DIVIDED, "drawn": POLYGONS, "places": head + places}.items():
        (tmp_path / f"{name}.yaml").write_text(content, "utf-8")
    asked = ("00001", "--locality", "Thôn 1", "--point", "12.05,108.05")
    assert resolve(tmp_path, "--lang", "en", *asked) == 0
    out = capsys.readouterr().out
    assert "2025-07-01 – 00001 → 00002 (by the locality) – places" in out
    assert "2025-07-01 – 00001 → 00001 (by the point, not followed) – Survey 7/2025" in out


def test_codes_are_read_from_stdin_when_none_are_given(file, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"00002\n\n00006\n")))
    assert resolve(file, "--lang", "vi") == 0
    out = capsys.readouterr().out
    assert "00002: một đơn vị kế thừa" in out
    assert "00006: giữ nguyên" in out


def test_what_a_file_suppresses_is_neither_counted_nor_shown_unless_asked_for(file, capsys):
    two_names = UNITS.replace("00006 Xã Sáu", "00006 Xã Mót")
    said = "suppress: [{rule: MAP135, of: '00006', reason: both are in the list}]\n"
    file.write_text(two_names, "utf-8")
    assert run(["mapping", "lint", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == 1
    file.write_text(two_names + said, "utf-8")
    assert run(["mapping", "lint", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"findings": [], "errors": 0, "warnings": 0, "suppressed": 1}
    assert run(["--lang", "en", "mapping", "lint", str(file), "--suppressed"]) == 0
    shown, *rest = capsys.readouterr().out.splitlines()
    assert "MAP135 00006 Xã Mót and 00001 Xã Một" in shown
    assert shown.endswith("(suppressed: both are in the list)")
    assert rest == ["1 files, 0 errors, 0 warnings", "1 suppressed; --suppressed lists them"]


def test_an_unknown_key_hides_no_later_finding_of_any_file(file, tmp_path, capsys):
    file.write_text(UNITS.replace("00006 Xã Sáu}", "00001 Xã Một, klause: 1}"), "utf-8")
    (tmp_path / "other.yaml").write_text("schema: merger/units/1\nid: other\neffective: soon\n", "utf-8")
    assert run(["mapping", "lint", str(tmp_path), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["code"], one["file"]) for one in found] == [
        ("DOC102", str(file)),
        ("DOC112", str(tmp_path / "other.yaml")),
        ("MAP101", str(file)),
        ("MAP103", str(file)),
    ]


def test_a_mapping_is_compared_with_an_official_list(file, tmp_path, capsys):
    roster = tmp_path / "list.csv"
    roster.write_text("code,name,type\n00001,Một,Xã\n00003,Bà,Xã\n00005,Năm,Xã\n00007,Bảy,Xã\n", "utf-8")
    given = ["mapping", "lint", str(file), "--roster", str(roster), "--on", "2025-07-01", "--json"]
    assert run(given) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert sorted((one["code"], one["file"], one["line"]) for one in found) == [
        ("MAP551", str(roster), 5),
        ("MAP552", str(file), 8),
        ("MAP553", str(roster), 3),
    ]
    roster.write_text("code,title\n00001,Một\n", "utf-8")
    assert run(["--lang", "en", *given]) == 2
    assert '"name"' in json.loads(capsys.readouterr().out)["findings"][0]["message"]


def test_a_list_without_its_day_is_refused(file, tmp_path, capsys):
    assert run(["--lang", "en", "mapping", "lint", str(file), "--roster", str(tmp_path / "list.csv")]) == 2
    assert "--roster and --on are given together" in capsys.readouterr().err


def test_what_every_question_says_itself_is_no_option_beside_them(file, tmp_path, capsys):
    requests = tmp_path / "requests.jsonl"
    requests.write_text('{"code": "90001", "at": "2025-06-30", "to": "2025-07-01"}\n', "utf-8")
    asked = ["--lang", "en", "resolve", "--mappings", str(file), "--requests", str(requests)]
    assert run([*asked, "90003", "--at", "2020-01-01"]) == 2
    assert "CODE, --at does not go with --requests" in capsys.readouterr().err


def test_only_the_day_that_is_missing_is_named(file, capsys):
    assert run(["--lang", "en", "resolve", "--mappings", str(file), "90001", "--at", "2025-06-30"]) == 2
    assert capsys.readouterr().err.startswith("--to is missing\n")
