"""What other sources say of an entry, and why the file says otherwise: a comment for each conflict."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from merger.mapping.models import Ref
from national.facts import Facts, Row, ref

SOURCES = {
    "vac": "bảng vac",
    "vau": "bảng vau",
    "tt97": "bảng tt97",
    "dv25": "bản đọc dv25",
    "nso": "bảng nso",
    "nso_note": "ghi chú nso",
    "gso": "danh mục cũ",
    "ctk1027": "phụ lục 1027",
}
"""The sources as the comments name them; the README beside the files says what they are."""

LAND = {"whole": "toàn bộ đất", "part": "một phần đất", "none": "không lấy đất"}
PEOPLE = {"all": "toàn bộ dân", "some": "một phần dân", "none": "không lấy dân"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row of the conflicts, seen from the entry of one new commune."""

    facts: Facts
    row: Row
    new: str

    @property
    def text(self) -> str:
        """The old commune, what a source says, what the law says and why."""
        old = ref(self.facts.communes_old[self.row["old_code"]])
        sources = ", ".join(SOURCES[key] for key in self.row["sources"].split(";"))
        return f"{old}: {sources} {_SAYINGS[self.row['kind']](self)}"

    @property
    def taken(self) -> str:
        """How much of the old commune the clause of this entry takes."""
        pairs = self.facts.targets[self.row["old_code"]]
        return people_and_land(next(pair for pair in pairs if pair["new_code"] == self.new))

    @property
    def by_law(self) -> str:
        """Where the law sends the old commune."""
        pairs = self.facts.targets[self.row["old_code"]]
        return ", ".join(
            f"{ref(self.facts.communes_new[pair['new_code']])} (khoản {pair['clause']})" for pair in pairs
        )

    def old_units(self, pattern: str, column: str) -> list[Ref]:
        """The old communes whose codes a column names in the form of `pattern`."""
        codes = re.findall(pattern, self.row[column])
        return [ref(self.facts.communes_old[code]) for code in codes if code in self.facts.communes_old]


def disagreements(facts: Facts) -> dict[str, list[str]]:
    """The comments by the code of the new commune above whose entry they stand.

    A conflict over several new communes has one comment above each of them.
    """
    said: dict[str, list[str]] = defaultdict(list)
    for row in facts.conflicts:
        for new in concerned(facts, row):
            said[new].append(Conflict(facts, row, new).text)
    return said


def concerned(facts: Facts, row: Row) -> list[str]:
    """The new communes whose entries a conflict is about; without any, those that took the old one."""
    named = [code for code in row["new_code"].split(";") if code in facts.communes_new]
    return named or [pair["new_code"] for pair in facts.targets[row["old_code"]]]


def people_and_land(pair: Row) -> str:
    return f"{LAND[pair['extent']]}, {PEOPLE[pair['population']]}"


def _left_out(conflict: Conflict) -> str:
    return f"không ghi vào đây; khoản này lấy {conflict.taken} (clause decides)"


def _not_in_law(conflict: Conflict) -> str:
    given = conflict.row["new_code"]
    if given not in conflict.facts.communes_new:
        return f"ghi vào {given}; danh mục mới không có mã ấy (no such new code)"
    namesakes = conflict.old_units(r"\((\d{5})\)", "basis")
    if namesakes:
        who = ", ".join(map(str, namesakes))
        return f"ghi vào đây, nhầm với {who}; luật đưa vào {conflict.by_law} (namesakes confused)"
    if conflict.row["sources"] == "nso_note":
        return f"ghi vào đây do chép sai tên; luật đưa vào {conflict.by_law} (misspelt there)"
    return f"ghi vào đây; khoản này không nêu, luật đưa vào {conflict.by_law} (not in this clause)"


def _extent(conflict: Conflict) -> str:
    other = {"whole": "một phần", "part": "toàn bộ"}[conflict.row["judgement"]]
    return f"ghi {other}; khoản này lấy {conflict.taken} (clause decides)"


def _type(conflict: Conflict) -> str:
    other = "Phường" if conflict.row["judgement"] == "Xã" else "Xã"
    return f"ghi loại {other}; nghị quyết ghi {conflict.row['judgement']} (type by the law)"


def _miscoded(conflict: Conflict) -> str:
    (owner,) = conflict.old_units(r"prints code (\d{5})", "detail")
    return f"in nhầm mã {owner.code}, là mã của {owner} (miscoded there)"


def _province(conflict: Conflict) -> str:
    provinces = conflict.facts.provinces_old
    (printed,) = re.findall(r"\((\d{2})\)", conflict.row["detail"])
    own = ref(provinces[conflict.row["judgement"]])
    return f"ghi thuộc {ref(provinces[printed])}; theo huyện thì thuộc {own} (by its district)"


def _new_code(conflict: Conflict) -> str:
    (owner,) = conflict.old_units(r"prints (\d{5})", "detail")
    return f"ghi mã mới {owner.code}, là mã của {owner}; đơn vị giữ nguyên nên giữ mã (kept unit)"


_SAYINGS: dict[str, Callable[[Conflict], str]] = {
    "target_missing_in_source": _left_out,
    "target_not_in_law": _not_in_law,
    "extent": _extent,
    "old_type": _type,
    "miscoded_row": _miscoded,
    "old_province_code": _province,
    "new_code": _new_code,
}
