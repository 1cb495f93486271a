"""Lists of services of three provinces with known differences, made from one list: what a merge must find.

From a source of chance, so that a seed gives the lists back. `written` writes a list as an office would.
"""

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from merger.catalogues import Catalogue, Entry, Kind
from merger.lineage import Outcome
from merger.mapping.models import Level

SURVIVOR, OTHERS = "90", ("91", "92")

_DEEDS = ("Cấp", "Cấp lại", "Cấp đổi", "Gia hạn", "Điều chỉnh", "Thu hồi", "Đăng ký", "Xác nhận", "Thẩm định")
_THINGS = (
    "giấy phép xây dựng", "giấy chứng nhận quyền sử dụng đất", "khai sinh", "giấy phép khai thác nước",
    "phù hiệu xe", "thẻ nhà báo", "hồ sơ người có công", "trợ cấp hằng tháng", "phương án cháy rừng",
    "giấy phép hoạt động hóa chất", "bản đồ địa chính", "hợp đồng lao động", "giấy phép thuỷ lợi",
)  # fmt: skip
_FIELDS = ("Đất đai", "Hộ tịch", "Đường bộ", "Hoạt động xây dựng", "Người có công", "Thủy lợi")
_WORDS = {
    Level.PROVINCE: ("Sở, ban ngành", "Cấp tỉnh", "UBND Tỉnh/ Thành phố"),
    Level.DISTRICT: ("UBND Huyện/Thành phố", "Cấp huyện"),
    Level.COMMUNE: ("UBND Xã/Phường/Thị Trấn", "cấp xã"),
}
_RESPELT = (("hoá", "hóa"), ("thuỷ", "thủy"), ("ờng", "ờng"), ("Hoạ", "Họa"))

Code = tuple[str, str]


@dataclass
class Planted:
    """Lists and the truth about them: the differences that there are, what becomes of every code, and for
    procedures of a province's own that are another's under a similar name, that one."""

    survivor: Catalogue
    catalogues: tuple[Catalogue, ...] = ()
    differences: set[tuple[Kind, str, str]] = field(default_factory=set)
    fates: dict[Code, tuple[Outcome, tuple[str, ...]]] = field(default_factory=dict)
    twins: dict[Code, str] = field(default_factory=dict)


def made_up(chance: Random, count: int) -> list[Entry]:
    """Services under bare national roots, all of different names."""
    roots = chance.sample(range(1_000, 999_999), count)
    entries = []
    for number, root in enumerate(sorted(roots)):
        name = f"{chance.choice(_DEEDS)} {chance.choice(_THINGS)} loại {number + 1}"
        levels = tuple(level for level in Level if chance.random() < 0.4) or (chance.choice(list(Level)),)
        code = f"{chance.choice('123')}.{root:06d}"
        entries.append(Entry(code, name, chance.choice(_FIELDS), levels))
    return entries


def planted(chance: Random, base: Sequence[Entry]) -> Planted:
    """Lists of `SURVIVOR` and `OTHERS` from a list of bare national roots, each code once."""
    fates = {entry.root: chance.random() for entry in base}
    ours: list[Entry] = []
    for entry in base:
        chosen = fates[entry.root]
        if chosen < _LACKING:
            continue
        suffix = f"X{SURVIVOR}"
        ours.append(replace(entry, code=f"{entry.root}.{suffix}"))
        if chosen < _SEVERAL:
            ours.append(replace(entry, code=f"{entry.root}.{suffix}.02", name=f"{entry.name} (tại sở)"))
    truth = Planted(Catalogue(SURVIVOR, "", _in_order(ours)))
    lists = []
    for province in OTHERS:
        planting = _Planting(chance, province, truth, chance.choice(("long", "short", "bare")))
        for entry in base:
            if chance.random() < _HAS:
                planting.take(entry, fates[entry.root])
        planting.own(ours)
        lists.append(Catalogue(province, "", _in_order(planting.entries)))
    truth.catalogues = tuple(lists)
    return truth


def as_read(chance: Random, count: int = 20) -> Planted:
    """Planted lists of about `count` services as they are read: composed, with single spaces."""
    truth = planted(chance, made_up(chance, count))
    truth.catalogues = tuple(
        replace(one, entries=tuple(map(_composed, one.entries))) for one in truth.catalogues
    )
    return truth


def _composed(entry: Entry) -> Entry:
    return replace(entry, name=" ".join(unicodedata.normalize("NFC", entry.name).split()))


_LACKING, _SEVERAL, _HAS = 0.06, 0.10, 0.85
_NAME, _LEVELS, _FIELD, _VARIANT = 0.15, 0.20, 0.25, 0.29


class _Planting:
    """One province's list: its entries, and what the truth about them is."""

    def __init__(self, chance: Random, province: str, truth: Planted, form: str) -> None:
        self.chance = chance
        self.province = province
        self.truth = truth
        self.form = form
        self.entries: list[Entry] = []

    def take(self, entry: Entry, chosen: float) -> None:
        """Lists a service; `chosen` says what of it differs."""
        code = self._code(entry.root)
        into: tuple[str, ...] = (f"{entry.root}.X{SURVIVOR}",)
        if chosen < _LACKING:
            gone = chosen < _LACKING / 2
            outcome = Outcome.ENDED if gone else Outcome.UNKNOWN
            kind = Kind.WITHDRAWN if gone else Kind.MISSING
            self._list(replace(entry, code=code, withdrawn=gone), outcome, (), kind)
        elif chosen < _SEVERAL:
            into = (*into, f"{into[0]}.02")
            self._list(replace(entry, code=code), Outcome.SPLIT, into, Kind.SEVERAL)
        elif chosen < _NAME:
            changed = replace(entry, code=code, name=f"{entry.name} (sửa đổi)")
            self._list(changed, Outcome.UNIQUE, into, Kind.NAME)
        elif chosen < _LEVELS:
            levels = tuple(level for level in Level if level not in entry.levels) or (Level.DISTRICT,)
            self._list(replace(entry, code=code, levels=levels), Outcome.UNIQUE, into, Kind.LEVELS)
        elif chosen < _FIELD:
            changed = replace(entry, code=code, field=f"Quản lý {entry.field}")
            self._list(changed, Outcome.UNIQUE, into, Kind.FIELD)
        elif chosen < _VARIANT:
            for number in ("01", "02"):
                variant = replace(entry, code=f"{entry.root}.X{self.province}.{number}")
                self._list(variant, Outcome.UNIQUE, into, Kind.VARIANT)
        else:
            same = replace(entry, code=code, name=_respelt(self.chance, entry.name))
            self._list(same, Outcome.UNIQUE, into)

    def own(self, ours: Sequence[Entry]) -> None:
        """Procedures without a national root; both provinces use the same codes for different ones."""
        for number in range(1, self.chance.randint(2, 4)):
            code, name = f"TT-{number:03d}", f"Thủ tục riêng thứ {number} của tỉnh {self.province}"
            if ours and self.chance.random() < 0.5:
                twin = self.chance.choice(ours)
                name = f"{twin.name} ({self.province})"
                self.truth.twins[self.province, code] = twin.code
            self._list(Entry(code, name, self.chance.choice(_FIELDS)), Outcome.UNKNOWN, (), Kind.OWN)

    def _code(self, root: str) -> str:
        suffix = {"long": f".000.00.00.X{self.province}", "short": f".X{self.province}", "bare": ""}
        return root + suffix[self.form]

    def _list(self, entry: Entry, outcome: Outcome, into: tuple[str, ...], kind: Kind | None = None) -> None:
        self.entries.append(entry)
        self.truth.fates[self.province, entry.code] = outcome, into
        if kind is not None:
            self.truth.differences.add((kind, self.province, entry.code))


def _in_order(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.key))


def _respelt(chance: Random, name: str) -> str:
    """The same name as another office writes it."""
    for one, other in _RESPELT:
        if chance.random() < 0.5:
            name = name.replace(one, other)
    return chance.choice((name, name.upper(), unicodedata.normalize("NFD", name), name.replace(" ", "  ")))


def written(chance: Random, catalogue: Catalogue, folder: Path) -> Path:
    """Writes a list as an office has it: CSV with commas, semicolons or tabs, or XLSX below a title; rows in
    any order, some twice, codes with spaces."""
    rows = [_row(chance, entry) for entry in catalogue.entries]
    rows += chance.sample(rows, min(2, len(rows)))
    chance.shuffle(rows)
    head = chance.choice(
        (_HEAD, [*map(str.upper, _HEAD)], ["ma_tthc", "ten_tthc", "linh_vuc", "cap_thuc_hien", "trang_thai"])
    )
    if chance.random() < 0.5:
        return _csv(chance, [head, *rows], folder / f"{catalogue.province}.csv")
    return _xlsx([head, *rows], folder / f"{catalogue.province}.xlsx")


_HEAD = ["Mã TTHC", "Tên TTHC", "Lĩnh vực", "Cấp thực hiện", "Trạng thái"]


def _row(chance: Random, entry: Entry) -> list[str]:
    code = f" {entry.code}" if chance.random() < 0.1 else entry.code
    if "." in code and chance.random() < 0.1:
        code = code.replace(".", ". ", 1)
    levels = "; ".join(chance.choice(_WORDS[level]) for level in entry.levels)
    return [code, entry.name, entry.field, levels, "Đã bãi bỏ" if entry.withdrawn else ""]


def _csv(chance: Random, rows: Sequence[Sequence[str]], path: Path) -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=chance.choice(",;\t")).writerows(rows)
    path.write_text(out.getvalue(), chance.choice(("utf-8", "utf-8-sig")), newline="")
    return path


def _xlsx(rows: Sequence[Sequence[str]], path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["DANH MỤC THỦ TỤC HÀNH CHÍNH"])
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A1:E1")
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path
