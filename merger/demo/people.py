"""Made-up people and what they write. No name, number or address belongs to anybody.

Names are put together from short lists of syllables; identity numbers begin with digits that no province
bears, telephone numbers with digits that no network has; roads and hamlets are invented.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import NamedTuple, TypeVar

from merger.demo.clock import Clock, birthdays
from merger.demo.settings import Names, Settings

OLD_TONES = {"òa": "oà", "óa": "oá", "ỏe": "oẻ", "úy": "uý", "ủy": "uỷ", "ùy": "uỳ"}
"""Where tone marks used to be put."""

LONG_TEXT = "Đề nghị xem xét, giải quyết theo quy định hiện hành và trả lời bằng văn bản. " * 90
EMOJI = "🙏📎"

T = TypeVar("T")


class Citizen(NamedTuple):
    """A person with an account: `kind` is `card`, `old-card` or `passport`, `home` a commune's code."""

    number: int
    name: str
    kind: str
    identity: str | None
    born: str
    phone: str
    mail: str
    address: str
    home: str | None
    since: int


@dataclass(frozen=True, slots=True)
class SharedCitizen:
    """A person known in all three provinces, and another who gives the same number."""

    name: str
    other_name: str
    identity: str
    born: date
    other_born: date


class People:
    """A source of people and words, the same for the same seed."""

    def __init__(self, settings: Settings, rng: Random) -> None:
        self.names: Names = settings.people
        self.rates = settings.rates
        self.placeholders = settings.placeholders
        self.rng = rng
        self.plain = [self._name() for _ in range(1500)]
        self.born = birthdays(4000, rng)
        self._number = rng.randrange(10**6)

    def name(self) -> str:
        """A name, now and then decomposed or with its tone mark where it used to be."""
        name = self.plain[int(self.rng.random() * len(self.plain))]
        chance = self.rng.random()
        if chance < self.rates["decomposed"]:
            return decomposed(name)
        if chance < self.rates["decomposed"] + self.rates["old_tone"]:
            return old_tones(name)
        return name

    def identity(self) -> str:
        """A number of twelve digits that nobody has."""
        self._number += 1
        return f"{self.names.identity_prefix}{self._number * 7919 % 10**9:09}"

    def phone(self) -> str:
        """A telephone number that no network has."""
        return f"{self.names.phone_prefix}{int(self.rng.random() * 10**6):06}"

    def address(self, hamlet: str, commune: str) -> str:
        """House, road, hamlet, commune."""
        road = self.names.roads[int(self.rng.random() * len(self.names.roads))]
        return f"Số {1 + int(self.rng.random() * 480)} đường {road}, {hamlet}, {commune}"

    def hamlet(self) -> str:
        """An invented hamlet that no definition knows."""
        return self.names.hamlets[int(self.rng.random() * len(self.names.hamlets))]

    def shared(self, count: int) -> list[SharedCitizen]:
        """People who have accounts in several systems; every sixth has a name with a movable tone mark."""
        return [
            SharedCitizen(
                self._toned() if number % 6 == 3 else self._name(), f"{self._name()} B", self.identity(),
                self._birthday(), self._birthday(),
            )
            for number in range(1, count + 1)
        ]  # fmt: skip

    def citizens(
        self, count: int, homes: Sequence[tuple[str, str]], away: Sequence[tuple[str, str]],
        shared: Sequence[SharedCitizen], clock: Clock, localities: dict[str, tuple[str, ...]], place: int,
    ) -> list[Citizen]:  # fmt: skip
        """The accounts of a system. The first ones are those that also exist elsewhere, then those with a
        placeholder for a number, with an empty one and with none; `place` (0, 1, 2) is the system's own
        number among the three, by which shared people are written differently."""
        out: list[Citizen] = []
        rng = self.rng
        for number in range(1, count + 1):
            chance = rng.random()
            elsewhere = chance < self.rates["outside_home"] or number == len(shared) + 5
            code, commune = _pick(rng, away if elsewhere else homes)
            inside = localities.get(code)
            hamlet = _pick(rng, inside) if inside and rng.random() < 0.9 else self.hamlet()
            name, identity, born = self.name(), self.identity(), self._birthday()
            kind = "card" if rng.random() < 0.93 else "old-card"
            if number <= len(shared):
                name, identity, born = _as_written_here(shared[number - 1], number, place)
                kind = "card"
            elif number <= len(shared) + 3 or rng.random() < self.rates["placeholder"]:
                kind = "card"
                identity = ("", *self.placeholders)[(number - len(shared)) % (1 + len(self.placeholders))]
            elif kind == "old-card":
                identity = identity[:9]
            if number in (len(shared) + 8, len(shared) + 9):
                name = decomposed(self._toned()) if number == len(shared) + 8 else old_tones(self._toned())
            since = clock.day_before_change(rng)
            home: str | None = code
            if number == len(shared) + 4:
                home = None
            elif number == len(shared) + 6:
                home = ""
            out.append(Citizen(
                number, name, kind, None if number == len(shared) + 7 else identity, born.isoformat(),
                self.phone(), f"nguoi{number}.{place}@{self.names.mail_domain}",
                self.address(hamlet, commune), home, since,
            ))  # fmt: skip
        return out

    def text(self, words: str, number: int) -> str:
        """Free text about a matter; now and then with four-byte characters, or very long."""
        chance = self.rng.random()
        if chance < self.rates["long_text"]:
            return self.long_text(words, number)
        if chance < self.rates["long_text"] + self.rates["emoji"]:
            return self.emoji(words, number)
        return f"{words} ({number})"

    def long_text(self, words: str, number: int) -> str:
        """Text of some seven thousand characters."""
        return f"{words} ({number}). {LONG_TEXT}"

    def emoji(self, words: str, number: int) -> str:
        """Text with four-byte characters."""
        return f"{words} ({number}) {EMOJI}"

    def user_names(self, count: int) -> list[str]:
        """Distinct user names; the first two are such that one is inside the other."""
        given = sorted({_plain(one) for one in self.names.given})
        numbered = (f"{name}{number or ''}" for number in range(count) for name in given)
        found = dict.fromkeys(["an", "anh"])
        for name in numbered:
            if len(found) >= count:
                break
            found.setdefault(name)
        return list(found)

    def _name(self) -> str:
        rng, names = self.rng, self.names
        return " ".join((_pick(rng, names.family), _pick(rng, names.middle), _pick(rng, names.given)))

    def _toned(self) -> str:
        return next(name for name in iter(self._name, "") if old_tones(name) != name)

    def _birthday(self) -> date:
        return self.born[int(self.rng.random() * len(self.born))]


def decomposed(text: str) -> str:
    """The text with its marks as characters of their own."""
    return unicodedata.normalize("NFD", text)


def old_tones(text: str) -> str:
    """The text with tone marks where they used to be put."""
    for new, old in OLD_TONES.items():
        text = text.replace(new, old)
    return text


def _as_written_here(shared: SharedCitizen, number: int, place: int) -> tuple[str, str, date]:
    """One in six gives somebody else's number in the last system; one in six is written differently."""
    if number % 6 == 2 and place == 2:
        return shared.other_name, shared.identity, shared.other_born
    name = shared.name
    if number % 6 == 3:
        name = (name, decomposed(name), old_tones(name))[place]
    return name, shared.identity, shared.born


def _plain(text: str) -> str:
    without = "".join(one for one in decomposed(text.lower()) if not unicodedata.combining(one))
    return without.replace("đ", "d").replace("'", "")


def _pick(rng: Random, of: Sequence[T]) -> T:
    return of[int(rng.random() * len(of))]
