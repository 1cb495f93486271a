"""Service codes of old lists, recoded where the profile asks for it."""

from pathlib import Path

import pytest

from merger.errors import InputError
from merger.migrate import api
from tests.migrate.conftest import Worlds
from tests.migrate.world import ask_sql, changed, dossier, fates, fill, planned, quiet, unsigned

OLD = """\
effective: 2025-07-01
before:
  - {service: 1.000002.Z01 Register land, province: "01", into: [1.000002]}
  - {service: 7.000007.Z01 Old works, province: "01", into: [1.000003]}
  - {service: 7.000008.Z01 Given up, province: "01", ended: true}
  - {service: 7.000009.Z01 Nobody knows, province: "01"}
  - {service: L-1 Works of One, province: "01", into: [1.000003]}
  - {service: L-1 Land of Two, province: "02", into: [1.000002]}
"""


@pytest.fixture
def here(worlds: Worlds) -> Path:
    folder = worlds.restore("empty")
    changed(folder / "mapping" / "services.yaml", "id: services\n", f"id: services\n{OLD}")
    changed(folder / "source.yaml", "note: note", "note: {decided: service.code}")
    return folder


def test_a_dossier_gets_the_code_of_the_list_that_goes_on(here: Path) -> None:
    fill(here / "one.db", "dossier", [
        dossier("same", service="1.000002"),
        dossier("old", service="1.000002.000.00.00.Z01"),
        dossier("other-root", service="7.000007.Z01"),
        dossier("after", service="1.000002", commune="10001", received="2025-07-05 08:00:00"),
        dossier("none", service=None),
    ])  # fmt: skip
    api.apply(planned(here), 1, quiet)
    moved = ask_sql(here / "platform.db", "SELECT number, note FROM p_dossier WHERE number NOT LIKE 'Z01%'")
    assert dict(moved) == {
        "same": "1.000002", "old": "1.000002", "other-root": "1.000003", "after": "1.000002", "none": None,
    }  # fmt: skip
    assert api.verify(str(here / "plan.json"), False, False, quiet).state == "equal"


def test_what_nobody_decided_is_held_with_its_reason(here: Path) -> None:
    fill(here / "one.db", "dossier", [
        dossier("ended", service="7.000008.Z01"),
        dossier("lacking", service="7.000009.Z01"),
        dossier("unknown", service="9.999999"),
        dossier("two-provinces", service="L-1"),
    ])  # fmt: skip
    found = fates(here, unsigned(here))
    assert {key.rpartition("-")[2]: (fate, why) for key, (fate, why, _) in found.items()} == {
        "ended": ("hold", "ended"),
        "lacking": ("hold", "service-lacking"),
        "unknown": ("hold", "code-unknown"),
        "provinces": ("hold", "province-missing"),
    }


def test_the_job_says_which_province_a_system_is_of(here: Path) -> None:
    for system, province in (("one", "01"), ("two", "02")):
        changed(here / "job.yaml", f"path: {system}.db}}}}", f'path: {system}.db}}, province: "{province}"}}')
        fill(here / f"{system}.db", "dossier", [dossier(system, service="L-1")])
    found = fates(here, unsigned(here))
    given = {key: outcome.gives["service.code"] for key, (_, _, outcome) in found.items() if outcome}
    assert given == {"one/dossiers/d-one": "1.000003", "two/dossiers/d-two": "1.000002"}


def test_a_manual_decision_may_name_the_service(here: Path) -> None:
    (here / "mapping" / "decisions.yaml").write_text(
        "schema: merger/decisions/1\nid: decisions\ndecisions:\n"
        "  - {decision: d-1, author: one, date: 2025-07-02, reason: by letter 7,"
        " when: {service: 7.000009.Z01}, then: {service: 1.000003}}\n",
        encoding="utf-8",
    )
    fill(here / "one.db", "dossier", [dossier("lacking", service="7.000009.Z01")])
    fate, _, outcome = fates(here, unsigned(here))["one/dossiers/d-lacking"]
    assert fate == "move"
    assert outcome is not None
    assert (outcome.gives["service.code"], outcome.gives["service.name"]) == ("1.000003", "Permit works")
    changed(here / "mapping" / "decisions.yaml", "then: {service: 1.000003}", "then: {service: 1.999999}")
    with pytest.raises(InputError, match="MAP209"):
        unsigned(here, name="again.json")


def test_a_profile_without_the_question_keeps_codes_and_classes(worlds: Worlds) -> None:
    here = worlds.restore("empty")
    changed(here / "mapping" / "services.yaml", "id: services\n", f"id: services\n{OLD}")
    fill(
        here / "one.db", "dossier", [dossier("unknown", service="9.999999"), dossier("b", service="8.999999")]
    )
    plan = unsigned(here)
    assert len(set(plan.service_classes["one"].values())) == 1
    assert fates(here, plan)["one/dossiers/d-unknown"][0] == "move"


def test_only_code_and_name_of_a_service_can_be_asked_for(here: Path) -> None:
    changed(here / "source.yaml", "note: {decided: service.code}", "note: {decided: service.parent}")
    with pytest.raises(InputError, match="no-field"):
        unsigned(here)
