"""The rows of system `two`, and what must become of each."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from merger.testing.pairs import values
from merger.testing.pairs.gate import EAST, SOUTH, WORKS
from merger.testing.pairs.kinds import ZONE
from merger.testing.pairs.made import MERGE, MOVE, Made, Row, excluded, held

CLEAN = 40
PEOPLE = {1: "Nguyễn A", 3: "Ai Khác", 5: "Đặng Gờ"}
DUE = datetime(2025, 8, 1, 10, 0, 0, 250000, tzinfo=UTC)
DUE_MS = int(DUE.timestamp() * 1000)


def accounts() -> list[Made]:
    """The same user names as in the other system are other people."""
    return [
        Made({"id": values.uuid(n, 2), "login": name, "full_name": f"Vũ {name}"},
             becomes={"userName": f"{name}@two", "fullName": f"Vũ {name}"})
        for n, name in enumerate(("an", "anh"), start=1)
    ]  # fmt: skip


def people() -> list[Made]:
    """One is the same person as in the other system, one has the same number and is another."""
    told: list[tuple[Row, str]] = [
        ({"id": 1, "name": "Nguyễn A", "id_number": "012345678901", "born": date(1980, 1, 1)}, MERGE),
        ({"id": 3, "name": "Ai Khác", "id_number": "000000001", "born": None}, MOVE),
        ({"id": 5, "name": "Đặng Gờ", "id_number": "022222222222", "born": date(1999, 12, 31)}, MOVE),
    ]
    other = {"id": 4, "name": "Tên Khác", "id_number": "099999999999", "born": date(1971, 1, 1)}
    every = [Made(row, fate, "", _applicant(row) if fate == MOVE else {}) for row, fate in told]
    return [*every, held(other, "same-number-other-person")]


def _applicant(row: Row) -> Row:
    number = None if row["id_number"] == "000000001" else row["id_number"]
    return {"name": row["name"], "idNo": number, "birth": row["born"]}


def record(number: int, name: str, /, **fields: Any) -> Row:
    """A clean pending record. `unit`, `agency`, `service`, `received_by`, `receipts` go into its JSON."""
    meta: Row = {
        "unit": {"code": fields.pop("unit", "10005"), "name": "Hoà"},
        "agency": fields.pop("agency", "Z02.05"),
        "service": fields.pop("service", "1.000003"), "received_by": fields.pop("received_by", "Z02.05"),
        "receipts": fields.pop("receipts", [name]),
    }  # fmt: skip
    row: Row = {
        "id": values.uuid(number, 2), "number": name, "meta": meta, "received": "05/05/2025 08:00:00",
        "due": DUE_MS, "status": "processing", "person_id": None, "owner": "Trần Thị B",
        "address": "số 1", "note": "ổn", "extra": None,
    }  # fmt: skip
    return row | fields


def moved(row: Row, unit: Row = SOUTH, agency: Row = WORKS, **fields: Any) -> Made:
    """A record that is moved, and the row that it becomes."""
    receipts = row["meta"]["receipts"]
    becomes: Row = {
        "number": row["number"], "receipt": receipts[0] if receipts else None, **unit, **agency,
        "receivedBy": row["meta"]["received_by"], "applicantId": PEOPLE.get(row["person_id"]),
        "owner": row["owner"], "address": row["address"], "office": None, "channel": "desk", "origin": "two",
        "received": datetime.strptime(row["received"], "%d/%m/%Y %H:%M:%S"),
        "due": DUE.astimezone(ZONE).replace(tzinfo=None) if row["due"] else None, "signedAt": None,
        "status": row["status"], "handlers": None, "note": "none" if row["note"] is None else row["note"],
        "amount": None, "fee": None, "score": None, "urgent": None, "views": None, "codeNo": None,
        "payload": row["meta"], "external": None, "seal": None, "remark": None,
    }  # fmt: skip
    return Made(row, becomes=becomes | fields)


def records() -> list[Made]:
    """Records of every kind."""
    who = (1, 3, 5, None)
    every = [
        moved(record(n, f"Z02.05-250505-{n:04d}", person_id=who[n % 4], status=("new", "processing")[n % 2],
                     note=values.TEXTS[n % len(values.TEXTS)], due=None if n % 5 == 4 else DUE_MS))
        for n in range(CLEAN)
    ]  # fmt: skip
    committee = {"agency": "Z01.104", "agencyName": "Committee East"}
    south = {"agency": "Z01.105", "agencyName": "Committee South"}
    every += [
        moved(record(100, "number-as-code", unit=10005)),
        moved(record(101, "fee", extra='{"fee": 150000.5}'), amount=Decimal("150000.5")),
        moved(record(102, "no-fee", extra='{"fee": null}')),
        moved(record(103, "no-receipts", receipts=[])),
        moved(
            record(104, "east", unit="10004", agency="Z02.30.20", address="nhà 3, thôn 01"), EAST, committee
        ),
        moved(record(105, "south", unit="10004", agency="Z02.30.20", address="THÔN 10, chợ"), SOUTH, south),
        held(record(106, "nowhere", unit="10004", agency="Z02.30.20", address="không rõ"), "divided"),
        held(record(107, "null-unit", unit=None), "code-missing"),
        held(record(108, "empty-unit", unit=""), "code-missing"),
        held(record(109, "no-unit") | {"meta": {"agency": "Z02.05"}}, "code-missing"),
        held(record(110, "no-meta") | {"meta": None}, "code-missing"),
        held(record(111, "unit-in-lower-case", unit="Hoa"), "code-unknown"),
        held(record(112, "extra-unreadable", extra="không phải JSON"), "unreadable-json"),
        held(record(113, "fee-in-words", extra='{"fee": "012"}'), "altered-by-target"),
        held(record(114, "other-person", person_id=4), "reference-held"),
        held(record(115, "no-person", person_id=99), "orphan"),
        held(record(116, "same-number"), "collision-number"),
        held(record(117, "received-unreadable", unit="10004", received="hôm qua"), "day-unclear"),
        excluded(record(118, "done", status="done"), "finished-stays"),
        moved(record(119, "state-of-its-own", status="Done")),
    ]
    return every


def attachments(records: list[Made]) -> list[Made]:
    """Attachments, found by the key of their record."""
    by_number = {one.row["number"]: one.row["id"] for one in records}
    every = [
        _attachment(n, one.row["id"], f"a/{n}.pdf", values.BYTES[n % len(values.BYTES)], one.row["number"])
        for n, one in enumerate(records[:CLEAN], start=1)
        if n % 2
    ]
    last = 2**62
    every.append(_attachment(last, by_number["east"], "🙂/last.pdf", b"z", "east"))
    stays = {"null-unit": "parent-held", "no-person": "parent-held"}
    for number, (parent, why) in enumerate(stays.items(), start=500):
        every.append(held(_attachment(number, by_number[parent], f"h/{number}.pdf", None, "").row, why))
    every += [
        held(_attachment(600, values.uuid(9999, 2), "orphan.pdf", None, "").row, "orphan"),
        held(_attachment(601, by_number["fee"], "twice.pdf", None, "").row, "collision"),
        held(_attachment(602, by_number["fee"], "twice.pdf", None, "").row, "collision"),
        excluded(_attachment(603, by_number["done"], "done.pdf", b"", "").row, "finished-stays"),
    ]
    return every


def _attachment(number: int, record: Any, path: str, content: bytes | None, name: str) -> Made:
    size = None if content is None else len(content)
    row = {"id": number, "record_id": record, "path": path, "content": content, "size": size}
    return Made(row, becomes={"dossierId": name, "path": f"two/{path}", "content": content, "size": size})


def steps(records: list[Made]) -> list[Made]:
    """Steps with keys that are kept; one has the key of a step of the other system."""
    every = []
    for n, one in enumerate(records[: CLEAN // 4], start=1):
        row = {"id": values.uuid(1000 + n, 2), "record_id": one.row["id"], "order": n,
               "done_at": values.TIMES[n % 5], "note": values.TEXTS[n % len(values.TEXTS)]}  # fmt: skip
        becomes = {"id": row["id"], "dossierId": one.row["number"], "order": n, "doneAt": row["done_at"],
                   "note": row["note"]}  # fmt: skip
        every.append(Made(row, becomes=becomes))
    row = {"id": values.uuid(3000, 0), "record_id": records[0].row["id"], "order": 1, "done_at": None,
           "note": None}  # fmt: skip
    return [*every, held(row, "collision")]


def rows() -> dict[str, list[Made]]:
    """Every row of the system, by dataset."""
    of_records = records()
    return {
        "accounts": accounts(),
        "people": people(),
        "records": of_records,
        "attachments": attachments(of_records),
        "steps": steps(of_records),
    }
