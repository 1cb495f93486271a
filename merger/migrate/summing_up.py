"""What a report shows of a plan or a run; and the work list of dossiers whose workflow cannot be copied."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import sqlalchemy as sa

from merger.approval import trail
from merger.mapping.models import LegalAct, Title
from merger.migrate import signatures
from merger.migrate.campaign import Campaign
from merger.migrate.failpoints import reach
from merger.migrate.files import read_json
from merger.migrate.filing import LedgerFiles
from merger.migrate.groups import is_running
from merger.migrate.isolation import read_back
from merger.migrate.ledger import Ledger
from merger.migrate.ledger.entries import Run
from merger.migrate.model import AgencyName, FilesInTarget, Plan, Summary, Verification
from merger.migrate.runfile import target_of
from merger.migrate.stage import Stage
from merger.migrate.survey import Survey
from merger.migrate.verifying import run_of
from merger.migrate.workbench import Workbench
from merger.migrate.writing import sha256_of, write_whole


def summary(given: str) -> Summary:
    """Everything a report shows of a plan, or of a run with what was verified and who approved it."""
    target = target_of(given)
    campaign = Campaign(target.job_file)
    run: Run | None = None
    anchor = ""
    isolation: dict[str, str] = {}
    with Workbench(campaign) as bench:
        ledger = bench.ledger
        if target.plan_file is not None and target.plan_file.is_file():
            plan, content = read_json(target.plan_file, Plan)
            run = ledger.run_of_plan(sha256_of(content))
        else:
            run = run_of(given).run
            content = ledger.plan_of(run.id)
            plan = Plan.model_validate_json(content)
        approved = list(signatures.of_run(ledger, run, target.plan_file)) if run else []
        files = list(_files(bench, plan, run)) if run else []
        if records := ledger.records():
            last = trail.anchor(records)
            anchor = f"{last.seq}:{last.hash}"
        for record in records:
            if run and record.action == "run-done" and record.detail.get("run") == run.id:
                isolation = read_back(record.detail)
    if run is None and target.plan_file is not None:
        approved = list(signatures.of_plan(campaign, target.plan_file, plan, content))
    digests = {"plan": sha256_of(content), "job": plan.digests.job, "mapping": plan.digests.mapping}
    digests |= {f"profile {name}": value for name, value in plan.digests.profiles.items()}
    digests["target-schema"] = plan.target_schema
    for system, one in plan.source_fingerprints.items():
        prints = {"schema": one.schema_, "combinations": one.combinations, "content": one.content}
        digests |= {f"source-{name} {system}": value for name, value in prints.items() if value}
    counted = [one for part in plan.datasets for one in part.by_agency]
    return Summary(
        what="run" if run else "plan",
        id=run.id if run else plan.id,
        state=run.state if run else "planned",
        job=plan.job,
        title=campaign.job.title,
        kind=plan.kind,
        scope=plan.scope,
        author=plan.author,
        cutover=plan.cutover,
        made=datetime.fromisoformat(run.started) if run else plan.created,
        ended=datetime.fromisoformat(run.ended) if run and run.ended else None,
        legal_basis=tuple(_legal_basis(campaign)),
        digests=digests,
        approvals=tuple(approved),
        approvals_before=tuple(signatures.of_definitions(campaign)),
        approvals_needed=plan.approvals_needed,
        datasets=tuple(
            one.model_copy(update={"parts": (), "outcomes": (), "decisions": (), "exceptions": ()})
            for one in plan.datasets
        ),
        holds=plan.holds,
        verification=Verification.model_validate_json(run.verification) if run and run.verification else None,
        flows=plan.flows,
        due=plan.due,
        old_agencies=tuple(
            _names(campaign, {flow.from_agency for flow in plan.flows} | {one.old for one in counted})
        ),
        new_agencies=tuple(
            _names(
                campaign, {flow.to_agency for flow in plan.flows} | {one.new for one in counted if one.moved}
            )
        ),
        services={
            root: campaign.services.facts(root).name for root in sorted({one.service for one in plan.flows})
        },
        titles=dict(_titles(campaign)),
        work_list=sum(one.running for one in plan.flows),
        files=tuple(files),
        isolation=isolation or plan.isolation,
        untried={} if run else plan.untried,
        caveats=plan.caveats,
        trail_anchor=anchor,
    )


def _files(bench: Workbench, plan: Plan, run: Run) -> Iterable[FilesInTarget]:
    """What became of the files of a run, of the datasets that were to move some."""
    book = LedgerFiles(bench.target, bench.ledger)
    for part in plan.datasets:
        if not part.files:
            continue
        found = book.counts(bench.ledger.dataset_id(part.system, part.dataset), run.id)
        waiting = sum(found.states.get(state, 0) for state in ("pending", "copying"))
        yield FilesInTarget(
            system=part.system, dataset=part.dataset, copied=found.states.get("done", 0), bytes=found.bytes,
            there=found.states.get("there", 0), held=found.states.get("held", 0), waiting=waiting,
            held_by_reason=found.held,
        )  # fmt: skip


def work_list(given: str, out: Path) -> int:
    """Writes the dossiers that were moved and whose running workflow the new platform's officers must
    start again, as CSV. It names dossiers by number: for those officers, not for sharing."""
    of = run_of(given)
    campaign = of.campaign
    written = 0
    file = StringIO(newline="")
    with Workbench(campaign) as bench:
        survey = Survey(campaign, bench.target, bench.ledger)
        writer = csv.writer(file)
        writer.writerow(["agency", "agency_name", "target_dataset", "target_key", "number", "system"])
        for source in campaign.sources:
            with bench.source(source) as store:
                for stage in survey.follow(source, store, of.plan).stages.values():
                    if stage.dataset.workflow is not None:
                        for code, key, text in _running(stage, bench.ledger):
                            name = next((one.name for one in _names(campaign, {code})), "")
                            writer.writerow([code, name, stage.dataset.to, key, _safe(text), source.system])
                            written += 1
    reach("before-work-list")
    write_whole(out, file.getvalue().encode("utf-8-sig"))
    reach("after-work-list")
    return written


def _running(stage: Stage, ledger: Ledger) -> list[tuple[str, object, str | None]]:
    """(new agency, the target's key, number) of the moved rows that are bound to a running workflow."""
    dataset = stage.dataset
    assert dataset.workflow is not None
    staged = stage.staged()
    none = sa.cast(sa.literal(""), sa.Text)
    holder = next((name for name in stage.gives if name.endswith(".code")
                   and name.removesuffix(".code") in dataset.agencies), "")  # fmt: skip
    agency = stage.root.given(staged.gives)[holder] if holder else none
    number = staged.row.value(dataset.number).as_text if dataset.number else none
    asked = (
        sa.select(agency, staged.row.key_text, number)
        .select_from(staged.row.source)
        .where(staged.state.is_(None), is_running(staged.row, dataset.workflow))
    )
    found = stage.store.connection.execute(asked).all()
    moved = ledger.target_keys(stage.system, stage.name, [key for _, key, _ in found])
    rows = [(code or "", moved[key], text) for code, key, text in found if key in moved]
    return sorted(rows, key=lambda row: (row[0], str(row[1]).zfill(20)))


def _safe(text: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    words = str(text or "")
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


def _legal_basis(campaign: Campaign) -> Iterable[LegalAct]:
    mapping = campaign.mapping.mapping
    acts = [act for file in mapping.units for act in file.legal_basis]
    acts += [act for file in mapping.agencies for act in file.legal_basis]
    acts += [act for file in mapping.competence for act in file.legal_basis]
    return dict.fromkeys(acts)


def _titles(campaign: Campaign) -> Iterable[tuple[str, Title]]:
    yield from ((f"rule {one.rule}", one.title) for one in campaign.job.exclude if one.title)
    of_jobs = {one.system: one.title for one in (*campaign.job.sources, campaign.job.target)}
    for source in (*campaign.sources, campaign.target):
        if title := of_jobs[source.system] or source.profile.title:
            yield source.system, title
        for name, dataset in source.profile.datasets.items():
            if dataset.title:
                yield f"{source.system}/{name}", dataset.title
            for state, title in dataset.states.items():
                yield f"state {source.system}/{name} {state}", title


def _names(campaign: Campaign, codes: set[str]) -> Iterable[AgencyName]:
    for code in sorted(codes):
        known = campaign.agencies.agency_at(code, campaign.day) or campaign.agencies.agency_at(code, date.min)
        name = known.agency.name if known else ""
        yield AgencyName(code=code, name=name, former=known.former if known else "")
