"""Made-up agencies, some of which wait for a code: odd numbers, closed codes, agencies under each other."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from merger.mapping import Contents, LoadedMapping, parse
from merger.mapping.models import AgenciesFile
from merger.mapping.write import to_yaml

DAY = date(2025, 7, 1)
TOP = "Z90"

_FUNCTIONS = ("office", "works", "land")
_NUMBERS = ("1", "01", "2", "02", "03", "9", "98", "99", "101", "100", "007", "0012", "AB")
_FORMERS = ("", f"000.00.04.{TOP}", f"000.03.09.{TOP}", "000.00.07.Z91")
_PARENTS = ("", "", "", f"{TOP}.05", "new-a", "new-b")

Entry = dict[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Agencies of one day, as files have them: before, after with codes, after without."""

    before: tuple[Entry, ...]
    after: tuple[Entry, ...]
    wanted: tuple[Entry, ...]

    def files(self, chance: Random | None = None) -> tuple[AgenciesFile, ...]:
        """Two files; with `chance`, they and their entries in another order."""
        before, after, wanted = list(self.before), list(self.after), list(self.wanted)
        if chance:
            for entries in (before, after, wanted):
                chance.shuffle(entries)
        made: list[dict[str, Any]] = [
            {"id": "one", "before": before[::2], "after": after},
            {"id": "two", "before": before[1::2], "after": wanted},
        ]
        if chance:
            chance.shuffle(made)
        said = {"schema": "merger/agencies/1", "effective": DAY}
        return tuple(AgenciesFile.model_validate({**said, **one}) for one in made)

    def grown(self, more: "Waiting") -> "Waiting":
        """With the agencies besides that `more` wants."""
        known = {_likeness(one) for one in self.wanted}
        others = tuple(one for one in more.wanted if _likeness(one) not in known)
        return Waiting(self.before, self.after, (*self.wanted, *others))


def loaded(files: tuple[AgenciesFile, ...]) -> LoadedMapping:
    """Files as if they had been read."""
    contents = ((Path(f"{number}.yaml"), to_yaml(file).encode()) for number, file in enumerate(files))
    return parse(Contents(tuple(contents)))


@st.composite
def waiting(draw: st.DrawFn) -> Waiting:
    """Agencies of which up to ten wait for a code, under the province and under one another."""
    old = draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(_NUMBERS), min_size=1, max_size=3).map(".".join),
                st.sampled_from((TOP, "Z91")),
                st.sampled_from(_FUNCTIONS),
                st.sampled_from(_FORMERS),
                st.sampled_from((TOP, "new-a", "new-b", f"{TOP}.05")),
            ),
            max_size=10,
            unique_by=lambda one: one[:2],
        )
    )
    new = draw(
        st.lists(
            st.tuples(
                st.sampled_from(_FUNCTIONS),
                st.sampled_from(("province", "commune")),
                st.integers(1, 40),
                st.sampled_from(_PARENTS),
            ),
            max_size=8,
            unique_by=lambda one: one[:3],
        )
    )
    top = _agency(f"{TOP} Committee", "province", "committee", "90")
    return Waiting(
        (
            {**top, "into": TOP},
            *(
                _agency(f"{at}.{code} Old {number}", "province", function, "90", former=former, into=into)
                for number, (code, at, function, former, into) in enumerate(old)
            ),
        ),
        (
            top,
            _agency(f"{TOP}.05 Five", "province", "works", "90"),
            _agency("new-a New A", "province", "land", "90"),
            _agency("new-b New B", "province", "works", "90"),
        ),
        tuple(
            _agency(f"new New {function} {unit}", level, function, f"{90000 + unit}", parent=parent)
            for function, level, unit, parent in new
        ),
    )


def _agency(ref: str, level: str, function: str, unit: str, **more: str) -> Entry:
    said = {"agency": ref, "level": level, "function": function, "unit": unit}
    return said | {key: value for key, value in more.items() if value}


def _likeness(entry: Entry) -> tuple[str, ...]:
    return entry["level"], entry["function"], entry["unit"]
