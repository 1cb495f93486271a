"""No technical word stands on a page as it is: what pages say by a word of the program has a text.

`SAID` lists, by the beginning of their messages, all words that templates look up. A template that looks up
others is found, and so is a new word of a list without a text.
"""

import inspect
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest
from pydantic import BaseModel

import merger.cli
import merger.lineage
import merger.migrate
import merger.review
from merger.approval import Role
from merger.approval.certificates import Flaw
from merger.approval.trail import Bend
from merger.errors import Severity
from merger.lineage import By
from merger.mapping.models import (
    Change,
    CompetenceRule,
    Follows,
    Land,
    Level,
    OpenPoint,
    People,
    UnitKind,
    UnitsFile,
)
from merger.messages import LANGUAGES, Word, catalogue, text_in
from merger.migrate.decide import FIRST_GUESS, STALE_CODE
from merger.migrate.model import ADDRESS, AgencyName, Difference, Digests, Plan, Verification
from merger.migrate.model import State as CheckState
from merger.report.words import Words
from merger.review.keys import contents
from merger.review.keys.signing import SAW
from merger.review.mapping.following import Which
from merger.review.mapping.province import How
from merger.review.runs import views
from merger.review.runs.ordering import LEDGER_END
from merger.review.trails.views import said
from merger.review.web.app import PARTS
from merger.review.web.errors import KNOWN
from merger.review.web.rights import ROLES
from merger.review.web.words import Words as PageWords
from merger.review.work import Kind, State


def of(model: type[BaseModel], field: str) -> tuple[object, ...]:
    """The words that a field takes."""
    return get_args(model.model_fields[field].annotation)


TEMPLATES = Path(merger.review.__file__).parent / "templates"
STANDS = (
    "planned", "running", "pausing", "paused", "elsewhere", "unclear", "interrupted", "taking-out", "done",
    "rolling-back", "rolled-back",
)  # fmt: skip
RUN_STATES = ("planned", "running", "done", "rolling-back", "rolled-back")
DECIDING = (*By, *Follows, ADDRESS, FIRST_GUESS, STALE_CODE)
PLAN_KINDS = of(Plan, "kind")
VERIFIED = of(Verification, "state")

SAID: Mapping[str, Iterable[object]] = {
    "approval.role.": Role,
    "cli.role.": Role,
    "cli.stage.": ("plan", "check", "apply", "copy", "files", "verify", "rollback"),
    "compare.land.": Land,
    "compare.people.": People,
    "lineage.reason.": (*(f"by-{one}" for one in (*By, *Follows)), "by-rule", FIRST_GUESS),
    "report.by.word.": DECIDING,
    "report.state.": (*PLAN_KINDS, *VERIFIED, *get_args(CheckState), *of(Difference, "kind"), *RUN_STATES),
    "review_accounts.own.": ("old", "new", "again"),
    "review_accounts.role.": ROLES,
    "review_keys.fact.": set(re.findall(r'Fact\("([a-z_]+)"', inspect.getsource(contents)))
    | set(re.findall(r'^ {8}"([a-z_]+)": ', inspect.getsource(contents), re.MULTILINE)),
    "review_keys.flaw.": Flaw,
    "review_keys.kind.": contents.Kind,
    "review_keys.means.": contents.Kind,
    "review_keys.plan.": PLAN_KINDS,
    "review_keys.secret.": ("passphrase", "pin"),
    "review_keys.sign.done.": ("signed", "withdrawn"),
    "review_keys.state.": ("usable", "revoked", "ended", "early", "flawed"),
    "review_mapping.came.": ("record", "created", "lost"),
    "review_mapping.contradicted.": Follows,
    "review_mapping.how.": How,
    "review_mapping.kind.": UnitKind,
    "review_mapping.records.": Which,
    "review_mapping.severity.": Severity,
    "review_mapping.state.": ("edges", "in-force", "ended", "lost"),
    "review_mapping.went.": ("in-force", "ended", "lost"),
    "review_mapping.what.": (*of(Change, "what"), "keep"),
    "review_plans.kinds.": PLAN_KINDS,
    "review_plans.made-of.": Digests.model_fields,
    "review_plans.state.": ("approved", "stale", "waiting", "unknown", "run"),
    "review_runs.stands-more.": STANDS,
    "review_runs.stands.": STANDS,
    "review_runs.state-more.": [one for one in State if one not in (State.RUNNING, State.PAUSING)],
    "review_runs.state.": State,
    "review_runs.verification.": (*VERIFIED, *of(Verification, "strength")),
    "review_runs.work.": [one for one in Kind if one is not Kind.PLAN],
    "review_trails.bend.": Bend,
    "review_web.error.": [f"{status}.{part}" for status in KNOWN for part in ("title", "what", "do")],
    "review_web.home.": ("jobs", "mappings", "plans"),
    "review_web.part.": [f"{part}.{of}" for part in PARTS for of in ("name", "what")],
    "review_web.role.": ROLES,
}
WRITTEN_THERE = {
    "review_handover.", "review_mapping.agencies.", "review_mapping.col.", "review_mapping.holds.",
    "review_mapping.list.", "review_mapping.search.", "review_mapping.tab.", "review_plans.",
}  # fmt: skip
"""Words that the template itself lists, or that come with their own test."""
VALUES: Mapping[str, Iterable[object]] = {
    "codes": of(UnitsFile, "codes"),
    "dated": of(Change, "dated"),
    "follows": Follows,
    "land": Land,
    "level": Level,
    "people": People,
    "weight": of(OpenPoint, "weight"),
    "what": of(Change, "what"),
    "works": get_args(get_args(CompetenceRule.model_fields["works"].annotation)[0]),
}
"""The words of the format that the comparison of two mappings quotes, by what they say."""


def known(language: str, key: str) -> str:
    part, _, rest = key.partition(".")
    return catalogue(language, part).get(rest, "")


def code_of(*rooms: ModuleType) -> str:
    files = [path for room in rooms for path in Path(str(room.__file__)).parent.rglob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in sorted(files))


def test_every_word_that_a_template_looks_up_is_listed_here() -> None:
    looked_up = {
        found
        for path in TEMPLATES.rglob("*.j2")
        for found in re.findall(r"\bt(?:_or)?\('([a-z_.-]+\.)' ~", path.read_text("utf-8"))
    }
    assert looked_up - WRITTEN_THERE <= SAID.keys()
    assert len(looked_up) > 40


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("beginning", SAID)
def test_every_word_of_the_program_has_a_text(language: str, beginning: str) -> None:
    words = [str(one) for one in SAID[beginning]]
    assert words
    assert [one for one in words if not known(language, beginning + one)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", VALUES)
def test_every_word_of_the_format_has_a_text_where_mappings_are_compared(language: str, what: str) -> None:
    words = {str(one) for one in VALUES[what]}
    assert words
    assert {one for one in words if not known(language, f"compare.value.{what}.{one}")} == set()


def test_what_decided_is_named_by_listed_words_alone() -> None:
    code = code_of(merger.lineage, merger.migrate)
    assert re.findall(r'decided_by(?: =|=|\.append\()\s*f?"([a-z][^"]*)"', code) == []
    assert re.findall(r'^    name: str = "([a-z]+)"', code, re.MULTILINE) == []


def test_every_stage_of_work_is_listed() -> None:
    told = set(re.findall(r'progress\(\s*f?"([a-z-]+)', code_of(merger.migrate)))
    assert told <= set(SAID["cli.stage."])
    assert len(told) >= 6


def test_every_way_in_which_a_run_stands_is_listed() -> None:
    given = set(re.findall(r'"([a-z-]+)"', inspect.getsource(views.standing)))
    assert given | {"done", "rolled-back"} == set(STANDS)


def deeds() -> set[str]:
    """What the trails say was done."""
    code = code_of(merger.review, merger.migrate) + code_of(merger.cli)
    noted = r'(?:noted|\.note)\((?:visit, |folder, |[\w.]+, )?\s*"([a-z-]+)"(?: if [^"]* else "([a-z-]+)")?'
    found = {one for pair in re.findall(noted, code) for one in pair if one}
    found |= set(re.findall(r'\.record\(\s*operator\(\),\s*"([a-z-]+)"', code))
    found |= set(re.findall(r'_changed\([^)]*, "([a-z-]+)"\)', code))
    works = [one for one in Kind if one is not Kind.PLAN]
    found |= {f"{work}-{state}" for work in works for state in (*SAID["review_runs.state-more."], "begun")}
    return found | {LEDGER_END, SAW} - {"rollback-done"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_deed_of_the_trails_is_in_words(language: str) -> None:
    found = deeds()
    assert {
        "signed",
        "run-started",
        "account-disabled",
        "values-seen",
        "differences-seen",
        "verified",
    } <= found
    assert {one for one in found if not known(language, f"review_trails.action.{one}")} == set()


def test_roles_that_were_given_are_named() -> None:
    words = PageWords("vi")
    assert said("roles-reader.approver", words) == "giao vai trò: người xem, người phê duyệt"
    assert said("account-disabled", words) == "khóa tài khoản"
    assert said("of-a-later-version", words) == "of-a-later-version"


@pytest.mark.parametrize(
    ("by", "vietnamese"),
    [
        ("place, decision note-7", "địa bàn; quyết định note-7"),
        ("locality, against point", "thôn, khu phố; trái với: điểm trên bản đồ"),
        ("land-to-province", "quy tắc thẩm quyền land-to-province"),
        ("", ""),
    ],
)
def test_what_decided_is_said_in_words(by: str, vietnamese: str) -> None:
    assert Words("vi").decided(by) == vietnamese


def test_fields_and_digests_are_said_in_words() -> None:
    words = Words("vi")
    assert words.codes([("place", "10004"), ("place.address", "x"), ("axis", None)]) == (
        "địa bàn = 10004; địa bàn theo địa chỉ = x; axis = (không có giá trị)"
    )
    said_of = [
        words.digest(contents.digest_of(name)) for name in ("target", "profile:one", "one:content", "run")
    ]
    assert said_of == ["Cấu trúc của hệ thống đích", "Hồ sơ hệ thống one", "Nội dung của one", "Lần chạy"]
    assert words.agency(AgencyName(code="unknown", name="")) == "Không rõ"


def test_a_field_of_a_message_is_said_in_the_messages_language() -> None:
    word = Word.of("quality.level.district", "quality.level.commune")
    fields = {"service": "1", "levels": word, "other": "x", "others": word}
    assert "là huyện, xã, còn" in text_in("vi", "quality.MAP332.message", **fields)
    assert "district, commune" in text_in("en", "quality.MAP332.message", **fields)
