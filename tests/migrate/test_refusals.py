import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from merger import approval
from merger.errors import Refused
from merger.migrate import api
from merger.migrate.approving import subject_of
from tests.migrate.world import (
    PASSPHRASE,
    changed,
    dossier,
    fill,
    planned,
    platform,
    quiet,
    run_sql,
    sign_by,
    unsigned,
)


def refused(folder: Path, name: str = "plan.json") -> str:
    """Why a plan is refused. Nothing may have changed in the platform."""
    before = platform(folder)
    runs = len(api.runs(folder / "job.yaml"))
    with pytest.raises(Refused) as caught:
        api.apply(folder / name, 1, quiet)
    assert platform(folder) == before
    assert len(api.runs(folder / "job.yaml")) == runs
    assert caught.value.exit_code == 3
    return str(caught.value)


def trust_again(folder: Path, name: str, person: str) -> None:
    """Makes a second key and adds it to the trust file under a name."""
    approval.new_key(person, folder / f"{name}.key", PASSPHRASE)
    signer = approval.load_key(folder / "one.key", PASSPHRASE)
    public = approval.load_public(approval.public_file(folder / f"{name}.key"))
    now = datetime.now(UTC) - timedelta(seconds=5)
    approval.add_person(folder / "trust.json", public, approval.Role.APPROVER, signer, now)


def test_a_plan_that_nobody_signed_is_refused(standard: Path) -> None:
    unsigned(standard)
    assert "plan.json is not approved: nobody has signed it" in refused(standard)


def test_one_signature_is_not_two(standard: Path) -> None:
    unsigned(standard)
    sign_by(standard, standard / "plan.json", "one")
    assert "plan.json is not approved: 1 of 2 needed signatures count" in refused(standard)


def test_the_same_person_counts_once_however_often_she_signs(standard: Path) -> None:
    unsigned(standard)
    sign_by(standard, standard / "plan.json", "one", "one")
    assert "1 of 2" in refused(standard)


def test_a_second_key_of_the_same_person_does_not_make_two(standard: Path) -> None:
    with pytest.raises(Refused, match="one is in the trust file with a key in use"):
        trust_again(standard, "other", "one")
    unsigned(standard)
    sign_by(standard, standard / "plan.json", "one")
    signer = approval.load_key(standard / "other.key", PASSPHRASE)
    subject, _ = subject_of(standard / "plan.json")
    approval.sign(standard / "plan.json", subject, signer, datetime.now(UTC))
    assert "is not in the trust file" in refused(standard)


def test_a_key_cannot_be_added_under_a_second_name(standard: Path) -> None:
    public = approval.load_public(approval.public_file(standard / "two.key"))
    signer = approval.load_key(standard / "one.key", PASSPHRASE)
    renamed = public.model_copy(update={"name": "three"})
    with pytest.raises(Refused, match=r"is listed under two names \(two, three\)"):
        approval.add_person(
            standard / "trust.json", renamed, approval.Role.APPROVER, signer, datetime.now(UTC)
        )


def test_a_strangers_signature_does_not_count(standard: Path) -> None:
    unsigned(standard)
    approval.new_key("stranger", standard / "stranger.key", PASSPHRASE)
    sign_by(standard, standard / "plan.json", "one", "stranger")
    assert "is not in the trust file" in refused(standard)


def test_the_author_does_not_count(standard: Path) -> None:
    unsigned(standard)
    sign_by(standard, standard / "plan.json", "one", "writer")
    assert "writer is the author and may not approve their own work" in refused(standard)


def test_the_author_counts_where_the_job_says_so(standard: Path) -> None:
    changed(standard / "job.yaml", "approvals: 2", "approvals: 2, author_may_sign: true")
    unsigned(standard)
    sign_by(standard, standard / "plan.json", "one", "writer")
    assert api.apply(standard / "plan.json", 1, quiet).state == "done"


def test_an_approval_that_has_run_out_does_not_count(standard: Path) -> None:
    unsigned(standard)
    sign_by(standard, standard / "plan.json", "one")
    long_ago = datetime.now(UTC) - timedelta(seconds=3)
    subject, _ = subject_of(standard / "plan.json")
    signer = approval.load_key(standard / "two.key", PASSPHRASE)
    soon = long_ago + timedelta(seconds=1)
    approval.sign(standard / "plan.json", subject, signer, long_ago, expires=soon)
    assert "two's approval ended on" in refused(standard)


def test_a_revoked_key_does_not_count(ready: Path) -> None:
    signer = approval.load_key(ready / "one.key", PASSPHRASE)
    approval.revoke_person(ready / "trust.json", "two", "lost", signer, datetime.now(UTC))
    assert "revoked" in refused(ready)


@pytest.mark.parametrize("file", sorted(["mapping/units.yaml", "job.yaml", "source.yaml", "platform.yaml"]))
def test_one_more_byte_in_what_the_plan_was_computed_from_is_refused(ready: Path, file: str) -> None:
    path = ready / file
    path.write_bytes(path.read_bytes() + b"\n")
    told = {"mapping/units.yaml": "mapping", "job.yaml": "job"}.get(file, "profiles")
    assert refused(ready) == (
        f"what the plan was computed from has changed: {told}; nothing was changed."
        " Put back the file that was signed, or make a new plan and have it signed"
    )


def test_one_changed_byte_in_the_plan_is_refused(ready: Path) -> None:
    path = ready / "plan.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "signed other content; different now: " in (told := refused(ready))
    assert "sha256" in told


@pytest.mark.parametrize(("old", "new"), [('"10001"', '"10003"'), ('"to_move":27', '"to_move":28')])
def test_a_doctored_plan_is_refused(ready: Path, old: str, new: str) -> None:
    path = ready / "plan.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert "0 of 2" in refused(ready)


def test_an_approval_is_used_once(moved: Path) -> None:
    run_sql(moved / "platform.db", "DELETE FROM merger_run")
    assert "approval was used by an earlier run" in refused(moved)


def test_a_source_with_other_columns_is_refused(ready: Path) -> None:
    run_sql(ready / "one.db", "ALTER TABLE dossier ADD COLUMN more TEXT")
    assert refused(ready).startswith("tables or columns of source one are no longer those that the plan saw")


def test_a_target_with_other_columns_is_refused(ready: Path) -> None:
    run_sql(ready / "platform.db", "ALTER TABLE p_dossier ADD COLUMN more TEXT")
    assert refused(ready).startswith("tables or columns of the target are no longer those that the plan saw")


def test_a_source_that_lost_a_combination_is_refused(ready: Path) -> None:
    run_sql(ready / "two.db", "DELETE FROM dossier WHERE number = 'nowhere'")
    assert refused(ready).startswith(
        "source two holds combinations of codes that the plan has not seen, or no longer"
    )


def test_a_final_run_is_refused_when_a_source_has_moved_on(standard: Path) -> None:
    planned(standard, final=True)
    run_sql(standard / "two.db", "UPDATE dossier SET note = 'x' WHERE number = 'east'")
    assert refused(standard).startswith("source two has changed since the final plan was made")


def test_a_bulk_run_lets_its_sources_be_used(ready: Path) -> None:
    run_sql(ready / "two.db", "UPDATE dossier SET note = 'x' WHERE number = 'east'")
    assert api.apply(ready / "plan.json", 1, quiet).state == "done"


def test_a_final_run_proves_that_its_sources_stood_still(standard: Path) -> None:
    planned(standard, final=True)

    def interfere(stage: str, _done: int, _total: int) -> None:
        if stage == "apply one/files":
            run_sql(standard / "two.db", "UPDATE dossier SET note = 'x' WHERE number = 'east'")

    with pytest.raises(Exception, match="source two changed while the final run was going on"):
        api.apply(standard / "plan.json", 1, interfere)
    assert [one.state for one in api.runs(standard / "job.yaml")] == ["running"]


def test_another_process_that_holds_the_target_stops_a_run(ready: Path) -> None:
    script = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'a')\nfcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    lock = ready / "platform.db.merger-lock"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        told = refused(ready)
        other.kill()
    assert "another run is working on" in told
    assert "the lock goes by itself" in told
    assert api.apply(ready / "plan.json", 1, quiet).state == "done"


def test_under_a_signed_job_a_catch_up_that_decides_nothing_new_needs_no_signature(moved: Path) -> None:
    sign_by(moved, moved / "job.yaml", "one", "two")
    fill(moved / "one.db", "dossier", [dossier("late")])
    unsigned(moved, name="later.json")
    result = api.apply(moved / "later.json", 1, quiet)
    assert (result.state, sum(one.moved for one in result.datasets)) == ("done", 1)


def test_under_an_unsigned_job_a_catch_up_needs_signatures(moved: Path) -> None:
    fill(moved / "one.db", "dossier", [dossier("late")])
    unsigned(moved, name="later.json")
    assert "nobody has signed" in refused(moved, "later.json")


def test_under_a_job_that_one_has_signed_a_catch_up_needs_signatures(moved: Path) -> None:
    sign_by(moved, moved / "job.yaml", "one")
    unsigned(moved, name="later.json")
    assert "nobody has signed" in refused(moved, "later.json")


def test_a_signed_job_does_not_approve_a_first_run(standard: Path) -> None:
    sign_by(standard, standard / "job.yaml", "one", "two")
    unsigned(standard)
    assert "nobody has signed" in refused(standard)


def test_a_catch_up_that_decides_something_new_needs_signatures(moved: Path) -> None:
    sign_by(moved, moved / "job.yaml", "one", "two")
    fill(moved / "one.db", "dossier", [dossier("late", commune="10005")])
    unsigned(moved, name="later.json")
    assert "nobody has signed" in refused(moved, "later.json")


def test_a_catch_up_that_merges_someone_new_needs_signatures(moved: Path) -> None:
    sign_by(moved, moved / "job.yaml", "one", "two")
    fill(
        moved / "two.db",
        "citizen",
        [{"id": "n", "name": "Nguyễn A", "idno": "012345678901", "birth": "1980-01-01"}],
    )
    unsigned(moved, name="later.json")
    assert "nobody has signed" in refused(moved, "later.json")


def test_a_changed_decision_needs_signatures(moved: Path) -> None:
    changed(moved / "mapping" / "competence.yaml", "to: {function: works}", "to: commune")
    sign_by(moved, moved / "job.yaml", "one", "two")
    fill(moved / "one.db", "dossier", [dossier("late", service="1.000003", agency="000.00.30.Z01")])
    unsigned(moved, name="later.json")
    assert "nobody has signed" in refused(moved, "later.json")


def test_the_approvals_that_a_run_used_are_kept_with_it(moved: Path) -> None:
    told = api.summary(str(moved / "plan.json")).approvals
    assert [(one.name, one.role, one.what) for one in sorted(told, key=lambda one: one.name)] == [
        ("one", "administrator", "plan"),
        ("two", "approver", "plan"),
    ]
    used = {json.loads(one.read_text())["payload"] for one in moved.glob("plan.json.*.sig.json")}
    assert len(used) == 2


def test_who_signed_a_plan_can_be_asked(ready: Path) -> None:
    state = api.approvals(ready / "plan.json")
    assert ({one.person for one in state.approvals}, state.missing) == ({"one", "two"}, 0)
    assert api.approvals(ready / "job.yaml").missing == 2
    sign_by(ready, ready / "mapping", "one")
    assert api.approvals(ready / "mapping").missing == 1


def test_a_signed_plan_that_cannot_be_read_any_more_is_refused(standard: Path) -> None:
    planned(standard)
    plan = standard / "plan.json"
    plan.write_bytes(plan.read_bytes().replace(b'"schema":', b'"schemb":', 1))
    assert "plan.json is no longer the plan that was signed" in refused(standard)


def test_a_plan_whose_mapping_cannot_be_read_any_more_is_refused(standard: Path) -> None:
    planned(standard)
    changed(standard / "mapping" / "services.yaml", "{field: Births, follows", "{field: Birth, follows")
    before = platform(standard)
    with pytest.raises(Refused, match=r"computed from has changed: competence\.yaml"):
        api.apply(standard / "plan.json", 1, quiet)
    assert platform(standard) == before


def test_a_copied_folder_is_a_world_of_its_own(standard: Path, tmp_path: Path) -> None:
    planned(standard)
    copy = tmp_path / "copy"
    shutil.copytree(standard, copy)
    before = platform(standard)
    assert api.apply(copy / "plan.json", 1, quiet).state == "done"
    assert platform(standard) == before
    assert api.verify(str(copy / "plan.run.json"), False, False, quiet).state == "equal"
    assert [one.state for one in api.runs(copy / "job.yaml")] == ["done"]
    assert api.runs(standard / "job.yaml") == []


def test_a_plan_that_was_carried_elsewhere_still_finds_its_job(standard: Path, tmp_path: Path) -> None:
    planned(standard)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in standard.glob("plan.json*"):
        shutil.copy(file, elsewhere)
    assert api.apply(elsewhere / "plan.json", 1, quiet).state == "done"
    assert [one.state for one in api.runs(standard / "job.yaml")] == ["done"]


def test_a_refusal_for_want_of_signatures_leaves_every_byte_of_the_target(standard: Path) -> None:
    unsigned(standard)
    before = (standard / "platform.db").read_bytes()
    refused(standard)
    assert (standard / "platform.db").read_bytes() == before
