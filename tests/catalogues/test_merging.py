"""Lists of services merged into one: against the truth planted in them, and the laws of merging."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger.catalogues import Answer, Catalogue, Entry, Kind, decided, drafted, merge, read_catalogue
from merger.catalogues.answers import ADD, END, INTO, TAKE
from merger.errors import InputError
from merger.lineage import Outcome, Services
from merger.mapping.document import parse_document
from merger.mapping.models import Level, Mapping, ServicesFile
from merger.quality import check
from merger.testing import laws
from merger.testing.campaigns import catalogues as campaign
from merger.testing.catalogues import as_read

TODAY, DAY, EVE = date(2025, 6, 20), date(2025, 7, 1), date(2025, 6, 30)
FEW = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**32)


def drawn(seed, count=20):
    return as_read(Random(seed), count)


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
    laws.order_of_lists_does_not_matter(drawn(seed))


@FEW
@given(SEEDS)
def test_a_list_merged_with_itself_has_no_differences(seed):
    laws.a_list_does_not_differ_from_itself(drawn(seed))


@FEW
@given(SEEDS)
def test_every_code_of_every_list_is_exactly_once_in_the_outcome(seed):
    laws.every_code_is_once_in_the_outcome(drawn(seed))


@FEW
@given(SEEDS, st.booleans())
def test_merging_the_result_with_itself_changes_nothing(seed, levels_after):
    laws.merging_again_changes_nothing(drawn(seed), levels_after)


@FEW
@given(SEEDS)
def test_an_answer_settles_exactly_the_codes_of_its_question(seed):
    file = laws.an_answer_settles_its_question_alone(drawn(seed), Random(seed))
    assert check_of(file) == []


@FEW
@given(SEEDS)
def test_what_is_merged_resolves_as_merged(seed):
    laws.what_is_merged_resolves_as_merged(drawn(seed))


def test_a_merge_that_loses_a_code_breaks_the_laws(monkeypatch):
    def losing(lists, survivor):
        found = merge(lists, survivor)
        return replace(found, fates=found.fates[1:])

    monkeypatch.setattr("merger.testing.laws.lists.merge", losing)
    for law in (laws.every_code_is_once_in_the_outcome, laws.a_list_does_not_differ_from_itself):
        with pytest.raises(AssertionError):
            law(drawn(5))


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
