"""The rows of system `one`, and what must become of each."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from merger.testing.pairs import values
from merger.testing.pairs.made import HOLD, MERGE, MOVE, Made, Row, excluded, held

NORTH, SOUTH, EAST, MIDDLE = (
    {"ward": "10001", "wardName": "Commune North", "province": "01"},
    {"ward": "10005", "wardName": "Commune South", "province": "01"},
    {"ward": "10004", "wardName": "Commune East", "province": "01"},
    {"ward": "10003", "wardName": "Commune Middle", "province": "01"},
)
LANDS = {"agency": "Z01.05", "agencyName": "Lands"}
WORKS = {"agency": "Z01.06", "agencyName": "Works"}
CLEAN = 60
STATES = {1: "new", 4: "processing", 9: "done"}
CHANNELS = {"Hòa": "first", "Hoa": "second", None: None}
OFFICES = {"p1": "Phòng 1", "Hòa": "Phòng Hòa"}
PEOPLE = {"c1": "Nguyễn A", "c2": "Trần Bê", "c3": "Ai Đó", "c 5": "Lê Hòa", "c\\N": 'Đỗ "B"', "Đ6": "🙂"}


def citizens() -> list[Made]:
    """People: moved, merged into the platform's own or into each other, held as other persons."""
    nfd = normalize("NFD", "Phạm Hòa")
    told: list[tuple[Row, str, str]] = [
        ({"id": "c1", "name": "Nguyễn A", "idno": "012345678901", "birth": "01/01/1980"}, MOVE, ""),
        ({"id": "c2", "name": "Trần Bê", "idno": "012345678999", "birth": "31/12/1990"}, MERGE, ""),
        ({"id": "c3", "name": "Ai Đó", "idno": "000000001", "birth": None}, MOVE, ""),
        ({"id": "c 5", "name": "Lê Hòa", "idno": None, "birth": "29/02/1984"}, MOVE, ""),
        ({"id": "c\\N", "name": 'Đỗ "B"', "idno": "077777777777", "birth": ""}, MOVE, ""),
        ({"id": "Đ6", "name": "🙂", "idno": "066666666666", "birth": None}, MOVE, ""),
        ({"id": "c4", "name": "Khác Tên", "idno": "099999999999", "birth": "01/01/1970"}, HOLD,
         "same-number-other-person"),
        ({"id": "c7", "name": "Phạm Hòa", "idno": "055555555555", "birth": "02/03/1975"}, HOLD,
         "same-number-other-person"),
        ({"id": "c8", "name": nfd, "idno": "055555555555", "birth": "02/03/1975"}, HOLD,
         "same-number-other-person"),
        ({"id": "c9", "name": "Bùi Cờ", "idno": "044444444444", "birth": "30/02/1980"}, HOLD,
         "unreadable-time"),
        ({"id": "e1", "name": "Võ Dê", "idno": "033333333333", "birth": "05/05/1965"}, MOVE, ""),
        ({"id": "e2", "name": "Võ Dê", "idno": "033333333333", "birth": "05/05/1965"}, MERGE, ""),
    ]  # fmt: skip
    return [Made(row, fate, why, _applicant(row) if fate == MOVE else {}) for row, fate, why in told]


def _applicant(row: Row) -> Row:
    day = datetime.strptime(row["birth"], "%d/%m/%Y").date() if row["birth"] else None
    number = None if row["idno"] == "000000001" else row["idno"]
    return {"name": row["name"], "idNo": number, "birth": day}


def officers() -> list[Made]:
    """User names belong to their system; one would be a name that the platform has already."""
    names = {2: "anh", 3: "bình.nv", 7: "an"}
    return [
        Made({"id": number, "user_name": name, "full_name": f"Lê {name} 🙂"},
             becomes={"userName": f"{name}@one", "fullName": f"Lê {name} 🙂"})
        for number, name in names.items()
    ] + [held({"id": 9, "user_name": "own", "full_name": "Lê Khác"}, "collision")]  # fmt: skip


def dossier(name: str, /, **fields: Any) -> Row:
    """A clean pending dossier with the key `d-<name>`, with what the caller changes."""
    row: Row = {
        "id": f"d-{name}", "number": name, "receipt": f"BN-{name}", "commune": "10002", "agency": "Z01.05",
        "received_by": "Z01.05", "service": "1.000002.000.00.00.Z01", "received": datetime(2025, 5, 5, 8),
        "due": "01/08/2025 17:00:00", "signed_at": None, "status": 4, "citizen_id": None,
        "owner": "Nguyễn Văn A", "address": "12 đường Chợ", "office_id": "p1", "kind": None, "channel": None,
        "handlers": "an##anh", "process": None, "note": "ghi chú 🙂", "amount": Decimal("12.50"), "fee": None,
        "score": None, "urgent": True, "views": 1, "code_no": "12", "payload": {"a": 1}, "external": None,
        "seal": None,
    }  # fmt: skip
    return row | fields


def moved(row: Row, unit: Row = NORTH, agency: Row = LANDS, **fields: Any) -> Made:
    """A dossier that is moved, and the row that it becomes."""
    handlers = row["handlers"]
    due = datetime.strptime(row["due"], "%d/%m/%Y %H:%M:%S") if row["due"] else None
    becomes: Row = {
        "number": row["number"], "receipt": row["receipt"], **unit, **agency,
        "receivedBy": row["received_by"], "applicantId": PEOPLE.get(row["citizen_id"]), "owner": row["owner"],
        "address": row["address"], "office": OFFICES.get(row["office_id"]), "origin": "one",
        "channel": CHANNELS[row["channel"]], "received": row["received"], "due": due,
        "signedAt": row["signed_at"],
        "status": STATES[row["status"]],
        "handlers": "##".join(f"{one}@one" for one in handlers.split("##")) if handlers else handlers,
        "note": row["note"], "amount": row["amount"], "fee": row["fee"], "score": row["score"],
        "urgent": row["urgent"], "views": row["views"],
        "codeNo": None if row["code_no"] is None else int(row["code_no"]), "payload": row["payload"],
        "external": row["external"], "seal": row["seal"], "remark": None,
    }  # fmt: skip
    return Made(row, becomes=becomes | fields)


def dossiers() -> list[Made]:
    """Dossiers of every kind."""
    every = [_clean(number) for number in range(CLEAN)]
    every += [moved(row, *there) for row, there in _odd_but_clear()]
    every += [held(row, why) for row, why in _held()]
    every += [
        excluded(dossier("finished", status=9), "finished-stays"),
        excluded(dossier("finished-without-codes", status=9, commune=None, agency=None), "finished-stays"),
        excluded(dossier("trial", kind="Thử"), "trial-stays"),
    ]
    return every


def _clean(number: int) -> Made:
    def one(of: Sequence[Any]) -> Any:
        return of[number % len(of)]

    people = [*PEOPLE, None, ""]
    return moved(
        dossier(
            f"Z01.05-250505-{number:04d}", citizen_id=people[number % len(people)], note=one(values.TEXTS),
            amount=one(values.AMOUNTS), fee=one(values.LARGE), score=one(values.FLOATS),
            views=one(values.BIG), urgent=one(values.FLAGS), received=one(values.TIMES),
            signed_at=one(values.MOMENTS), payload=one(values.DOCUMENTS), seal=one(values.BYTES),
            external=None if number % 3 == 0 else values.uuid(number), status=(1, 4)[number % 2],
            handlers=("an##anh", "anh", "", None)[number % 4],
            office_id=("p1", None, "Hòa", "Hoa", "P1")[number % 5],
            channel=(None, "Hòa", "Hoa")[number % 3], due=("01/08/2025 17:00:00", "", None)[number % 3],
            code_no=("12", None, "0", "-5")[number % 4],
        )
    )  # fmt: skip


def _odd_but_clear() -> list[tuple[Row, tuple[Row, ...]]]:
    """Rows with odd codes, times or references that say all the same where they belong."""
    return [
        (dossier("composed", commune="Hòa"), (NORTH,)),
        (dossier("other-mark", commune="Hoà"), (SOUTH,)),
        (dossier("people-together", commune="10003", service="1.000001.Z01", agency="Z01.30"),
         (MIDDLE, {"agency": "Z01.103", "agencyName": "Committee Middle"})),
        (dossier("works", service="1.000003", agency="000.00.30.Z01"), (NORTH, WORKS)),
        (dossier("former-agency", agency="000.00.05.Z01", note=None, process="p-1"), ()),
        (dossier("july", commune="10001", received=datetime(2025, 7, 5, 8)), ()),
        (dossier("doubtful-but-same", commune="10001", received=datetime(2025, 7, 1, 8)), ()),
        (dossier("stale", received=datetime(2025, 7, 5, 8)), ()),
        (dossier("undated-one-way", received=None), ()),
        (dossier("trial-in-lower-case", kind="thử"), ()),
        (dossier("trial-without-mark", kind="Thu"), ()),
        (dossier("trial-and-blank", kind="Thử "), ()),
        (dossier("Ngăn-Hòa", receipt="Biên-Hòa"), ()),
        (dossier("Ngăn-2", receipt="Biên-Hoà"), ()),
        (dossier("Ngăn-3", receipt="biên-hòa"), ()),
        (dossier("twice-1", receipt="same-receipt"), ()),
        (dossier("twice-2", receipt="same-receipt"), ()),
        (dossier("no-receipt", receipt=None), ()),
    ]  # fmt: skip


def _held() -> list[tuple[Row, str]]:
    return [
        (dossier("no-mark", commune="Hoa"), "code-unknown"),
        (dossier("acute", commune="Hóa"), "code-unknown"),
        (dossier("decomposed", commune=normalize("NFD", "Hòa")), "code-unknown"),
        (dossier("lower-case", commune="hòa"), "code-unknown"),
        (dossier("blank-after", commune="10002 "), "code-unknown"),
        (dossier("wide-digits", commune="１０００２"), "code-unknown"),
        (dossier("agency-in-lower-case", agency="z01.05"), "malformed"),
        (dossier("agency-and-blank", agency="Z01.05 "), "malformed"),
        (dossier("agency-missing", agency=""), "code-missing"),
        (dossier("unknown-unit", commune="99999"), "code-unknown"),
        (dossier("empty-unit", commune=""), "code-missing"),
        (dossier("null-unit", commune=None), "code-missing"),
        (dossier("blank-unit", commune=" "), "code-empty"),
        (dossier("land-divided", commune="10003"), "divided"),
        (dossier("person-decides", service="1.000004", agency="Z01.30"), "person-decides"),
        (dossier("no-rule", service=None, agency="Z01.30"), "no-rule"),
        (dossier("day-unclear", commune="10003", received=datetime(2025, 7, 1, 8)), "day-unclear"),
        (dossier("undated-two-ways", commune="10003", received=None), "day-unclear"),
        (dossier("untranslated", status=77), "untranslated"),
        (dossier("untranslated-mark", channel="Hoà"), "untranslated"),
        (dossier("untranslated-case", channel="hoa"), "untranslated"),
        (dossier("untranslated-blank", channel="Hoa "), "untranslated"),
        (dossier("due-unreadable", due="soon"), "unreadable-time"),
        (dossier("due-impossible", due="30/02/2025 17:00:00"), "unreadable-time"),
        (dossier("number-altered", code_no="012"), "altered-by-target"),
        (dossier("other-person", citizen_id="c4"), "reference-held"),
        (dossier("no-citizen", citizen_id="c99"), "orphan"),
        (dossier("citizen-in-capitals", citizen_id="C1"), "orphan"),
        (dossier("citizen-and-blank", citizen_id="c1 "), "orphan"),
        (dossier("citizen-without-mark", citizen_id="D6"), "orphan"),
        (dossier("same-number"), "collision-number"),
        (dossier("own", number="Z01.101-250702-0001"), "collision-number"),
    ]


def files(dossiers: list[Made]) -> list[Made]:
    """Files of clean dossiers, and files whose dossier stays, is unknown, or may be one of several."""
    every = [
        file(n, one.row["receipt"], f"a/{n}.pdf", values.BYTES[n % len(values.BYTES)], one.row["number"])
        for n, one in enumerate(dossiers[:CLEAN], start=1)
        if n % 3
    ]
    every += [
        file(2**53 + 1, "Biên-Hòa", "Biên-Hòa.pdf", b"1", "Ngăn-Hòa"),
        file(2**53 + 2, "Biên-Hoà", "c 🙂.pdf", b"2", "Ngăn-2"),
        file(2**53 + 3, "biên-hòa", "d\\e.pdf", b"3", "Ngăn-3"),
    ]
    stays = {
        "nobody": "orphan", "BIÊN-HÒA": "orphan", "Biên-Hòa ": "orphan", "": "orphan", None: "orphan",
        "BN-unknown-unit": "parent-held", "BN-other-person": "parent-held", "BN-same-number": "parent-held",
        "same-receipt": "ambiguous-reference",
    }  # fmt: skip
    for number, (receipt, why) in enumerate(stays.items(), start=500):
        every.append(held(file(number, receipt, f"h/{number}.pdf", None, "").row, why))
    every.append(excluded(file(600, "BN-finished", "f.pdf", b"", "").row, "finished-stays"))
    every.append(excluded(file(601, "BN-trial", "t.pdf", b"", "").row, "trial-stays"))
    every.append(held(file(602, "BN-works", "own.pdf", b"", "").row, "collision"))
    return every


def file(number: int, receipt: str | None, path: str, content: bytes | None, dossier: str) -> Made:
    """A file that is moved with the dossier that has its receipt."""
    size = None if content is None else len(content)
    row = {"id": number, "receipt": receipt, "path": path, "content": content, "size": size}
    return Made(row, becomes={"dossierId": dossier, "path": f"one/{path}", "content": content, "size": size})


def steps(dossiers: list[Made]) -> list[Made]:
    """Steps with keys that are kept."""
    every = []
    for n, one in enumerate(dossiers[: CLEAN // 2], start=1):
        row = {"id": values.uuid(1000 + n), "dossier_id": one.key, "order": n, "done_at": values.TIMES[n % 5],
               "note": values.TEXTS[n % len(values.TEXTS)]}  # fmt: skip
        every.append(Made(row, becomes=step_row(row, one.row["number"])))
    every.append(held(FIRST_HELD_STEP, "parent-held"))
    for number, parent in enumerate(("nobody", "D-WORKS", None), start=2001):
        every.append(held(_bare_step(number, parent), "orphan"))
    for number in (3000, 3001):
        every.append(held(_bare_step(number, "d-works", 0), "collision"))
    every.append(excluded(_bare_step(4000, "d-finished"), "finished-stays"))
    return every


def step(number: int, dossier: Made) -> Made:
    """A step of a moved dossier."""
    row = _bare_step(number, dossier.key)
    return Made(row, becomes=step_row(row, dossier.row["number"]))


def step_row(row: Row, number: str) -> Row:
    """What a step of the dossier with this number becomes."""
    return {"id": row["id"], "dossierId": number, "order": row["order"], "doneAt": row["done_at"],
            "note": row["note"]}  # fmt: skip


def _bare_step(number: int, parent: str | None, system: int = 1) -> Row:
    key = values.uuid(number, system)
    return {"id": key, "dossier_id": parent, "order": 1, "done_at": None, "note": None}


FIRST_HELD_STEP = _bare_step(2000, "d-acute")
"""A step whose dossier is held at first."""


def rows() -> dict[str, list[Made]]:
    """Every row of the system, by dataset."""
    of_dossiers = dossiers()
    return {
        "officers": officers(),
        "citizens": citizens(),
        "dossiers": of_dossiers,
        "files": files(of_dossiers),
        "steps": steps(of_dossiers),
    }


BORN = date(1990, 12, 31)
"""When the platform's own applicant was born, into whom `c2` is merged."""
