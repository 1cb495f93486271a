"""Every page that the office has, once it ran a plan, took a decision and planned anew."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from merger.migrate import api
from merger.review import Settings
from merger.review.plans import naming, settling
from merger.review.plans.groups import groups_of
from merger.review.plans.settling import Choice
from merger.review.web.accounts import Accounts
from merger.review.web.desk import Desk
from tests.review.browser.office import COMMUNE, INTO, PASSPHRASE, PASSWORD, SIGNERS

EVERY_ROLE = ("administrator", "approver", "auditor", "decider", "operator", "reader")


def make_worked(folder: Path) -> Path:
    """The office's folder after its work: `plan.json` was run and verified; a decision was taken that nobody
    signed; `plan-2.json` waits; somebody has every role."""
    for account in SIGNERS:
        api.sign(folder / "plan.json", folder / f"{account}.key", PASSPHRASE, datetime.now(UTC))
    api.apply(folder / "plan.json", 1, lambda *_: None)
    api.verify(str(folder / "plan.json"), False, False, lambda *_: None)
    job, plan = folder / "job.yaml", api.load_plan(folder / "plan.json")
    choice = Choice({"place": INTO}, "", "lan", "Biên bản họp số 12")
    written = settling.decide(job, plan, groups_of(plan)[0].holds, choice, date(2025, 7, 10), "vi")
    naming.write(job, written.path, naming.new_text(job, written.path).before)
    api.make_plan(job, folder / "plan-2.json", (), False, lambda *_: None)
    Accounts(Settings(folder).accounts_file).add("mai", EVERY_ROLE, PASSWORD)
    return folder


class Places:
    """Addresses by the pages' names. `who` sees a page: an account, or "" for a stranger."""

    def __init__(self, folder: Path) -> None:
        desk = Desk(Settings(folder))
        self.job = desk.identifier(folder / "job.yaml")
        self.plan = desk.identifier(folder / "plan.json")
        self.newer = desk.identifier(folder / "plan-2.json")
        self.group = groups_of(api.load_plan(folder / "plan.json"))[0].id

    def address(self, name: str) -> str:
        return PLACES[name][1](self)


PLACES: Mapping[str, tuple[str, Callable[[Places], str]]] = {
    "sign-in": ("", lambda _: "/sign-in"),
    "home": ("mai", lambda _: "/"),
    "missing": ("mai", lambda _: "/mapping/0000000000000000"),
    "password": ("mai", lambda _: "/password"),
    "accounts": ("mai", lambda _: "/accounts"),
    "mapping-list": ("mai", lambda _: "/mapping"),
    "mapping-overview": ("mai", lambda at: f"/mapping/{at.job}"),
    "mapping-search": ("mai", lambda at: f"/mapping/{at.job}/search?q=phong+phu"),
    "mapping-province": ("mai", lambda at: f"/mapping/{at.job}/province?of=68"),
    "mapping-unit": ("mai", lambda at: f"/mapping/{at.job}/unit?kind=commune&code={COMMUNE}&since=start"),
    "mapping-findings": ("mai", lambda at: f"/mapping/{at.job}/findings"),
    "mapping-changes": ("mai", lambda at: f"/mapping/{at.job}/changes"),
    "mapping-files": ("mai", lambda at: f"/mapping/{at.job}/files"),
    "plans": ("mai", lambda _: "/plans"),
    "plan": ("mai", lambda at: f"/plans/{at.plan}"),
    "plan-where": ("mai", lambda at: f"/plans/{at.plan}/where?q=phong+phu"),
    "plan-changes": ("mai", lambda at: f"/plans/{at.newer}/changes"),
    "holds": ("mai", lambda at: f"/plans/{at.plan}/holds"),
    "hold-group": ("mai", lambda at: f"/plans/{at.plan}/holds/{at.group}"),
    "decisions": ("mai", lambda at: f"/plans/decisions/{at.job}"),
    "plan-waiting": ("mai", lambda at: f"/plans/{at.newer}"),
    "runs": ("mai", lambda _: "/runs"),
    "run-waiting": ("mai", lambda at: f"/runs/{at.newer}"),
    "run": ("mai", lambda at: f"/runs/{at.plan}"),
    "run-verification": ("mai", lambda at: f"/runs/{at.plan}/verification"),
    "run-rollback": ("mai", lambda at: f"/runs/{at.plan}/rollback"),
    "handover": ("mai", lambda _: "/handover"),
    "handover-plan": ("mai", lambda at: f"/handover/{at.plan}"),
    "handover-agency": ("mai", lambda at: f"/handover/{at.plan}/agency?side=old&code=H98.07"),
    "handover-record": ("mai", lambda at: f"/handover/{at.plan}/record?side=old&code=H98.07"),
    "handover-report": ("mai", lambda at: f"/handover/{at.plan}/report"),
    "trail": ("mai", lambda _: "/trail?who=an"),
    "trail-verify": ("mai", lambda _: "/trail/verify"),
    "keys": ("an", lambda _: "/keys"),
    "sign": ("an", lambda at: f"/keys/sign/{at.newer}"),
    "exact-bytes": ("an", lambda at: f"/keys/exact/{at.newer}/0"),
}
