"""The file of one new province: the reorganisation of 1 July 2025."""

from collections.abc import Sequence
from datetime import date

from merger.mapping.imported import Draft
from merger.mapping.models import (
    Area,
    DistrictEntry,
    Land,
    LegalAct,
    People,
    Predecessor,
    ProvinceEntry,
    Title,
    UnitEntry,
    UnitsFile,
)
from merger.mapping.tree import Loc
from national.clause import positions
from national.counts import counts
from national.disagreements import disagreements, people_and_land
from national.facts import Facts, Row, full_name, lower_first, paragraphs, ref

EFFECTIVE = date(2025, 7, 1)
PROVINCES_ACT = LegalAct(number="202/2025/QH15", date=date(2025, 6, 12), on="provinces")


def reorganisation(facts: Facts, code: str) -> Draft:
    """What became of everything in the old provinces that the new province `code` is made of."""
    province = facts.provinces_new[code]
    old = facts.old_provinces(code)
    units = facts.new_of[code]
    acts = sorted({(row["resolution"], row["resolution_date"]) for row in units})
    by_law = [PROVINCES_ACT] if province["resolution"] == PROVINCES_ACT.number else []
    file = UnitsFile(
        schema_="merger/units/1",
        id=f"vn-2025-{code}",
        title=Title(
            vi=f"Sắp xếp đơn vị hành chính {lower_first(full_name(province))} năm 2025",
            en=f"Reorganisation of {province['name']} in 2025",
        ),
        suppress=facts.suppressed.get(f"vn-2025-{code}", ()),
        effective=EFFECTIVE,
        legal_basis=(
            *by_law,
            *(LegalAct(number=number, date=date.fromisoformat(day), on="communes") for number, day in acts),
        ),
        counts=counts(facts, code),
        province=ProvinceEntry(
            into=ref(province), from_=tuple(Predecessor(unit=ref(facts.provinces_old[one])) for one in old)
        ),
        districts=tuple(
            _district(facts, row) for row in facts.districts.values() if row["province_code"] in old
        ),
        communes=tuple(_entry(facts, unit) for unit in units),
    )
    return Draft(file, _comments(facts, province, units, [number for number, _ in acts]))


def _district(facts: Facts, row: Row) -> DistrictEntry:
    """The district and where each of its communes goes, as a conversion table from old to new says it."""
    goes: dict[str, str | tuple[str, ...]] = {}
    for one in facts.communes_of.get(row["code"], ()):
        into = tuple(pair["new_code"] for pair in facts.targets[one["code"]])
        goes[one["code"]] = into[0] if len(into) == 1 else into
    return DistrictEntry(unit=ref(row), province=row["province_code"], communes=goes or ())


def _entry(facts: Facts, unit: Row) -> UnitEntry:
    kept = unit["formation"] == "unchanged"
    pairs = facts.pairs.get(unit["code"], [])
    return UnitEntry(
        clause=unit["clause"],
        into=None if kept else ref(unit),
        keep=ref(unit) if kept else None,
        from_=() if kept else tuple(_predecessor(facts, pair) for pair in _in_order(facts, unit, pairs)),
        areas=tuple(_area(facts, row) for row in facts.special.get(unit["code"], ())),
        area_km2=float(unit["area_km2"]) if unit["area_km2"] else None,
        point=(float(unit["lat"]), float(unit["lon"])) if unit["lat"] and unit["lon"] else None,
    )


def _predecessor(facts: Facts, pair: Row) -> Predecessor:
    return Predecessor(
        unit=ref(facts.communes_old[pair["old_code"]]),
        land=Land(pair["extent"]),
        people=People(pair["population"]),
    )


def _area(facts: Facts, row: Row) -> Area:
    district = facts.districts.get(row["district_code"])
    whole_district = row["kind"] == "district_without_communes"
    return Area(
        name="" if whole_district else row["name"],
        district=ref(district) if district else None,
        land=Land(row["extent"]),
    )


def _in_order(facts: Facts, unit: Row, pairs: Sequence[Row]) -> list[Row]:
    """As the clause names them, where its text is at hand; what it does not name follows by code."""
    pairs = sorted(pairs, key=lambda pair: pair["old_code"])
    clause = facts.clauses(unit["resolution"]).get(unit["clause"], "")
    old = [facts.communes_old[pair["old_code"]] for pair in pairs]
    named = [(one["name"], facts.districts[one["district_code"]]["name"]) for one in old]
    at = positions(clause, named)
    return [pairs[index] for index in sorted(range(len(pairs)), key=lambda index: (at[index], index))]


def _comments(
    facts: Facts, province: Row, units: Sequence[Row], acts: Sequence[str]
) -> dict[Loc, Sequence[str]]:
    told = disagreements(facts)
    said: dict[Loc, Sequence[str]] = {
        (): _heading(province, acts),
        ("counts",): ["Số đơn vị theo danh mục chính thức, để đối chiếu (control totals)"],
        ("districts",): [
            "Cấp huyện trước ngày 01/7/2025 (nay đã kết thúc), mã các xã trực thuộc và mã mới mà từng xã về"
        ],
    }
    divided = _divided(facts, units)
    if divided:
        said["communes",] = ["\n".join(["Đơn vị bị chia (divided communes):", *divided])]
    for index, unit in enumerate(units):
        if unit["code"] in told:
            said["communes", index] = ["\n".join(told[unit["code"]])]
    return said


def _heading(province: Row, acts: Sequence[str]) -> list[str]:
    return paragraphs(
        f"""Sắp xếp đơn vị hành chính: {full_name(province)}, có hiệu lực từ ngày 01/7/2025. Đọc cùng Điều 1
        của {", ".join(acts)}: mỗi mục là một khoản (clause), `into` là đơn vị hình thành, `from` là các đơn
        vị được nhập vào (toàn bộ đất và dân, trừ khi ghi rõ land/people), `keep` là đơn vị không sắp xếp,
        `areas` là phần chưa từng có mã xã. Mã là mã của cơ quan thống kê. area_km2 và point (vĩ độ, kinh
        độ) chỉ để tham khảo. Chỗ nào nguồn khác ghi khác, ghi chú trên mục nói rõ; văn bản của khoản quyết
        định.""",
        """The reorganisation of one province on 1 July 2025, to be read beside the resolution. Made by
        scripts/make_mappings; README.md in this folder says from what, and what the other sources are that
        the notes above entries speak of. Where the facts do not say what went where, this file does not say
        it.""",
    )


def _divided(facts: Facts, units: Sequence[Row]) -> list[str]:
    """The old communes that do not go whole into one new one, and where they go, in lines."""
    old = {pair["old_code"] for unit in units for pair in facts.pairs.get(unit["code"], ())}
    lines: list[str] = []
    for code in sorted(old):
        pairs = facts.targets[code]
        if len(pairs) == 1 and (pairs[0]["extent"], pairs[0]["population"]) == ("whole", "all"):
            continue
        lines.append(f"  {ref(facts.communes_old[code])}:")
        for pair in pairs:
            into = ref(facts.communes_new[pair["new_code"]])
            lines.append(f"    khoản {pair['clause']} → {into}: {people_and_land(pair)}")
    return lines
