"""Files of decisions beside a job, and jobs that come to name them."""

from datetime import date

import pytest

from merger.errors import InputError, Refused
from merger.mapping import read_definitions, read_document
from merger.messages import use
from merger.migrate.job import Job
from merger.review.plans import naming, settling
from tests.report.report_samples import HOLDS, PLAN

TODAY = date(2025, 7, 2)
TAIL = """\
cutover: 2025-07-10T00:00:00+07:00
target: {system: new, profile: p.yaml, database: {path: n.db}}
sources: [{system: old, profile: p.yaml, database: {path: o.db}}]
"""
NAME = "made-up-decisions.yaml"


@pytest.fixture(autouse=True)
def _english():
    use("en")


@pytest.fixture
def job(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text(
        f"schema: merger/job/1\nid: made-up\nauthor: w\nmapping:\n  - a.yaml  # the first\n{TAIL}", "utf-8"
    )
    return path


def choice(then=None, **fields):
    return settling.Choice(**{"then": then or {}, "exclude": "", "author": "Lê Q", "reason": "r"} | fields)


def decide(job, *numbers, then=None, **fields):
    held = [HOLDS[number] for number in numbers]
    return settling.decide(job, PLAN, held, choice(then, **fields), TODAY, "vi")


def whens(job, name=NAME):
    return [one.when["place"] for one in read_definitions(job.with_name(name)).value.decisions]


def test_decisions_are_added_to_those_that_are_there(job):
    decide(job, 0, then={"place": "00201"})
    decide(job, 1, exclude="test")
    assert whens(job) == ["00101", "99999"]
    (file,) = settling.files_of(job)
    assert (file.open, file.signed, file.named, len(file.acts)) == (True, False, False, 2)


def test_a_later_decision_on_the_same_codes_takes_the_place_of_the_first(job):
    decide(job, 0, then={"place": "00201"})
    written = decide(job, 0, then={"place": "00202"})
    assert (written.decisions, written.replaced) == (1, 1)
    (only,) = read_definitions(job.with_name(NAME)).value.decisions
    assert only.then == {"place": "00202"}


def test_deciding_and_taking_back_leaves_what_was_there(job):
    decide(job, 0, then={"place": "00201"})
    before = job.with_name(NAME).read_bytes()
    decide(job, 1, exclude="test")
    (file,) = settling.files_of(job)
    act = next(one for one in file.acts if one.first.exclude)
    settling.take_back(job, NAME, act.id, file.sha256)
    assert job.with_name(NAME).read_bytes() == before


def test_decisions_alike_are_one_act_and_are_taken_back_together(job):
    decide(job, 0, 3, then={"place": "00201"})
    (file,) = settling.files_of(job)
    (act,) = file.acts
    assert len(act.decisions) == 2
    assert settling.take_back(job, NAME, act.id, file.sha256).replaced == 2


def test_a_file_written_by_hand_is_left_alone_and_the_next_one_taken(job):
    hand = job.with_name(NAME)
    hand.write_text(f"# by hand\nschema: merger/decisions/1\nid: {hand.stem}\ndecisions: []\n", "utf-8")
    before = hand.read_bytes()
    assert decide(job, 0, then={"place": "00201"}).path.name == "made-up-decisions-2.yaml"
    assert hand.read_bytes() == before
    assert whens(job, "made-up-decisions-2.yaml") == ["00101"]


def test_what_a_frozen_file_decides_is_not_decided_again(job):
    decide(job, 0, then={"place": "00201"})
    with job.with_name(NAME).open("a", encoding="utf-8") as file:
        file.write("# seen\n")
    with pytest.raises(Refused, match=r"Lê Q has decided this in made-up-decisions\.yaml"):
        decide(job, 0, then={"place": "00202"})


def test_a_file_that_cannot_be_read_stops_everything(job):
    job.with_name(NAME).write_text("schema: merger/decisions/1\nid: [", "utf-8")
    with pytest.raises(InputError):
        decide(job, 0, then={"place": "00201"})


def test_holds_that_no_codes_tell_apart_are_not_decided(job):
    with pytest.raises(InputError, match="not-decidable"):
        decide(job, 2, exclude="x")
    assert not job.with_name(NAME).exists()


@pytest.mark.parametrize(
    "reason", ["dòng một\ndòng hai: # x", "- [a, b]", "'\"{}&*!|>%@`", "=1+1", "no", "2025-07-01"]
)
def test_any_reason_comes_back_as_it_was_written(job, reason):
    decide(job, 0, 1, exclude="x", reason=reason)
    assert {one.reason for one in read_definitions(job.with_name(NAME)).value.decisions} == {reason}


def test_invisible_letters_in_a_reason_are_refused_as_in_any_definition(job):
    with pytest.raises(InputError):
        decide(job, 0, exclude="x", reason="a\u200bb")
    assert not job.with_name(NAME).exists()


@pytest.mark.parametrize(
    ("listed", "line"),
    [
        ("mapping:\n  - a.yaml  # the first\n", f"- {NAME}"),
        ("mapping:\n- shipped:vn\n- mapping\n", f"- {NAME}"),
        ("mapping: [mapping]\n", f"mapping: [mapping, {NAME}]"),
        ("mapping: [a.yaml,\n  'b.yaml' ]\n", f"'b.yaml' , {NAME}]"),
        ("mapping:\r\n  - a.yaml\r\n", f"- {NAME}"),
    ],
)
def test_a_job_names_one_file_more_and_nothing_else_changes(job, listed, line):
    job.write_bytes(f"schema: merger/job/1\nid: made-up # id\nauthor: w\n{listed}{TAIL}".encode())
    old = read_document(job, Job).value
    decide(job, 0, then={"place": "00201"})
    made = naming.new_text(job, job.with_name(NAME))
    assert made.line == line
    assert job.read_bytes().decode().splitlines() != made.content.decode().splitlines()
    naming.write(job, job.with_name(NAME), made.before)
    assert read_document(job, Job).value == old.model_copy(update={"mapping": (*old.mapping, NAME)})
    assert b"# id" in job.read_bytes()
    assert settling.files_of(job)[0].named


def test_a_job_at_whose_end_the_list_stands_is_named_in_too(job):
    text = f"schema: merger/job/1\nid: made-up\nauthor: w\n{TAIL}mapping:\n  - a.yaml"
    job.write_text(text, "utf-8")
    made = naming.new_text(job, job.with_name(NAME))
    assert made.content.decode() == f"{text}\n  - {NAME}\n"


def test_a_job_that_changed_meanwhile_is_not_written(job):
    decide(job, 0, then={"place": "00201"})
    before = naming.new_text(job, job.with_name(NAME)).before
    job.write_text(job.read_text("utf-8") + "# more\n", "utf-8")
    with pytest.raises(Refused, match=r"job.yaml was changed since this page was shown"):
        naming.write(job, job.with_name(NAME), before)
