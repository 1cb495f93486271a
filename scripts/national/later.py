"""The file of the changes after the reorganisation: units that became another kind of unit."""

from datetime import date

from merger.mapping.imported import Draft
from merger.mapping.models import Change, LegalAct, Ref, Title, UnitKind, UnitsFile
from national.counts import counts_of
from national.facts import Facts, Row, full_name, lower_first, paragraphs
from national.reorganisation import EFFECTIVE


def later(facts: Facts, code: str) -> Draft | None:
    """The changes after 1 July 2025 in the new province `code`, if there are any."""
    rows = [row for row in facts.later if _province(facts, row) == code]
    if not rows:
        return None
    province = facts.provinces_new[code]
    acts = sorted({(row["resolution_date"], row["resolution"], row["level"]) for row in rows})
    changes = tuple(sorted(map(_change, rows), key=lambda one: (one.date, one.to.code if one.to else "")))
    file = UnitsFile(
        schema_="merger/units/1",
        id=f"vn-2025-{code}-later",
        title=Title(
            vi=f"Các thay đổi sau ngày 01/7/2025 của {lower_first(full_name(province))}",
            en=f"Later changes of {province['name']}",
        ),
        suppress=facts.suppressed.get(f"vn-2025-{code}-later", ()),
        effective=EFFECTIVE,
        legal_basis=tuple(
            LegalAct(number=number, date=date.fromisoformat(day), on=f"{level}s")
            for day, number, level in acts
        ),
        counts=counts_of(changes),
        changes=changes,
    )
    return Draft(file, {(): _heading(province)})


def _province(facts: Facts, row: Row) -> str:
    return row["code"] if row["level"] == "province" else facts.communes_new[row["code"]]["province_code"]


def _change(row: Row) -> Change:
    return Change(
        date=date.fromisoformat(row["resolution_date"]),
        dated="signed",
        what="rename",
        kind=UnitKind(row["level"]),
        from_=Ref(code=row["code"], name=f"{row['type_2025_07_01']} {row['name']}"),
        to=Ref(code=row["code"], name=f"{row['type_later']} {row['name']}"),
        source=row["resolution"],
    )


def _heading(province: Row) -> list[str]:
    return paragraphs(
        f"""Đơn vị hành chính của {full_name(province)} đổi loại sau ngày 01/7/2025. Mới biết ngày ký nghị
        quyết (`dated: signed`), chưa rõ ngày có hiệu lực; chỉ có một nguồn. Đất, dân và mã giữ nguyên.""",
        """Units that became another kind of unit after 1 July 2025. Only the day on which the resolution
        was signed is known, not the day on which it took effect, and from one source. Land, people and
        codes stay as they were. Made by scripts/make_mappings.""",
    )
