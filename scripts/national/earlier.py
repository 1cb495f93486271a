"""The file of the changes before the reorganisation, seen as differences between dated lists."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from merger.mapping.imported import Draft
from merger.mapping.models import Change, Land, People, Ref, Title, UnitsFile, What
from national.counts import counts_of
from national.facts import Facts, Row, full_name, grouped, lower_first, paragraphs
from national.reorganisation import EFFECTIVE

RERUN = "2020-06-01"
"""The list of this day was made again; what differs between its two forms is a correction of the list."""

TAKERS = {
    "alias_same_district": "đơn vị nhận theo danh mục tên cũ, cùng huyện",
    "alias_same_province": "đơn vị nhận theo danh mục tên cũ, cùng tỉnh",
    "same_name_same_district": "đơn vị nhận suy ra từ tên trùng trong cùng huyện",
    "target_unknown": "không rõ nhập vào đâu",
}
GOES_ON = "suy ra: đơn vị nhận vẫn tiếp tục, cùng mã"
MAY_BE_CHAINED = "có thể đã qua một xã khác trước"
CORRECTION = "sửa danh mục khi chạy lại bản lưu, không phải đổi tên theo luật"
ONLY_SEEN = "thấy giữa hai bản chụp cùng ngày, không rõ nghị quyết"
FIRST_SEEN = "mã lần đầu có trong danh mục, không rõ lập từ đâu"
SEEN_AGAIN = "mã đã bỏ nay lại có trong danh mục, không rõ từ đâu"


def earlier(facts: Facts, code: str) -> Draft | None:
    """The changes of 2018 to June 2025 in the old provinces of the new province `code`, if there are any."""
    old = facts.old_provinces(code)
    rows = [row for row in facts.earlier if row["province_code"] in old]
    if not rows:
        return None
    province = facts.provinces_new[code]
    seen = Seen(facts, rows)
    changes = [seen.change(row) for row in rows]
    changes += seen.takers_that_go_on()
    changes.sort(key=_place)
    file = UnitsFile(
        schema_="merger/units/1",
        id=f"vn-2025-{code}-earlier",
        title=Title(
            vi=f"Các thay đổi trước năm 2025 của {lower_first(full_name(province))}",
            en=f"Earlier changes of {province['name']}",
        ),
        suppress=facts.suppressed.get(f"vn-2025-{code}-earlier", ()),
        effective=EFFECTIVE,
        counts=counts_of(changes),
        changes=tuple(changes),
    )
    return Draft(file, {(): _heading(province)})


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a row says of a code's name before and after a day; empty where the code is in no list."""

    day: date
    before: str
    after: str


class Seen:
    """The rows of one province's earlier changes, and what each code was called when."""

    def __init__(self, facts: Facts, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._of = grouped(rows, "old_code")
        self._taken = grouped((row for row in rows if row["kind"] == "removed"), "new_code")
        self._last = {code: full_name(row) for code, row in facts.communes_old.items()}
        self._sightings: dict[str, list[Sighting]] = defaultdict(list)
        for row in sorted(rows, key=last_day):
            if row["kind"] == "renamed":
                self._see(row, row["old_name"], row["new_name"])
            elif row["kind"] == "removed":
                self._see(row, row["old_name"], "")
            elif row["kind"] == "added":
                self._see(row, "", row["old_name"])
            else:  # a move names the unit as it is called afterwards
                renamed = any(
                    other["kind"] == "renamed" and last_day(other) == last_day(row)
                    for other in self._of[row["old_code"]]
                )
                self._see(row, "" if renamed else row["old_name"], row["old_name"])

    def _see(self, row: Row, before: str, after: str) -> None:
        self._sightings[row["old_code"]].append(Sighting(last_day(row), before, after))

    def change(self, row: Row) -> Change:
        """One row as a change."""
        kinds = {
            "removed": self._removed,
            "added": self._added,
            "renamed": self._renamed,
            "moved": self._moved,
        }
        return kinds[row["kind"]](row)

    def takers_that_go_on(self) -> list[Change]:
        """For each unit that took another in and of which nothing else is told that day: it goes on."""
        told = {(last_day(row), row["old_code"]) for row in self._rows}
        taking = {(one.date, one.to.code) for one in map(self.change, self._rows) if one.from_ and one.to}
        return [
            Change(
                date=day,
                what="merge",
                from_=self._before(code, day),
                to=self._after(code, day),
                land=Land.WHOLE,
                people=People.ALL,
                note=GOES_ON,
            )
            for day, code in sorted(taking - told)
        ]

    def _removed(self, row: Row) -> Change:
        day, taker, note = last_day(row), row["new_code"], TAKERS.get(row["method"], "")
        from_ = Ref(code=row["old_code"], name=row["old_name"])
        if taker == row["old_code"]:
            back = self._first_seen(taker, day)
            note = f"mã này có lại từ {back} ({self._after(taker, back)}); không rõ đất và dân đi đâu"
            return self._seen(row, "merge", from_, None, note)
        if not taker:
            return self._seen(row, "merge", from_, None, note)
        back = self._first_seen(taker, day)
        if any(last_day(other) > back for other in self._taken[taker]):
            note += f"; {MAY_BE_CHAINED}"
        if back > day:
            note += f"; vắng trong danh mục từ {day}"
        return self._seen(row, "merge", from_, self._after(taker, back), note, day=back)

    def _added(self, row: Row) -> Change:
        code, day = row["old_code"], last_day(row)
        again = any(one.day < day for one in self._sightings[code])
        to = Ref(code=code, name=row["old_name"])
        return self._seen(row, "merge", None, to, SEEN_AGAIN if again else FIRST_SEEN)

    def _renamed(self, row: Row) -> Change:
        from_ = Ref(code=row["old_code"], name=row["old_name"])
        to = Ref(code=row["new_code"], name=row["new_name"])
        note = CORRECTION if row["snapshot_before"] == row["effective_date"] == RERUN else ""
        return self._seen(row, "rename", from_, to, note)

    def _moved(self, row: Row) -> Change:
        code, day = row["old_code"], last_day(row)
        note = f"chuyển huyện: {row['district'].replace('->', '→')}"
        return self._seen(row, "transfer", self._before(code, day), self._after(code, day), note)

    def _seen(
        self, row: Row, what: What, from_: Ref | None, to: Ref | None, note: str, day: date | None = None
    ) -> Change:
        before = date.fromisoformat(row["snapshot_before"])
        on = day or last_day(row)
        if before == on and not row["resolution"]:
            note = note or ONLY_SEEN
        return Change(
            date=on,
            after=before if before < on else None,
            what=what,
            from_=from_,
            to=to,
            source=row["resolution"],
            note=note,
        )

    def _first_seen(self, code: str, day: date) -> date:
        """The first day from `day` on which a list has the code."""
        past = [one for one in self._sightings[code] if one.day <= day]
        if not past or past[-1].after:
            return day
        return next(one.day for one in self._sightings[code] if one.day > day and one.after)

    def _after(self, code: str, day: date) -> Ref:
        """A code as it is called on a day."""
        past = [one.after for one in self._sightings[code] if one.day <= day and one.after]
        later = [one.before for one in self._sightings[code] if one.day > day and one.before]
        return Ref(code=code, name=past[-1] if past else later[0] if later else self._last[code])

    def _before(self, code: str, day: date) -> Ref:
        """A code as it is called on the day before."""
        past = [one.after for one in self._sightings[code] if one.day < day and one.after]
        later = [one.before for one in self._sightings[code] if one.day >= day and one.before]
        return Ref(code=code, name=past[-1] if past else later[0] if later else self._last[code])


def last_day(row: Row) -> date:
    """The day by which a change had happened: a span is written `first/last`."""
    return date.fromisoformat(row["effective_date"].rpartition("/")[2])


def _place(change: Change) -> tuple[date, str, bool, str, str]:
    """By day; then what goes into one unit stands together, the unit itself first."""
    old = change.from_.code if change.from_ else ""
    new = change.to.code if change.to else old
    return change.date, new, old != new, old, change.what


def _heading(province: Row) -> list[str]:
    return paragraphs(
        f"""Các thay đổi đơn vị hành chính cấp xã trước ngày 01/7/2025 (2018 – 6/2025) của các tỉnh hợp
        thành {full_name(province)}. Nguồn là các bản chụp danh mục của cơ quan thống kê. `date` là ngày của
        bản chụp đầu tiên có thay đổi, `after` là ngày của bản chụp ngay trước đó; ngày thật nằm trong
        khoảng giữa. Không ghi `after` là vì bản chụp trước cũng mang ngày ấy.""",
        """Bản chụp không cho biết đất và dân đi đâu: mục không ghi land, people là không rõ. Suy ra, vì cùng
        mã: đổi tên, chuyển huyện là của cả đơn vị; đơn vị nhận vẫn tiếp tục. Đơn vị nhận là xã giữ đất ấy
        vào tháng 6/2025, lấy từ nguồn ghi ở `note`; nếu xã bị chia thì chỉ là phần lớn nhất; đơn vị nhận
        ngay lúc đó có thể là xã khác về sau cũng nhập vào. Không ghi `to` là không rõ. Không bao gồm trước
        2018.""",
        """Earlier changes, seen as differences between dated lists: the true day is later than `after` and
        not later than `date`; no `after`: the list before bears the same day. Lists do not say how much
        went where, so land and people are unspecified. Inferred from the same code: a rename or transfer is
        of the whole unit, and a unit that took another in goes on. `to` is the commune that holds the land
        in June 2025, for a divided one the largest part; what took it in on the day may have been another
        that followed it later. No `to`: nobody knows. Made by scripts/make_mappings.""",
    )
