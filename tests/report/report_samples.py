"""Made-up plans and summaries."""

from datetime import UTC, date, datetime

from merger.mapping.models import LegalAct, Title
from merger.migrate.model import (
    AgencyCount,
    AgencyName,
    Approval,
    Candidate,
    Check,
    DatasetChecks,
    DatasetPlan,
    Difference,
    Digests,
    Fingerprint,
    Flow,
    Hold,
    Plan,
    SideTotal,
    Summary,
    UnitCount,
    Verification,
)

DAY = datetime(2025, 7, 1, 0, 30, tzinfo=UTC)
NASTY = "<script>alert('x')</script>"

HOLDS = (
    Hold(
        id="h1",
        system="old-a",
        dataset="dossier",
        codes={"place": "00101", "service": "1.000001", "office": None},
        reason="divided",
        rows=7,
        candidates=(
            Candidate(field="place", code="00201", name="Xã Một"),
            Candidate(field="place", code="00202", name="Xã Hai"),
        ),
    ),
    Hold(id="h2", system="old-a", dataset="dossier", codes={"place": "99999"}, reason="unknown", rows=2),
    Hold(id="h3", system="old-a", dataset="step", codes={}, reason="orphan", rows=1),
    Hold(
        id="h4",
        system="old-b",
        dataset="dossier",
        codes={"place": "", "office": "A01"},
        reason="divided",
        rows=3,
        candidates=(
            Candidate(field="place", code="00201", name="Xã Một"),
            Candidate(field="office", code="B01", name="Văn phòng"),
        ),
    ),
)

DATASETS = (
    DatasetPlan(
        system="old-a",
        dataset="dossier",
        target="work",
        in_scope=1020,
        to_move=1000,
        held=9,
        excluded={"not-pending": 10, "=cmd()": 1},
        held_by_reason={"divided": 7, "unknown": 2},
        collisions=3,
        batches=2,
        by_unit=(
            UnitCount(unit="00101", name="Xã Cũ", in_scope=1018, moved=1000, held=7, excluded=11),
            UnitCount(unit="unknown", in_scope=2, moved=0, held=2, excluded=0),
        ),
        by_agency=(
            AgencyCount(
                old="A01", held={"divided": 7, "unknown": 2}, excluded={"not-pending": 10, "=cmd()": 1}
            ),
            AgencyCount(old="A01", new="B01", moved=600),
            AgencyCount(old="A01", new="B02", moved=400),
        ),
    ),
    DatasetPlan(
        system="old-b",
        dataset="dossier",
        target="work",
        in_scope=5,
        to_move=2,
        held=3,
        excluded={},
        held_by_reason={"divided": 3},
        collisions=0,
        batches=1,
        by_unit=(UnitCount(unit="unknown", in_scope=5, moved=2, held=3, excluded=0),),
    ),
)

SUMMARY = Summary(
    what="run",
    id="run-1",
    state="done",
    job="made-up",
    title=Title(vi="Sáp nhập thử", en="A trial merger"),
    cutover=DAY,
    made=DAY,
    legal_basis=(LegalAct(number="1/2025/QH15", date=date(2025, 6, 12), on="provinces"),),
    digests={"plan": "ab" * 32},
    approvals=(
        Approval(
            name="Người Ký Một",
            role="Chánh Văn phòng",
            what="plan",
            when=DAY,
            keyid="3" * 64,
            statement="4" * 32,
            envelope="5" * 64,
        ),
    ),
    approvals_before=(
        Approval(name="Người Ký Hai", role="approver", what="mapping", when=DAY, keyid="6" * 64),
    ),
    approvals_needed=2,
    datasets=DATASETS,
    holds=HOLDS,
    verification=Verification(
        when=DAY,
        state="different",
        strength="full",
        datasets=(
            DatasetChecks(
                system="old-a",
                dataset="dossier",
                rows=1000,
                expected=SideTotal(rows=1001, fold="1" * 64),
                found=SideTotal(rows=1000, fold="2" * 64),
                checks=(
                    Check(code="conservation", state="ok"),
                    Check(code="cells", state="failed", detail="1"),
                ),
            ),
        ),
        differences=(Difference(system="old-a", dataset="dossier", key="17", column="due", kind="changed"),),
    ),
    flows=(
        Flow(
            dataset="dossier",
            system="old-a",
            from_agency="A01",
            to_agency="B01",
            service="1.000001",
            state="processing",
            rows=600,
            overdue=4,
            due_soon=5,
            running=21,
        ),
        Flow(dataset="dossier", system="old-a", from_agency="A01", to_agency="B02", state="new", rows=400),
    ),
    due=((4, 2, 3, 10, 81, 500), (0, 0, 0, 0, 0, 400)),
    old_agencies=(
        AgencyName(code="A01", name=f"Phòng {NASTY}", former="000.00.01.A"),
        AgencyName(code="A02", name="Phòng Không Việc"),
    ),
    new_agencies=(AgencyName(code="B01", name="Sở Một"), AgencyName(code="B02", name="Sở Hai")),
    services={"1.000001": "Cấp giấy phép"},
    titles={
        "old-a": Title(vi="Cũ A", en="Old A"),
        "old-a/dossier": Title(vi="Hồ sơ", en="Dossiers"),
        "state old-a/dossier processing": Title(vi="Đang xử lý", en="In progress"),
    },
    work_list=21,
    trail_anchor="cd" * 32,
)

PLAN = Plan(
    schema="merger/plan/1",
    id="p-20250630",
    job="made-up",
    job_file="job.yaml",
    author="Người Lập",
    kind="bulk",
    cutover=DAY,
    created=DAY,
    digests=Digests(job="0" * 64, mapping="1" * 64, profiles={}, engine="2" * 64),
    source_fingerprints={"old-a": Fingerprint(schema="s", combinations="c")},
    target_schema="t",
    datasets=DATASETS,
    holds=HOLDS,
    approvals_needed=2,
)
DIGEST = "ef" * 32
