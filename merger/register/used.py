"""Every code ever used, in either written form, and the next number that nobody had."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from merger.codes import eid
from merger.codes.eid import Eid
from merger.mapping.models import Agency

WIDTHS = {2: 2, 3: 2}
"""How wide a number is at levels 2 and 3 where no sibling shows it, as in the former form."""

DEEPER = 3
"""How wide it is below."""

Levels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sibling:
    level: str
    function: str
    number: str


class Used:
    """What is taken: codes and all that they stand under, compared as `eid.identity` does."""

    def __init__(self) -> None:
        self._taken: set[Levels] = set()
        self._siblings: dict[Levels, list[_Sibling]] = {}

    def add(self, code: str, level: str = "", function: str = "") -> None:
        """Takes a code in the form of Decision 20/2020; of one that cannot be read, nothing is known."""
        read = eid.parse(code)
        if not isinstance(read, Eid):
            return
        levels = eid.identity(read)
        self._taken |= {levels[: depth + 1] for depth in range(len(levels))}
        if read.form is eid.Form.NEW and read.levels[-1].isdigit():
            sibling = _Sibling(level, function, read.levels[-1])
            self._siblings.setdefault(levels[:-1], []).append(sibling)

    def add_agency(self, agency: Agency) -> None:
        """Takes both codes of an agency."""
        self.add(agency.agency.code, agency.level.value, agency.function)
        self.add(agency.former)

    def has(self, code: str) -> bool:
        """Whether a code is taken."""
        read = eid.parse(code)
        return isinstance(read, Eid) and eid.identity(read) in self._taken

    def next(self, parent: Eid, level: str, function: str, expected: int = 1) -> str | None:
        """The next number under `parent` for an agency of a level and function; None if there is none left.

        It is as wide as those of its siblings (of the same level and function, else of the same level), and
        follows the highest of them; where these numbers are used up, the lowest free one. The first of its
        level is as wide as any sibling, or wider where the `expected` agencies of its kind need it.
        """
        levels = eid.identity(parent)
        width, last = self._style(levels, level, function, expected)
        return next(self._free(levels, width, last), None)

    def width(self, parent: Eid, level: str, function: str) -> int:
        """How wide the numbers are among which `next` chooses for an agency with siblings."""
        return self._style(eid.identity(parent), level, function, 1)[0]

    def _style(self, parent: Levels, level: str, function: str, expected: int) -> tuple[int, int]:
        """How wide a number is, and the highest of the siblings that it follows."""
        siblings = self._siblings.get(parent, [])
        alike = [one for one in siblings if one.level == level]
        own = [one.number for one in alike if one.function == function] or [one.number for one in alike]
        numbers = own or [one.number for one in siblings]
        width = _commonest(map(len, numbers)) if numbers else WIDTHS.get(len(parent) + 1, DEEPER)
        last = max((int(number) for number in numbers if len(number) == width), default=0)
        while not own and len(list(islice(self._free(parent, width, last), expected))) < expected:
            width, last = width + 1, 10**width
        return width, last

    def _free(self, parent: Levels, width: int, last: int) -> Iterator[str]:
        """The numbers of a width that nobody had, first those after `last`."""
        for number in chain(range(last + 1, 10**width), range(1, last + 1)):
            if (*parent, str(number)) not in self._taken:
                yield str(number).zfill(width)


def _commonest(widths: Iterable[int]) -> int:
    counted = Counter(widths)
    return max(counted, key=lambda width: (counted[width], width))
