"""What an edit of a mapping changes: each kind of edit, and the laws that hold for all of them."""

import re
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from merger import messages
from merger.cli.run import run
from merger.errors import InputError
from merger.mapping import LoadedMapping, load, parse_document
from merger.mapping.models import KINDS, Mapping, UnitsFile
from merger.mapping.write import to_yaml
from merger.quality.diff import NOTHING, Diff, Group, diff, heading
from merger.testing.histories import lineages, wild_lineages

quick = settings(max_examples=20)
ROOT = Path(__file__).parents[2]

UNITS = """\
schema: merger/units/1
id: units
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]
province: {into: 90 Tỉnh A, from: [90 Tỉnh A, 91 Tỉnh B]}
districts:
  - {unit: 901 Huyện D, province: 90, communes: [90001, 90004, 90007]}
  - {unit: 902 Huyện E, province: 90, communes: [90010]}
communes:
  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một,
     {unit: 90004 Xã Hai, land: part, people: all, share: 0.4}]}
  - {clause: 2, into: 90007 Phường Ba, from: [90007 Xã Ba, {unit: 90004 Xã Hai, land: part, people: none}]}
  - {clause: 3, keep: 90010 Xã Bốn}
suppress:
  - {rule: MAP106, of: 90010, reason: seen}
changes:
  - {date: 2020-01-01, what: merge, from: 90003 Xã Cũ, to: 90004 Xã Hai, land: whole, people: all}
  - {date: 2020-01-01, what: merge, from: 90004 Xã Hai, to: 90004 Xã Hai, land: whole, people: all}
"""
OTHERS = """\
schema: merger/agencies/1
id: agencies
effective: 2025-07-01
before:
  - {agency: H90.3 Sở Giao thông, former: 000.00.03.H90, level: province, function: roads, unit: 90,
     into: H90.5}
after:
  - {agency: H90.5 Sở Xây dựng, level: province, function: construction, unit: 90}
---
schema: merger/competence/1
id: competence
effective: 2025-07-01
rules:
  - {rule: roads, levels: [district], fields: [Đường bộ, Đất đai], to: {function: construction}}
---
schema: merger/services/1
id: services
fields: [{field: Đất đai, follows: land}]
services: [{service: 1.000001 Cấp giấy, field: Đất đai}]
---
schema: merger/localities/1
id: localities
effective: 2025-07-01
localities:
  - {unit: 90004 Xã Hai, into: 90001 Xã Một, names: [Thôn 1, Thôn 2]}
---
schema: merger/decisions/1
id: decisions
decisions:
  - {decision: old, author: A, date: 2025-07-10, reason: read, when: {commune: 90003}, then: {commune: 90001}}
"""


@pytest.fixture(autouse=True)
def english():
    messages.use("en")


def written(folder: Path, text: str) -> LoadedMapping:
    folder.mkdir(exist_ok=True)
    for part in text.split("---\n"):
        (folder / f"{re.search('^id: (.*)$', part, re.MULTILINE)[1]}.yaml").write_text(part, "utf-8")
    return load([folder])


def edited(tmp_path: Path, *edits: tuple[str, str], text: str = UNITS) -> Diff:
    """The difference that edits make, each of which must hit."""
    now = text
    for before, after in edits:
        assert before in now
        now = now.replace(before, after)
    return diff(written(tmp_path / "old", text), written(tmp_path / "new", now))


def said(found: Diff) -> list[tuple[str, str]]:
    return [(one.group.value, one.message) for one in found.differences]


def test_people_that_go_to_a_further_unit_are_said_with_the_units_of_before_that_this_reaches(tmp_path):
    found = edited(
        tmp_path,
        ("90004 Xã Hai, land: part, people: all", "90004 Xã Hai, land: part, people: some"),
        ("land: part, people: none", "land: part, people: some"),
    )
    now = "now 90001 Xã Một (some of its people); 90007 Phường Ba (some of its people)"
    later = "now 90001 Xã Một (people not stated); 90007 Phường Ba (people not stated)"
    assert said(found) == [
        ("goes-elsewhere", f"the people of 90004 Xã Hai: until now 90001 Xã Một; {now}"),
        ("chains", f"the people of 90003 Xã Cũ (2019-12-31): until now 90001 Xã Một; {later}"),
        ("chains", f"the people of 90004 Xã Hai (2019-12-31): until now 90001 Xã Một; {later}"),
    ]
    assert [(one.place.line, one.in_old) for one in found.differences] == [
        (11, False),
        (17, False),
        (18, False),
    ]
    assert heading(*found.groups()[0]) == "1 unit goes elsewhere"
    assert heading(*found.groups()[1]) == "2 earlier units end up elsewhere, through chains of changes"


def test_a_unit_that_goes_elsewhere_whole_is_one_difference(tmp_path):
    found = edited(
        tmp_path,
        ("from: [90007 Xã Ba, ", "from: ["),
        ("from: [90001 Xã Một,", "from: [90007 Xã Ba, 90001 Xã Một,"),
    )
    assert said(found) == [("goes-elsewhere", "90007 Xã Ba: until now 90007 Phường Ba; now 90001 Xã Một")]


def test_less_land_to_the_same_unit_is_no_other_successor(tmp_path):
    found = edited(tmp_path, ("90007 Xã Ba,", "{unit: 90007 Xã Ba, land: part, people: all},"))
    (only,) = said(found)
    assert only == (
        "land",
        "the land of 90007 Xã Ba: until now 90007 Phường Ba; now 90007 Phường Ba (part of its land)",
    )


@pytest.mark.parametrize(
    ("before", "after", "group", "message"),
    [
        ("share: 0.4", "share: 0.5", "shares",
         "90004 Xã Hai: shares until now 90001 Xã Một (part of its land, all its people, 0.4); "
         "90007 Phường Ba (part of its land, none of its people); now "
         "90001 Xã Một (part of its land, all its people, 0.5); "
         "90007 Phường Ba (part of its land, none of its people)"),
        ("into: 90007 Phường Ba", "into: 90007 Phường Bá", "renamed",
         "90007 Phường Bá: name until now Phường Ba; now Phường Bá"),
        ("into: 90001 Xã Một", "into: 90001 Xã  một", "renamed",
         "90001 Xã  một: spelling until now Xã Một; now Xã  một"),
        ("into: 90007 Phường Ba", "into: 90008 Phường Ba", "recoded",
         "90008 Phường Ba: code until now 90007; now 90008"),
        ("clause: 3", "clause: 4", "clauses", "90010 Xã Bốn: clause until now 3; now 4"),
        ("number: 1/NQ", "number: 9/NQ", "clauses",
         "units: legal basis until now 1/NQ (2025-06-16, communes); now 9/NQ (2025-06-16, communes)"),
        ("keep: 90010 Xã Bốn", "keep: 90010 Xã Bốn, area_km2: 12.5", "details",
         "90010 Xã Bốn: area (km²) until now nothing; now 12.5"),
        ("keep: 90010 Xã Bốn", "into: 90010 Xã Bốn, from: [90010 Xã Bốn]", "details",
         "90010 Xã Bốn: form of the entry until now keep; now into"),
        ("Xã Bốn}", "Xã Bốn, areas: [{name: Đảo}]}", "details",
         "90010 Xã Bốn: areas without a code until now nothing; now name: Đảo"),
        ("from: 90003 Xã Cũ", "from: 90005 Xã Xưa", "changes",
         "2020-01-01: 90005 Xã Xưa → 90004 Xã Hai: from until now 90003 Xã Cũ; now 90005 Xã Xưa"),
        ("902 Huyện E, province: 90", "902 Huyện E, province: 91", "districts",
         "902 Huyện E: province until now 90; now 91"),
        ("reason: seen", "reason: approved", "suppressions",
         "MAP106 90010: reason until now seen; now approved"),
        ("effective: 2025-07-01", "effective: 2025-07-02", "files",
         "units: effective day until now 2025-07-01; now 2025-07-02"),
        ("\nid: units", "\nid: other", "files", "other: id until now units; now other"),
        ("\nid: units", "\nid: units\nnote: new", "files", "units: note until now nothing; now new"),
    ],
)  # fmt: skip
def test_an_edit_is_one_difference_in_its_group(tmp_path, before, after, group, message):
    assert said(edited(tmp_path, (before, after))) == [(group, message)]


@pytest.mark.parametrize(
    ("before", "after", "group", "message"),
    [
        ("agency: H90.3 Sở", "agency: H90.4 Sở", "eids",
         "H90.4 Sở Giao thông: code until now H90.3; now H90.4"),
        ("former: 000.00.03.H90, ", "", "eids",
         "H90.3 Sở Giao thông: former code until now 000.00.03.H90; now nothing"),
        ("into: H90.5", "into: competence", "agencies",
         "H90.3 Sở Giao thông: successor until now H90.5; now competence"),
        ("[Đường bộ, Đất đai]", "[Đường bộ]", "competence",
         "roads: fields until now Đường bộ, Đất đai; now Đường bộ"),
        ("to: {function: construction}", "to: person", "competence",
         "roads: to until now function: construction; now person"),
        ("follows: land", "follows: people", "services",
         "Đất đai: what it follows until now land; now people"),
        ("names: [Thôn 1, Thôn 2]", "names: [Thôn 1]", "localities", "Thôn 2 (90004 Xã Hai): taken out"),
        ("into: 90001 Xã Một, names", "into: 90007 Phường Ba, names", "localities",
         "Thôn 1 (90004 Xã Hai): successor until now 90001 Xã Một; now 90007 Phường Ba"),
        ("then: {commune: 90001}", "then: {commune: 90007}", "decisions",
         "old: answer until now commune: 90001; now commune: 90007"),
    ],
)  # fmt: skip
def test_an_edit_of_other_definitions_is_told_in_its_group(tmp_path, before, after, group, message):
    assert (group, message) in said(edited(tmp_path, (before, after), text=f"{UNITS}---\n{OTHERS}"))


def test_a_kept_unit_with_another_name_is_told_once(tmp_path):
    found = edited(tmp_path, ("keep: 90010 Xã Bốn", "keep: 90010 Xã Năm"))
    assert [one.message for one in found.differences] == ["90010 Xã Năm: name until now Xã Bốn; now Xã Năm"]


def test_a_commune_under_another_district_is_told(tmp_path):
    found = edited(tmp_path, (", 90007]}", "]}"), ("[90010]", "[90010, 90007]"))
    assert said(found) == [("districts", "90007: district until now 901 Huyện D; now 902 Huyện E")]


def test_units_that_only_one_side_knows_are_added_and_taken_out(tmp_path):
    entry = "  - {clause: 3, keep: 90010 Xã Bốn}\n"
    found = edited(tmp_path, (entry, "  - {clause: 4, into: 90013 Xã Năm, from: [90011 Xã Sáu]}\n"))
    assert said(found)[:4] == [
        ("added", "90013 Xã Năm is formed"),
        ("added", "90011 Xã Sáu of the time before: to 90013 Xã Năm"),
        ("removed", "90010 Xã Bốn of the time before: went to 90010 Xã Bốn"),
        ("removed", "90010 Xã Bốn is not formed any more"),
    ]
    assert [one.in_old for one in found.differences[:4]] == [False, False, True, True]
    assert not [one for one in found.differences if one.group is Group.CLAUSES]


def test_order_comments_and_layout_are_no_difference(tmp_path):
    assert said(edited(tmp_path, ("communes:\n", "communes:  # read beside the law\n\n"))) == []
    lines = UNITS.splitlines(keepends=True)
    first = lines.index("communes:\n") + 1
    lines[first : first + 4] = [*lines[first + 2 : first + 4], *lines[first : first + 2]]
    swapped = "".join(lines)
    assert diff(written(tmp_path / "old", UNITS), written(tmp_path / "new", swapped)).differences == ()
    texts = "[Đường bộ, Đất đai]", "[Đất đai, Đường bộ]"
    assert said(edited(tmp_path, texts, text=OTHERS)) == []


def test_what_came_with_a_whole_file_is_known_as_such(tmp_path):
    old = written(tmp_path / "old", UNITS)
    new = written(tmp_path / "new", f"{UNITS}---\n{OTHERS}")
    found = diff(old, new)
    assert {Path(file).name for file in found.files_added} == {
        f"{kind}.yaml" for kind in ("agencies", "competence", "services", "localities", "decisions")
    }
    assert all(found.with_whole_file(one) for one in found.differences if one.group is not Group.FILES)
    back = diff(new, old)
    assert back.files_removed == found.files_added
    assert {one.how for one in back.differences} == {"removed"}


def test_an_entry_moved_to_another_file_goes_nowhere_else(tmp_path):
    entry = "  - {clause: 3, keep: 90010 Xã Bốn}\n"
    other = "schema: merger/units/1\nid: more\neffective: 2025-07-01\ncommunes:\n" + entry
    now = UNITS.replace(entry, "") + "---\n" + other
    found = diff(written(tmp_path / "old", UNITS), written(tmp_path / "new", now))
    assert said(found) == [("files", "more: added")]


def test_the_example_of_the_documentation_is_what_is_printed(tmp_path, capsys, monkeypatch):
    page = (ROOT / "docs" / "comparing.md").read_text("utf-8")
    text = re.search("```yaml\n(.*?)```", page, re.DOTALL)[1]
    now = text.replace("people: all}]}", "people: some}]}").replace("people: none", "people: some")
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(text, "utf-8")
    Path("new.yaml").write_text(now.replace("clause: 3", "clause: 4"), "utf-8")
    assert run(["--lang", "en", "mapping", "diff", "old.yaml", "new.yaml"]) == 1
    assert capsys.readouterr().out == re.search("```text\n(.*?)```", page, re.DOTALL)[1]


def test_every_group_and_aspect_is_documented():
    page = (ROOT / "docs" / "comparing.md").read_text("utf-8")
    assert {group.value for group in Group} <= set(re.findall("`([a-z-]+)`", page))


def loaded(mapping: Mapping, folder: Path, order: Random | None = None) -> LoadedMapping:
    """The mapping written to files and read again, its files and entries in another order."""
    for number, file in enumerate(mapping.units):
        if order:
            file = shuffled(file, order)
        (folder / f"{order.random() if order else number}.yaml").write_text(to_yaml(file), "utf-8")
    return load([folder])


def shuffled(file: UnitsFile, order: Random) -> UnitsFile:
    def mixed(items):
        return tuple(order.sample(items, len(items)))

    entries = [one.model_copy(update={"from_": mixed(one.from_)}) for one in file.communes]
    return file.model_copy(update={"communes": mixed(entries), "changes": mixed(file.changes)})


@quick
@given(wild_lineages() | lineages(), st.integers())
def test_nothing_differs_from_itself_in_whatever_order_it_is_written(history, seed):
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        old = loaded(history, Path(one))
        assert diff(old, old).differences == ()
        assert diff(old, loaded(history, Path(other), Random(seed))).differences == ()


@quick
@given(wild_lineages() | lineages(), st.data())
def test_every_edit_of_an_edge_is_told_and_names_the_unit(history, data):
    places = [
        (number, index, part)
        for number, file in enumerate(history.units)
        for index, entry in enumerate(file.communes)
        for part in range(len(entry.from_))
    ]
    assume(places)
    number, index, part = data.draw(st.sampled_from(places))
    file = history.units[number]
    entry = file.communes[index]
    edge = entry.from_[part]
    field, value = data.draw(
        st.sampled_from(
            [("land", one) for one in type(edge.land)]
            + [("people", one) for one in type(edge.people)]
            + [("share", 0.123), ("gone", None)]
        )
    )
    assume(field == "gone" or getattr(edge, field) != value)
    parts = list(entry.from_)
    parts[part : part + 1] = [] if field == "gone" else [edge.model_copy(update={field: value})]
    entries = [*file.communes]
    entries[index] = entry.model_copy(update={"from_": tuple(parts)})
    files = [*history.units]
    files[number] = file.model_copy(update={"communes": tuple(entries)})
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        old, new = loaded(history, Path(one)), loaded(Mapping(units=tuple(files)), Path(other))
        for found in (diff(old, new), diff(new, old)):
            assert edge.unit.code in {one.code for one in found.differences}
            assert all(one.message for one in found.differences)


@quick
@given(lineages())
def test_what_is_added_one_way_is_taken_out_the_other_way(history):
    with TemporaryDirectory() as folder:
        full = loaded(history, Path(folder))
        there, back = diff(NOTHING, full), diff(full, NOTHING)
    assert {one.how for one in there.differences} == {"added"}
    assert {one.how for one in back.differences} == {"removed"}

    def subjects(found: Diff) -> list[str]:
        return sorted(one.subject for one in found.differences)

    assert subjects(there) == subjects(back)


RICH = """\
schema: merger/units/1
id: units
title: {vi: Một, en: One}
note: why
codes: other
effective: 2025-07-01
legal_basis:
  - {number: 1/NQ, date: 2025-06-16, on: communes}
  - {number: 2/NQ, date: 2025-06-17}
province: {into: 90 Tỉnh A, from: [90 Tỉnh A, {unit: 91 Tỉnh B, land: part, people: some, note: n}]}
districts:
  - {unit: 901 Huyện D, province: 90, communes: [90001, 90004]}
communes:
  - {clause: 1, into: 90001 Xã Một, words: all of it, note: read, area_km2: 12.5, point: [11.5, 108.5],
     areas: [{name: Đảo, land: part, words: w, note: n}, {district: 902 Huyện E}],
     from: [90001 Xã Một, {unit: 90004 Xã Hai, land: part, people: all, share: 0.4, words: part of, note: x}]}
  - {clause: 2, keep: 90007 Xã Ba}
  - {clause: 3, into: 90008 Xã Bảy, areas: [{name: Bãi}]}
suppress:
  - {rule: MAP106, of: 90010, reason: seen}
changes:
  - {date: 2020-01-01, after: 2019-01-01, dated: signed, what: merge, kind: district,
     from: 903 Huyện C, event: e, to: 901 Huyện D, land: whole, people: all, share: 0.5,
     seq: 1, source: 2/NQ, note: n, notes: {a: b}}
"""
FIELDS = {kind: schema.split("/")[1] for schema, kind in KINDS.items()}
WORDS = """zzz 2025-08-01 0.7 7 part whole some all people land person commune district province recode
effective other vn MAP999 documents dossiers unit"""
TRIED = ("90099 Xã Khác", *WORDS.split())


def corrected(value, way=()):
    """Every tree that differs from `value` in one value: taken out, or another one in its place."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, below in items:
        if way or key not in ("schema",):
            yield (*way, key, "gone"), without(value, key)
            if isinstance(below, dict | list):
                for place, other in corrected(below, (*way, key)):
                    yield place, put(value, key, other)
            else:
                for other in TRIED:
                    yield (*way, key), put(value, key, other)


def without(value, key):
    copy = value.copy()
    del copy[key]
    return copy


def put(value, key, other):
    copy = value.copy()
    copy[key] = other
    return copy


def test_every_value_that_a_file_can_hold_is_told_when_it_is_another(tmp_path):
    old = written(tmp_path / "old", f"{RICH}---\n{OTHERS}")
    done = set()
    for document in old.documents:
        rest = tuple(one for one in old.documents if one is not document)
        tree = yaml.load(document.content, yaml.BaseLoader)
        for place, other in corrected(tree):
            if (document.path, place) in done:
                continue
            content = yaml.safe_dump(other, allow_unicode=True, default_style='"').encode()
            try:
                edit = parse_document(content, type(document.value), document.path)
            except InputError:
                continue
            if edit.value == document.value:
                continue
            done.add((document.path, place))
            mapping = old.mapping.model_copy(update={FIELDS[type(edit.value)]: (edit.value,)})
            found = diff(old, LoadedMapping(mapping, (*rest, edit)))
            assert found.differences, place
            assert all(one.message for one in found.differences)
    assert len(done) > 150
