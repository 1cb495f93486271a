"""Reading a YAML file into a model: every value as written, every problem at its place, never a crash."""

import hashlib
import time
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from merger import messages
from merger.errors import Finding, InputError
from merger.mapping import tree
from merger.mapping.document import parse_document, read_definitions, read_document
from merger.mapping.models import Model, Ref, ToAgency, ToFunction, UnitsFile
from merger.migrate.job import Job

FILE = Path("units.yaml")


class Part(Model):
    name: str
    weight: float = 0
    day: date | None = None


class Whole(Model):
    title: str
    code: str = ""
    count: int = 0
    ready: bool = False
    kind: Literal["red", "blue"] = "red"
    to: Literal["commune", "person"] | ToFunction | ToAgency = "commune"
    unit: Ref | None = None
    parts: tuple[Part, ...] = ()
    by_name: dict[str, Part] | None = None


def read(text: str | bytes) -> Whole:
    content = text.encode() if isinstance(text, str) else text
    return parse_document(content, Whole, FILE).value


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(text)
    return [str(finding) for finding in raised.value.findings]


def test_codes_and_words_stay_the_text_that_was_written() -> None:
    assert read("title: no\ncode: 00070").code == "00070"
    assert read("title: no").title == "no"
    assert read("title: 2025-07-01").title == "2025-07-01"
    assert read("title: 0x1F").title == "0x1F"
    assert read("title: 'null'").title == "null"


def test_types_come_from_the_model_alone() -> None:
    value = read("title: a\ncount: 12\nready: yes\nparts: [{name: b, weight: 1.5, day: 2025-07-01}]")
    assert (value.count, value.ready, value.parts[0].weight) == (12, True, 1.5)
    assert value.parts[0].day == date(2025, 7, 1)


@pytest.mark.parametrize("day", ["0", "20250701", "1751328000", "2025-7-1", "2025-02-30", "01/07/2025"])
def test_a_day_is_written_in_one_way(day: str) -> None:
    text = f"schema: merger/units/1\nid: a\neffective: {day}\n"
    with pytest.raises(InputError) as raised:
        parse_document(text.encode(), UnitsFile, FILE)
    assert str(raised.value) == f'units.yaml:3:12: DOC112 "effective" must be a date: {day}'


def test_an_empty_value_is_none() -> None:
    assert read("title: a\nunit:").unit is None
    assert read("title: a\nunit: ~").unit is None


def test_a_byte_order_mark_changes_nothing_but_the_digest(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"title: a")
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbftitle: a")
    plain = read_document(tmp_path / "plain", Whole)
    marked = read_document(tmp_path / "marked", Whole)
    assert plain.value == marked.value
    assert marked.content == b"\xef\xbb\xbftitle: a"
    assert marked.sha256 == hashlib.sha256(marked.content).hexdigest() != plain.sha256


def test_places_are_those_of_the_values() -> None:
    text = "# a comment\ntitle: Xã Đạ M'ri\nparts:\n  - {name: a, weight: 2}\n  - name: b\n"
    document = parse_document(text.encode(), Whole, FILE)
    assert str(document.place(("title",))) == "units.yaml:2:8"
    assert str(document.place(("parts", 0, "weight"))) == "units.yaml:4:23"
    assert str(document.place(("parts", 1, "name"))) == "units.yaml:5:11"


def test_the_place_of_what_is_missing_is_that_of_what_would_hold_it() -> None:
    document = parse_document(b"title: a\nparts:\n  - name: b\n", Whole, FILE)
    assert str(document.place(("parts", 0, "weight"))) == "units.yaml:3:5"
    assert str(document.place(("nowhere",))) == "units.yaml:1:1"


def test_columns_count_letters_not_bytes() -> None:
    document = parse_document("parts: [{name: Đắk Nông, weight: 1}]\ntitle: a".encode(), Whole, FILE)
    assert document.place(("parts", 0, "weight")).column == 34


def test_every_problem_of_a_file_comes_out_in_one_run_in_the_order_of_the_file() -> None:
    text = """\
titel: a
count: many
ready: perhaps
kind: green
title: b
title: c
unit: [1]
parts:
  - weight: heavy
  - {name: x, day: 1 July, colour: red}
  - just text
by_name: text
"""
    assert problems(text) == [
        'units.yaml:1:1: DOC102 unknown key "titel"; did you mean "title"?',
        'units.yaml:2:8: DOC111 "count" must be a whole number',
        'units.yaml:3:8: DOC115 "ready" must be true or false',
        'units.yaml:4:7: DOC120 "green" is not allowed for "kind"',
        'units.yaml:6:1: DOC011 the key "title" was given already on line 5',
        'units.yaml:7:7: DOC117 "unit" must be a code and a name in one text',
        'units.yaml:9:5: DOC101 the key "name" is missing here',
        'units.yaml:9:13: DOC110 "weight" must be a number',
        'units.yaml:10:20: DOC112 "day" must be a date: 1 July',
        'units.yaml:10:28: DOC103 unknown key "colour"',
        'units.yaml:11:5: DOC116 "parts" must hold keys and values',
        'units.yaml:12:10: DOC116 "by_name" must hold keys and values',
    ]


def test_messages_and_their_mends_are_in_vietnamese_too() -> None:
    with pytest.raises(InputError) as raised:
        read("titel: a\ntitle: b")
    messages.use("vi")
    try:
        (finding,) = raised.value.findings
        assert finding.message == 'không có khóa "titel"; có phải ý bạn là "title"?'
        assert finding.mend.startswith("Sửa lại hoặc xóa. Các khóa dùng được ở đây: title, code, count")
    finally:
        messages.use("en")


def test_of_several_forms_the_nearest_one_is_explained() -> None:
    assert problems("title: a\nto: comune") == ['units.yaml:2:5: DOC120 "comune" is not allowed for "to"']
    assert problems("title: a\nto: {functon: land}") == [
        'units.yaml:2:5: DOC101 the key "function" is missing here',
        'units.yaml:2:6: DOC102 unknown key "functon"; did you mean "function"?',
    ]


def test_the_mend_lists_what_is_allowed() -> None:
    with pytest.raises(InputError) as raised:
        read("title: a\nkind: green")
    assert raised.value.findings[0].mend == "Use one of: red, blue."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: &a b", "units.yaml:1:8: DOC008 anchors and aliases are not allowed: &a"),
        ("title: !!python/name:os.system x", "units.yaml:1:8: DOC009 tags are not allowed: "),
        ("title: a\n---\ntitle: b", "units.yaml:2:1: DOC010 a second document begins here"),
        ("title: a\n<<: {count: 1}", "units.yaml:2:1: DOC012 merge keys (<<) are not allowed"),
        ("title: a\n? [b]\n: c", "units.yaml:2:3: DOC013 this key is not a simple word"),
        ("title: a\n: c", "units.yaml:2:1: DOC005 this is not well-formed YAML"),
        ("title: a\n~: c", "units.yaml:2:1: DOC013 this key is not a simple word"),
        ("", "units.yaml:1:1: DOC014 the file does not hold keys and values"),
        ("- a", "units.yaml:1:1: DOC014 the file does not hold keys and values"),
        ("title: 'a", "units.yaml:1:10: DOC017 a quotation mark is not closed"),
        ("title: a\n\tcount: 1", "units.yaml:2:1: DOC018 a value cannot begin with this character"),
        ("title: a: b", "units.yaml:1:9: DOC019 a colon stands where no key can be"),
        (
            "title: a\nparts: [{name: b}",
            "units.yaml:2:18: DOC020 a comma or a closing bracket is missing; the bracket was opened",
        ),
        ("title: a\ncount", "units.yaml:2:1: DOC021 a key without a colon"),
        ("title: a\x00b", "units.yaml:1:9: DOC004 invisible or control character U+0000"),
        ("title: a\ncode: x\u202ey", "units.yaml:2:8: DOC004 invisible or control character U+202E"),
        (b"title: a\ncode: x\xff", "units.yaml:2:8: DOC003 this is not UTF-8 text: byte 0xff"),
        (b"\xef\xbb\xbftitle: \xc4\x91\xff", "units.yaml:1:9: DOC003 this is not UTF-8 text: byte 0xff"),
    ],
)
def test_what_a_signed_file_may_not_hold_is_refused_with_its_place(text: str | bytes, expected: str) -> None:
    assert problems(text)[0].startswith(expected)


def test_an_alias_is_one_finding_and_hides_no_other() -> None:
    text = "title: *a\ncount: x"
    assert problems(text) == [
        "units.yaml:1:8: DOC008 anchors and aliases are not allowed: *a",
        'units.yaml:2:8: DOC111 "count" must be a whole number',
    ]


@pytest.mark.parametrize(
    "opening",
    ["[", "{a: ", "- ", "? ", "[[", '{"a":{'],
)
def test_deep_nesting_is_refused_with_little_work_and_memory(opening: str) -> None:
    content = ("title: a\nparts:\n  " + opening * (5_000_000 // len(opening))).encode()
    tracemalloc.start()
    began = time.process_time()
    found = problems(content)
    seconds = time.process_time() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 1
    assert "DOC006 nested more than 40 levels deep" in found[0]
    assert seconds < 10
    assert peak < 8 * len(content)


def test_deep_indentation_is_refused() -> None:
    text = "".join(" " * depth + "a:\n" for depth in range(200))
    assert problems(text) == ["units.yaml:41:41: DOC006 nested more than 40 levels deep"]


def test_fifty_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"[" * 50_000_000)
    with pytest.raises(InputError) as raised:
        read_document(path, Whole)
    assert str(raised.value) == f"{path}:1:1: DOC002 the file is larger than 20000000 bytes"
    with pytest.raises(InputError, match="DOC006 nested more than 40 levels deep"):
        read_document(path, Whole, limit=60_000_000)


def test_too_many_values_are_refused() -> None:
    assert "DOC007 more than 500000 values" in problems("parts: [" + "a," * 500_001 + "]")[0]


def test_a_file_that_is_not_there_or_a_folder_is_a_finding(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.yaml"):
        with pytest.raises(InputError) as raised:
            read_document(path, Whole)
        assert str(raised.value) == f"{path}: DOC001 this file cannot be read"


def test_definitions_are_read_by_their_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("schema: merger/units/1\nid: a\neffective: 2025-07-01\n", "utf-8")
    document = read_definitions(path)
    assert isinstance(document.value, UnitsFile)
    path.write_text("schema: merger/unit/1\nid: a\n", "utf-8")
    with pytest.raises(InputError) as raised:
        read_definitions(path)
    (finding,) = raised.value.findings
    assert str(finding) == f'{path}:1:9: DOC016 unknown schema "merger/unit/1"'
    assert "merger/units/1, merger/agencies/1" in finding.mend
    path.write_text("id: a\n", "utf-8")
    with pytest.raises(InputError, match="1:1: DOC015 there is no `schema` line"):
        read_definitions(path)


def test_the_rules_that_models_state_have_their_own_words() -> None:
    text = """\
schema: merger/units/1
id: a
effective: 2025-07-01
communes:
  - {clause: 1, from: [00001 Xã A]}
  - {keep: 00002 Xã B, from: [00002 Xã B]}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, share: 1.5}, {land: part}]}
"""
    with pytest.raises(InputError) as raised:
        parse_document(text.encode(), UnitsFile, FILE)
    assert [str(finding) for finding in raised.value.findings] == [
        "units.yaml:5:5: entry-needs-into-or-keep an entry needs either `into` or `keep`, "
        "not both and not neither",
        "units.yaml:6:5: keep-takes-no-from a unit that is kept has no `from`",
        'units.yaml:7:57: DOC122 1.5 is out of range for "share"',
        'units.yaml:7:63: DOC101 the key "unit" is missing here',
    ]


def test_jobs_are_read_the_same_way() -> None:
    with pytest.raises(InputError) as raised:
        parse_document(
            b"schema: merger/job/1\nid: A b\nauthor: x\nmapping: []\nsources: []\n", Job, Path("j")
        )
    found = [str(finding) for finding in raised.value.findings]
    assert found == [
        'j:1:1: DOC101 the key "cutover" is missing here',
        'j:1:1: DOC101 the key "target" is missing here',
        'j:2:5: DOC121 "A b" is not a well-formed "id"',
        'j:5:10: DOC123 "sources" is empty or has too few values',
    ]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_both_parsers_give_the_same_findings(loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_LOADER", loader)
    assert problems("title: 'a")[0].startswith("units.yaml:1:10: DOC017 ")
    assert problems("title: a: b")[0].startswith("units.yaml:1:9: DOC019 ")
    assert problems("title: a\ncount")[0].startswith("units.yaml:2:1: DOC021 ")
    assert problems("title: a\n\tcount: 1")[0].startswith("units.yaml:2:1: DOC018 ")
    assert problems("parts: [{name: b}")[0].startswith("units.yaml:1:18: DOC020 ")
    assert problems("title: a\nparts: " + "[" * 100_000)[0].startswith("units.yaml:2:47: DOC006 ")


values = st.recursive(
    st.none() | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcđ: 0", min_size=1), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from("abc"), values), st.booleans())
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_is_read_as_it_was(value: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=40)
    root, found = tree.compose(text, "x")
    assert root is not None
    assert root.plain() == value
    assert found == []


words = st.sampled_from([*":-?[]{},&*!|>'\"%@` \n\t#~", "title: ", "parts:", "\n  - ", "name: a", "<<"])


@given(
    st.one_of(st.binary(max_size=200), st.lists(words, max_size=40).map(lambda some: "".join(some).encode()))
)
@example(b"title: \xed\xa0\x80")
@example(b"\xff\xfet\x00i\x00")
@example(b"title: a\n? ")
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_there_is_a_value_or_an_input_error(content: bytes) -> None:
    findings: tuple[Finding, ...] = ()
    try:
        assert isinstance(parse_document(content, Whole, FILE).value, Whole)
    except InputError as error:
        findings = error.findings
        assert findings
    assert all(finding.message and finding.mend for finding in findings)
    assert all(finding.place.line >= 1 and finding.place.column >= 1 for finding in findings)
