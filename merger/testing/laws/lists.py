"""Lists of services: merged in any order the same, every code once, answers only where they were asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

from merger.catalogues import Answer, Catalogue, Decided, Entry, Kind, Merged, decided, drafted, merge
from merger.catalogues.answers import ADD, END, INTO, TAKE, allowed
from merger.lineage import Outcome, Services
from merger.mapping.models import Mapping, ServicesFile
from merger.testing.catalogues import SURVIVOR, Planted
from merger.testing.laws.mappings import hold

EVE, DAY = date(2025, 6, 30), date(2025, 7, 1)


def order_of_lists_does_not_matter(lists: Planted) -> None:
    """The same lists in another order, their rows too, give the same outcome and the same file."""
    turned = replace(lists.survivor, entries=lists.survivor.entries[::-1])
    one, other = _merged(lists), merge(reversed(lists.catalogues), turned)
    hold(one.fates == other.fates, "the fates of codes differ")
    hold(one.groups == other.groups, "the questions differ")
    hold(_file(_decided(one)) == _file(_decided(other)), "the files differ")


def a_list_does_not_differ_from_itself(lists: Planted) -> None:
    """Merged with itself, a list asks nothing and every code in force stays."""
    for one in (lists.survivor, *lists.catalogues):
        found = merge([one], one)
        hold(found.groups == (), f"{one.province}: questions")
        hold(
            {fate.outcome for fate in found.fates} <= {Outcome.UNCHANGED, Outcome.ENDED},
            f"{one.province}: codes change",
        )
        stays = [fate.into for fate in found.fates if not fate.entry.withdrawn]
        kept = [(entry.code,) for entry in one.entries if not entry.withdrawn]
        hold(stays == kept, f"{one.province}: {stays}, not {kept}")


def every_code_is_once_in_the_outcome(lists: Planted) -> None:
    """Every code of every list has one fate and one entry of before, and nothing else has."""
    wanted = sorted((one.province, entry.code) for one in lists.catalogues for entry in one.entries)
    found = _decided(_merged(lists))
    fates = sorted((fate.province, fate.entry.code) for fate in found.fates)
    hold(fates == wanted, f"fates of {fates}, not of {wanted}")
    before = sorted((one.province, one.service.code) for one in _file(found).before)
    hold(before == wanted, f"{before} are before, not {wanted}")


def merging_again_changes_nothing(lists: Planted, levels_after: bool) -> None:
    """The merged list merged with itself stays as it is."""
    first = _file(_decided(_merged(lists)), levels_after)
    second = _again(first)
    hold((second.services, second.fields) == (first.services, first.fields), "services or fields changed")
    hold(set(first.before) <= set(second.before), "old codes were lost")
    hold(_again(second) == second, "a third time changed the list")


def an_answer_settles_its_question_alone(lists: Planted, chance: Random) -> ServicesFile:
    """Answers to some questions settle exactly the codes of these; the list that comes of it."""
    found = _merged(lists)
    groups = [group for group in found.groups if chance.random() < 0.5 and group.kind is not Kind.LEVELS]
    answers = []
    for group in groups:
        word = chance.choice([one for one in allowed(group.kind) if one not in (TAKE, ADD)])
        code = chance.choice(found.services).code if word == INTO else ""
        answers.append(Answer(group.id, word, "A", "B", code))
    done = _decided(found, answers)
    before = {(one.province, one.entry.code): one for one in found.fates}
    asked = {
        (one.province, one.entry.code): answer
        for answer, group in zip(answers, groups, strict=True)
        for one in group.differences
        if group.kind.asks
    }
    for fate in done.fates:
        answer = asked.get((fate.province, fate.entry.code))
        if answer is None:
            same = fate == before[fate.province, fate.entry.code]
            hold(same, f"{fate.entry.code} changed without being asked")
            continue
        into = (answer.code,) if answer.word == INTO else ()
        hold(fate.decided == answer.group and fate.into == into, f"{fate.entry.code} goes into {fate.into}")
        hold(fate.outcome is Outcome.ENDED or answer.word != END, f"{fate.entry.code} did not end")
    hold(set(done.open) == {group for group in found.open if group not in groups}, "other questions are open")
    hold({one.decision for one in done.decisions} == {group.id for group in groups}, "other decisions")
    return _file(done)


def what_is_merged_resolves_as_merged(lists: Planted) -> None:
    """A query about an old code answers what the merge said of it."""
    done = _decided(_merged(lists))
    services = Services(Mapping(services=(_file(done),)))
    for fate in done.fates:
        answer = services.resolve(fate.entry.code, EVE, DAY, fate.province)
        into = tuple(one.code for one in answer.successors)
        hold(
            (into, answer.outcome) == (fate.into, fate.outcome),
            f"{fate.entry.code}: {fate.into}, {fate.outcome}, but resolves to {into}, {answer.outcome}",
        )


def _merged(lists: Planted) -> Merged:
    return merge(lists.catalogues, lists.survivor)


def _decided(found: Merged, answers: Sequence[Answer] = ()) -> Decided:
    return decided(found, answers, EVE)


def _file(done: Decided, levels_after: bool = False) -> ServicesFile:
    file = drafted(done, "merged", DAY, levels_after).value
    assert isinstance(file, ServicesFile)
    return file


def _again(file: ServicesFile) -> ServicesFile:
    entries = tuple(
        Entry(
            one.service.code,
            one.service.name,
            one.field,
            one.levels,
            one.levels_after,
            one.follows,
            one.source,
        )
        for one in file.services
    )
    own = Catalogue(SURVIVOR, "", entries, file)
    found = merge([own], own)
    hold(found.groups == (), "the merged list differs from itself")
    return _file(_decided(found))
