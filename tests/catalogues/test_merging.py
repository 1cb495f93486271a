"""Lists of services merged into one: against the truth planted in them, and the laws of merging."""

import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.catalogues import Answer, Catalogue, Entry, Kind, decided, drafted, merge, read_catalogue
from merger.catalogues.answers import ADD, END, INTO, TAKE, allowed
from merger.errors import InputError
from merger.lineage import Outcome, Services
from merger.mapping.document import parse_document
from merger.mapping.models import Level, Mapping, ServicesFile
from merger.quality import check
from merger.testing.campaigns import catalogues as campaign
from merger.testing.catalogues import SURVIVOR, made_up, planted

TODAY, DAY, EVE = date(2025, 6, 20), date(2025, 7, 1), date(2025, 6, 30)
FEW = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**32)


def drawn(seed, count=20):
    """Planted lists as they are read: composed, with single spaces."""
    chance = Random(seed)
    truth = planted(chance, made_up(chance, count))
    truth.catalogues = tuple(
        replace(one, entries=tuple(map(as_read, one.entries))) for one in truth.catalogues
    )
    return truth


def as_read(entry):
    return replace(entry, name=" ".join(unicodedata.normalize("NFC", entry.name).split()))


def merged_of(truth):
    return merge(truth.catalogues, truth.survivor)


def file_of(done, **given_):
    return drafted(done, "merged", DAY, **given_).value


def test_every_planted_difference_is_found_and_no_other():
    outcome = campaign.run(8, 11, lambda _: None)
    print(outcome.notes[0])
    assert outcome.failures == []
    assert outcome.notes[0].endswith("recall 1.0000, precision 1.0000")
    assert {kind.value for kind in Kind} <= set(outcome.counts)


def test_a_merge_that_overlooks_or_invents_is_found_out(monkeypatch):
    def wrong(lists, survivor):
        found = merge(lists, survivor)
        return replace(found, groups=found.groups[1:], fates=found.fates[1:])

    monkeypatch.setattr(campaign, "merge", wrong)
    outcome = campaign.run(1, 11, lambda _: None)
    assert any("not found: ('own'" in one for one in outcome.failures)
    assert any("not found: ('fates" in one for one in outcome.failures)
    monkeypatch.setattr(
        campaign,
        "merge",
        lambda lists, into: merge(
            [replace(one, entries=tuple(replace(entry, name="X") for entry in one.entries)) for one in lists],
            into,
        ),
    )
    assert any("not so: ('name'" in one for one in campaign.run(1, 11, lambda _: None).failures)


@FEW
@given(SEEDS)
def test_the_order_of_lists_never_matters(seed):
    truth = drawn(seed)
    turned = merge(reversed(truth.catalogues), replace(truth.survivor, entries=truth.survivor.entries[::-1]))
    found = merged_of(truth)
    assert (turned.fates, turned.groups, set(turned.services)) == (
        found.fates, found.groups, set(found.services),
    )  # fmt: skip
    answered = decided(found, [], TODAY)
    assert file_of(decided(turned, [], TODAY)) == file_of(answered)


@FEW
@given(SEEDS)
def test_a_list_merged_with_itself_has_no_differences(seed):
    for one in (drawn(seed).survivor, *drawn(seed).catalogues):
        found = merge([one], one)
        assert found.groups == ()
        assert {fate.outcome for fate in found.fates} <= {Outcome.UNCHANGED, Outcome.ENDED}
        assert [fate.into for fate in found.fates if not fate.entry.withdrawn] == [
            (entry.code,) for entry in one.entries if not entry.withdrawn
        ]


@FEW
@given(SEEDS)
def test_every_code_of_every_list_is_exactly_once_in_the_outcome(seed):
    truth = drawn(seed)
    wanted = [(one.province, entry.code) for one in truth.catalogues for entry in one.entries]
    found = decided(merged_of(truth), [], TODAY)
    assert sorted((fate.province, fate.entry.code) for fate in found.fates) == sorted(wanted)
    file = file_of(found)
    assert sorted((one.province, one.service.code) for one in file.before) == sorted(wanted)


@FEW
@given(SEEDS, st.sampled_from(["before", "after"]))
def test_merging_the_result_with_itself_changes_nothing(seed, levels):
    truth = drawn(seed)
    first = drafted(decided(merged_of(truth), [], TODAY), "merged", DAY, levels == "after").value

    def again(file):
        entries = tuple(
            Entry(one.service.code, one.service.name, one.field, one.levels, one.levels_after, one.follows,
                  one.source)
            for one in file.services
        )  # fmt: skip
        own = Catalogue(SURVIVOR, "", entries, file)
        found = merge([own], own)
        assert found.groups == ()
        return file_of(decided(found, [], TODAY))

    second = again(first)
    assert (second.services, second.fields) == (first.services, first.fields)
    assert set(first.before) <= set(second.before)
    assert again(second) == second


@FEW
@given(SEEDS)
def test_an_answer_settles_exactly_the_codes_of_its_question(seed):
    truth = drawn(seed)
    found = merged_of(truth)
    chance = Random(seed)
    groups = [group for group in found.groups if chance.random() < 0.5 and group.kind is not Kind.LEVELS]
    answers = []
    for group in groups:
        word = chance.choice([one for one in allowed(group.kind) if one not in (TAKE, ADD)])
        code = chance.choice(found.services).code if word == INTO else ""
        answers.append(Answer(group.id, word, "A", "B", code))
    done = decided(found, answers, TODAY)
    before = {(one.province, one.entry.code): one for one in found.fates}
    after = {(one.province, one.entry.code): one for one in done.fates}
    asked = {
        (one.province, one.entry.code): answer
        for answer, group in zip(answers, groups, strict=True)
        for one in group.differences
        if group.kind.asks
    }
    for code, fate in after.items():
        answer = asked.get(code)
        if answer is None:
            assert fate == before[code]
        else:
            assert fate.decided == answer.group
            assert fate.into == ((answer.code,) if answer.word == INTO else ())
            assert fate.outcome is (Outcome.ENDED if answer.word == END else fate.outcome)
    assert set(done.open) == {group for group in found.open if group not in groups}
    assert {one.decision for one in done.decisions} == {group.id for group in groups}
    assert check_of(file_of(done)) == []


@FEW
@given(SEEDS)
def test_what_is_merged_resolves_as_merged(seed):
    truth = drawn(seed)
    done = decided(merged_of(truth), [], TODAY)
    services = Services(Mapping(services=(file_of(done),)))
    for fate in done.fates:
        answer = services.resolve(fate.entry.code, EVE, DAY, fate.province)
        assert tuple(one.code for one in answer.successors) == fate.into
        assert answer.outcome is fate.outcome


def check_of(file):
    """What lint says of a drafted file, read back from its text."""
    from merger.mapping.files import Contents, parse
    from merger.mapping.write import to_yaml

    text = to_yaml(file).encode()
    assert parse_document(text, ServicesFile, Path("merged.yaml")).value == file
    return [str(one) for one in check(parse(Contents(((Path("merged.yaml"), text),))))]


OURS = (
    Entry("1.000001.X90", "Cấp giấy phép", "Đường bộ", (Level.COMMUNE,)),
    Entry("1.000002.X90", "Hòa giải", "Đất đai", (Level.COMMUNE,)),
    Entry("TT-01", "Thẻ của tỉnh này", "Văn hóa"),
)
THEIRS = (
    Entry("1.000001.X91", "Cấp giấy phép mới", "Giao thông", (Level.DISTRICT,)),
    Entry("1.000002.X91", "Hoà giải", "Đất đai", (Level.DISTRICT,)),
    Entry("1.000009.X91", "Khai báo", "Đất đai"),
    Entry("TT-01", "Thẻ của tỉnh kia", "Văn hóa"),
)


def small():
    return merge([Catalogue("91", "", THEIRS)], Catalogue("90", "", OURS))


def question(found, kind, start=""):
    return next(one for one in found.groups if one.kind is kind and one.theirs.startswith(start))


def test_differences_are_grouped_so_that_one_answer_settles_many():
    found = small()
    assert [(one.kind.value, one.theirs, one.mine, len(one.differences)) for one in found.groups] == [
        ("own", "Thẻ của tỉnh kia", "", 1),
        ("missing", "Khai báo", "", 1),
        ("name", "Cấp giấy phép mới", "Cấp giấy phép", 1),
        ("field", "Giao thông", "Đường bộ", 1),
        ("levels", "district", "commune", 2),
    ]
    assert [one.code for one in question(found, Kind.OWN).offered] == ["TT-01"]


def test_answers_add_end_take_and_name_a_service():
    found = small()
    answers = [
        Answer(question(found, Kind.OWN).id, END, "A", "Bỏ."),
        Answer(question(found, Kind.MISSING).id, ADD, "A", "Còn dùng."),
        Answer(question(found, Kind.NAME).id, TAKE, "A", "Tên mới."),
    ]
    done = decided(found, answers, TODAY)
    file = file_of(done, after=True)
    assert [(str(one.service), one.levels, one.levels_after) for one in file.services] == [
        ("1.000001.X90 Cấp giấy phép mới", (Level.DISTRICT,), (Level.COMMUNE,)),
        ("1.000002.X90 Hòa giải", (Level.DISTRICT,), (Level.COMMUNE,)),
        ("1.000009 Khai báo", (), ()),
        ("TT-01 Thẻ của tỉnh này", (), ()),
    ]
    assert [(one.service.code, one.into, one.ended, bool(one.decided)) for one in file.before] == [
        ("1.000001.X91", ("1.000001.X90",), False, False),
        ("1.000002.X91", ("1.000002.X90",), False, False),
        ("1.000009.X91", ("1.000009",), False, True),
        ("TT-01", (), True, True),
    ]
    assert done.open == ()
    services = Services(Mapping(services=(file,)))
    assert services.resolve("TT-01", EVE, DAY).reason == "province-missing"
    assert services.resolve("TT-01", EVE, DAY, "91").outcome is Outcome.ENDED
    assert services.resolve("TT-01", EVE, DAY, "90").successor.code == "TT-01"


def test_answers_that_cannot_be_are_told_all_at_once():
    found = small()
    own, missing = question(found, Kind.OWN).id, question(found, Kind.MISSING).id
    answers = [
        Answer("own-0123456789", END, "A", "B"),
        Answer(missing, INTO, "A", "B", "9.999999"),
        Answer(missing, TAKE, "A", "B"),
        Answer(missing, END, "", "B"),
        Answer(own, ADD, "A", "B"),
        Answer(own, END, "A", "B"),
    ]
    with pytest.raises(InputError) as caught:
        decided(found, answers, TODAY)
    assert [one.code for one in caught.value.findings] == [
        "no-such-question", "no-such-service", "answer-unknown", "unsigned", "code-taken", "answered-twice",
    ]  # fmt: skip


def test_two_lists_that_would_rename_one_service_differently_contradict_each_other():
    lists = [Catalogue(one, "", (Entry(f"1.000001.X{one}", f"Tên {one}"),)) for one in ("91", "92")]
    found = merge(lists, Catalogue("90", "", OURS))
    answers = [Answer(group.id, TAKE, "A", "B") for group in found.groups]
    with pytest.raises(InputError, match=r"say different things of 1\.000001\.X90"):
        decided(found, answers, TODAY)


def test_a_question_of_other_codes_is_another_question():
    more = Catalogue("91", "", (*THEIRS, Entry("1.000003.X91", "Mới", "Giao thông")))
    ours = (*OURS, Entry("1.000003.X90", "Mới", "Đường bộ"))
    then = merge([more], Catalogue("90", "", ours))
    assert question(then, Kind.FIELD).id != question(small(), Kind.FIELD).id
    assert question(then, Kind.NAME).id == question(small(), Kind.NAME).id


def test_what_the_list_said_of_another_province_for_the_same_day_stays():
    first = file_of(decided(small(), [], TODAY))
    own = Catalogue("90", "", OURS, first)
    third = Catalogue("92", "", (Entry("1.000001.X92", "Cấp giấy phép"),))
    second = file_of(decided(merge([third], own), [], TODAY))
    assert [(one.province, one.service.code) for one in second.before] == [
        ("91", "1.000001.X91"), ("91", "1.000002.X91"), ("91", "1.000009.X91"), ("91", "TT-01"),
        ("92", "1.000001.X92"),
    ]  # fmt: skip


@pytest.mark.shared
def test_on_the_public_list_every_planted_difference_is_found_and_no_other(public_list):
    base = [replace(one, code=one.root) for one in read_catalogue(public_list, "90").catalogue.entries]
    outcome = campaign.run(1, 5, lambda _: None, lambda _: base)
    print(outcome.notes[0])
    assert outcome.failures == []
