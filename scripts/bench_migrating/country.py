"""The made-up country of the dossiers, and the job, profiles and keys that move them."""

import compileall
import json
import os
import subprocess
import sys
from pathlib import Path

from bench_migrating import dossiers

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("one", "two")
PASSPHRASE = "a passphrase for benchmarks"

SOURCE = """\
schema: merger/profile/1
id: source
datasets:
  dossiers:
    table: dossier
    key: [id]
    personal: [owner, address]
    units: {place: {value: commune, role: place}}
    agencies: {holder: {value: agency, role: holder, place: place}}
    service: service
    dated_by: {column: received, time: iso}
    status: status
    pending: ["1", "4"]
    finished: ["9"]
    number: number
    to: dossiers
    columns:
      number: number
      commune: {decided: place.code}
      province: {decided: place.parent}
      agency: {decided: holder.code}
      service: service
      received: received
      due: due
      status: status
      owner: owner
      address: address
      note: note
      fee: fee
"""
TARGET = """\
schema: merger/profile/1
id: target
datasets:
  dossiers:
    table: dossier
    key: [id]
    keys: {way: block}
    holder_columns: [agency]
    place_columns: [commune, province]
"""
JOB = """\
schema: merger/job/1
id: bench
author: writer
mapping: [mapping]
cutover: 2025-07-10T00:00:00+07:00
target: {{system: platform, profile: target.yaml, database: {target}}}
sources: [{{system: old, profile: source.yaml, database: {source}}}]
policies: {{approvals: 2, stale_codes: resolve}}
"""


def write(folder: Path, source: str, target: str) -> Path:
    """Writes mapping, profiles, job and trusted keys; `source` and `target` are as a job names databases.

    Returns the job's path. The checkout is compiled, as what is installed is.
    """
    compileall.compile_dir(ROOT / "merger", quiet=1)
    mapping = folder / "mapping"
    mapping.mkdir(parents=True)
    for name, document in {"units": _units(), "agencies": _agencies(), "services": _services()}.items():
        (mapping / f"{name}.yaml").write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
    (folder / "source.yaml").write_text(SOURCE, "utf-8")
    (folder / "target.yaml").write_text(TARGET, "utf-8")
    (folder / "job.yaml").write_text(JOB.format(source=source, target=target), "utf-8")
    for name in PEOPLE:
        run(folder, "keys", "new", "--name", name, "--out", str(folder / f"{name}.key"))
    first = folder / f"{PEOPLE[0]}.key"
    for name, role in zip(PEOPLE, ("administrator", "approver"), strict=True):
        public = folder / f"{name}.key.pub"
        run(folder, "trust", "add", str(public), "--role", role, "--key", str(first),
            "--trust", str(folder / "trust.json"))  # fmt: skip
    return folder / "job.yaml"


def sign(folder: Path, plan: Path) -> None:
    """Every signature that the plan needs."""
    for name in PEOPLE:
        run(folder, "sign", str(plan), "--key", str(folder / f"{name}.key"))


def sign_rollback(folder: Path, plan: Path, environment: dict[str, str]) -> None:
    """Signs what allows a plan's run to be taken out again, which the refused command writes."""
    subprocess.run(command("rollback", str(plan)), env=environment, capture_output=True)
    sign(folder, plan.with_name(f"{plan.stem}.rollback.json"))


def command(*arguments: str) -> list[str]:
    """The command line of this checkout's `merger`."""
    return [sys.executable, "-m", "merger", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """What `merger` needs besides: its state beside the job, the passphrase of the keys."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "MERGER_LANG": "en",
        "MERGER_PASSPHRASE": PASSPHRASE,
        "MERGER_STATE": str(folder / "state"),
    }


def run(folder: Path, *arguments: str) -> None:
    """Runs `merger`; raises SystemExit with what it said if it fails."""
    done = subprocess.run(command(*arguments), env=environment(folder), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"merger {' '.join(arguments)}: {done.stdout}{done.stderr}")


def _units() -> dict[str, object]:
    """Every two neighbouring communes become one; the two provinces become the first."""
    share = dossiers.COMMUNES // dossiers.PROVINCES
    codes = [dossiers.commune(number) for number in range(dossiers.COMMUNES)]
    first = dossiers.province(1)
    return {
        "schema": "merger/units/1",
        "id": "units",
        "effective": "2025-07-01",
        "legal_basis": [{"number": "1/ACT", "date": "2025-06-01"}],
        "province": {
            "into": f"{first} Province {first}",
            "from": [f"{code} Province {code}" for code in map(dossiers.province, (1, 2))],
        },
        "districts": [
            {
                "unit": f"{number:03} District {number}",
                "province": dossiers.province(number),
                "communes": codes[(number - 1) * share : number * share],
            }
            for number in (1, 2)
        ],
        "communes": [
            {"clause": at + 1, "into": f"{a} New {a}", "from": [f"{a} Old {a}", f"{b} Old {b}"]}
            for at, (a, b) in enumerate(zip(codes[::2], codes[1::2], strict=True))
        ],
    }


def _agencies() -> dict[str, object]:
    share = dossiers.AGENCIES // dossiers.PROVINCES
    codes = [dossiers.agency(number) for number in range(dossiers.AGENCIES)]
    first = dossiers.province(1)
    common = [{"level": "province", "function": f"function-{at % share + 1}"} for at in range(len(codes))]
    return {
        "schema": "merger/agencies/1",
        "id": "agencies",
        "effective": "2025-07-01",
        "before": [
            {"agency": f"{code} Agency {code}", "unit": dossiers.province(at // share + 1), **common[at],
             "into": codes[at % share]}
            for at, code in enumerate(codes)
        ],
        "after": [
            {"agency": f"{code} Agency {code}", "unit": first, **common[at]}
            for at, code in enumerate(codes[:share])
        ],
    }  # fmt: skip


def _services() -> dict[str, object]:
    codes = [dossiers.service(number) for number in range(dossiers.AGENCIES // dossiers.PROVINCES)]
    return {
        "schema": "merger/services/1",
        "id": "services",
        "fields": [{"field": "Lands", "follows": "land"}],
        "services": [
            {"service": f"{code} Service {code}", "field": "Lands", "levels": ["province"]} for code in codes
        ],
    }
