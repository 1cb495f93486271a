"""Single mistakes put into files of definitions, as a person might make them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from merger.codes.names import TYPES

File = dict[str, Any]
Files = dict[str, File]
"""Files of units as a person would write them (lists, dicts, texts), by id."""

Spoil = Callable[[Random, Files], str]
"""Makes one mistake somewhere in files and answers the id of the file, empty if nothing was changed. Raises
IndexError where there is nothing of the kind to spoil."""

_LAND = ("whole", "part", "none", "unspecified")
_PEOPLE = ("all", "some", "none", "unspecified")
_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạèéẻẽẹìíòóọùúỳý"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mistake: what is done, to what."""

    does: str
    to: str
    spoil: Spoil

    def __str__(self) -> str:
        return f"{self.does} {self.to}"


def kinds() -> list[Kind]:
    """All kinds, by what is done."""
    return [
        Kind("drop", "an entry", _in_list("communes", _drop)),
        Kind("drop", "a predecessor", _in_from(_drop)),
        Kind("drop", "a district", _in_list("districts", _drop)),
        Kind("drop", "a commune of a list", _in_lists(_drop)),
        Kind("drop", "a change", _in_list("changes", _drop)),
        Kind("drop", "an act", _in_list("legal_basis", _drop)),
        Kind("drop", "a province", _in_provinces(_drop)),
        Kind("drop", "an area", _in_areas(_drop)),
        Kind("duplicate", "an entry", _in_list("communes", _repeat)),
        Kind("duplicate", "a predecessor", _in_from(_repeat)),
        Kind("duplicate", "a district", _in_list("districts", _repeat)),
        Kind("duplicate", "a change", _in_list("changes", _repeat)),
        Kind("swap", "predecessors of two entries", _swap_predecessors),
        Kind("swap", "the units of two entries", _swap_keys("into")),
        Kind("swap", "the clauses of two entries", _swap_keys("clause")),
        Kind("swap", "the old units of two changes", _swap_changed("from")),
        Kind("swap", "the new units of two changes", _swap_changed("to")),
        Kind("retype", "the land of a predecessor", _retype("land", _LAND)),
        Kind("retype", "the people of a predecessor", _retype("people", _PEOPLE)),
        Kind("retype", "a new unit", _of_unit("new", _other_type)),
        Kind("retype", "an old unit", _of_unit("old", _other_type)),
        Kind("retype", "what happens in a change", _what),
        Kind("shift", "an effective day", _effective),
        Kind("shift", "the date of an act", _date_of("legal_basis", "date")),
        Kind("shift", "the day of a change", _date_of("changes", "date")),
        Kind("shift", "the day before a change", _date_of("changes", "after")),
        Kind("move", "an entry to another province", _move_entry),
        Kind("move", "a predecessor to another entry", _move_predecessor),
        Kind("move", "a commune to another district", _move_listed),
        Kind("move", "a district to another province", _move_district),
        Kind("mistype a digit of", "a new unit's code", _of_unit("new", _other_digit)),
        Kind("mistype a digit of", "an old unit's code", _of_unit("old", _other_digit)),
        Kind("mistype a digit of", "a code in a change", _of_unit("changed", _other_digit)),
        Kind("mistype a digit of", "a district's code", _of_unit("district", _other_digit)),
        Kind("mistype a letter of", "a new unit's name", _of_unit("new", _other_letter)),
        Kind("mistype a letter of", "an old unit's name", _of_unit("old", _other_letter)),
        Kind("mistype a letter of", "a name in a change", _of_unit("changed", _other_letter)),
        Kind("mistype a letter of", "a district's name", _of_unit("district", _other_letter)),
        Kind("mistype", "an area in km²", _area),
        Kind("swap", "the communes of two districts' lists", _swap_listed),
    ]


def _in_list(key: str, change: Callable[[Random, list[Any]], None]) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        return _some(chance, ((id_, file[key]) for id_, file in files.items() if file.get(key)), change)

    return spoil


def _in_from(change: Callable[[Random, list[Any]], None]) -> Spoil:
    return lambda chance, files: _some(chance, _froms(files), change)


def _in_areas(change: Callable[[Random, list[Any]], None]) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        found = ((id_, entry["areas"]) for id_, entry in _entries(files) if entry.get("areas"))
        return _some(chance, found, change)

    return spoil


def _in_provinces(change: Callable[[Random, list[Any]], None]) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        found = ((id_, file["province"]["from"]) for id_, file in files.items() if "province" in file)
        return _some(chance, found, change)

    return spoil


def _in_lists(change: Callable[[Random, Any], None]) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        return _some(chance, ((id_, one["communes"]) for id_, one in _districts(files)), change)

    return spoil


def _drop(chance: Random, items: Any) -> None:
    del items[chance.choice(list(items)) if isinstance(items, dict) else chance.randrange(len(items))]


def _repeat(chance: Random, items: list[Any]) -> None:
    items.insert(chance.randrange(len(items) + 1), chance.choice(items))


def _swap_predecessors(chance: Random, files: Files) -> str:
    id_, one, other = _two(chance, [(id_, entry) for id_, entry in _entries(files) if entry.get("from")])
    first, second = chance.randrange(len(one["from"])), chance.randrange(len(other["from"]))
    one["from"][first], other["from"][second] = other["from"][second], one["from"][first]
    return id_


def _swap_keys(key: str) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        id_, one, other = _two(chance, [(id_, entry) for id_, entry in _entries(files) if "into" in entry])
        if one.get(key) == other.get(key):
            return ""
        one[key], other[key] = other[key], one[key]
        return id_

    return spoil


def _swap_changed(key: str) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        id_, one, other = _two(chance, [(id_, one) for id_, one in _changes(files) if key in one])
        if one[key] == other[key]:
            return ""
        one[key], other[key] = other[key], one[key]
        return id_

    return spoil


def _retype(key: str, words: tuple[str, ...]) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        id_, units = chance.choice(list(_froms(files)))
        at = chance.randrange(len(units))
        said = (
            units[at]
            if isinstance(units[at], dict)
            else {"unit": units[at], "land": "whole", "people": "all"}
        )
        units[at] = said | {key: chance.choice([word for word in words if word != said.get(key)])}
        return id_

    return spoil


def _what(chance: Random, files: Files) -> str:
    id_, change = chance.choice(list(_changes(files)))
    words = ("merge", "split", "rename", "recode", "transfer", "create", "abolish")
    change["what"] = chance.choice([word for word in words if word != change["what"]])
    return id_


def _effective(chance: Random, files: Files) -> str:
    id_ = chance.choice(list(files))
    files[id_]["effective"] = _shifted(chance, files[id_]["effective"])
    return id_


def _date_of(key: str, name: str) -> Spoil:
    def spoil(chance: Random, files: Files) -> str:
        found = [(id_, one) for id_, file in files.items() for one in file.get(key, ()) if one.get(name)]
        id_, one = chance.choice(found)
        one[name] = _shifted(chance, one[name])
        return id_

    return spoil


def _shifted(chance: Random, day: str) -> str:
    days = chance.choice((1, 10, 30, 365, chance.randint(2, 800)))
    return (date.fromisoformat(day) + timedelta(days=chance.choice((-days, days)))).isoformat()


def _move_entry(chance: Random, files: Files) -> str:
    id_, entries = chance.choice(
        [(id_, file["communes"]) for id_, file in files.items() if "communes" in file]
    )
    other = chance.choice([file for key, file in files.items() if "communes" in file and key != id_])
    other["communes"].append(entries.pop(chance.randrange(len(entries))))
    return id_


def _move_predecessor(chance: Random, files: Files) -> str:
    id_, one, other = _two(chance, [(id_, entry) for id_, entry in _entries(files) if entry.get("from")])
    other["from"].append(one["from"].pop(chance.randrange(len(one["from"]))))
    return id_


def _move_listed(chance: Random, files: Files) -> str:
    id_, one, other = _two(chance, list(_districts(files)))
    _exchange(chance, one["communes"], other["communes"])
    return id_


def _swap_listed(chance: Random, files: Files) -> str:
    id_, one, other = _two(chance, list(_districts(files)))
    _exchange(chance, one["communes"], other["communes"])
    _exchange(chance, other["communes"], one["communes"])
    return id_


def _exchange(chance: Random, giving: Any, taking: Any) -> None:
    if isinstance(giving, dict):
        code = chance.choice(list(giving))
        taking[code] = giving.pop(code)
    else:
        taking.append(giving.pop(chance.randrange(len(giving))))


def _move_district(chance: Random, files: Files) -> str:
    id_, district = chance.choice(
        [(id_, one) for id_, file in files.items() for one in file.get("districts", ())]
    )
    provinces = {one["province"] for file in files.values() for one in file.get("districts", ())}
    district["province"] = chance.choice(sorted(provinces - {district["province"]}))
    return id_


def _area(chance: Random, files: Files) -> str:
    id_, entry = chance.choice([(id_, entry) for id_, entry in _entries(files) if "area_km2" in entry])
    entry["area_km2"] = round(entry["area_km2"] * 10, 3)
    return id_


def _of_unit(which: str, change: Callable[[Random, str], str]) -> Spoil:
    """Changes the text (code and name) of one unit: new, old, changed or district."""

    def spoil(chance: Random, files: Files) -> str:
        id_, holder, key = chance.choice(list(_refs(which, files)))
        said = holder[key]
        text = said["unit"] if isinstance(said, dict) else said
        spoilt = change(chance, text)
        holder[key] = {**said, "unit": spoilt} if isinstance(said, dict) else spoilt
        return id_ if spoilt != text else ""

    return spoil


def _refs(which: str, files: Files) -> Iterator[tuple[str, Any, Any]]:
    if which == "new":
        yield from ((id_, entry, "into") for id_, entry in _entries(files) if "into" in entry)
    elif which == "old":
        yield from ((id_, units, at) for id_, units in _froms(files) for at in range(len(units)))
    elif which == "changed":
        yield from ((id_, one, key) for id_, one in _changes(files) for key in ("from", "to") if key in one)
    else:
        yield from ((id_, one, "unit") for id_, file in files.items() for one in file.get("districts", ()))


def _other_type(chance: Random, ref: str) -> str:
    code, _, name = ref.partition(" ")
    word = next(
        (one for one in sorted(TYPES, key=len, reverse=True) if name.casefold().startswith(f"{one} ")), ""
    )
    other = chance.choice([one for one in ("xã", "phường", "thị trấn", "đặc khu") if one != word])
    return f"{code} {other.capitalize()} {name[len(word) :].strip()}"


def _other_digit(chance: Random, ref: str) -> str:
    code, _, name = ref.partition(" ")
    at = chance.randrange(len(code))
    digit = chance.choice([one for one in "0123456789" if one != code[at]])
    return f"{code[:at]}{digit}{code[at + 1 :]} {name}"


def _other_letter(chance: Random, ref: str) -> str:
    code, _, name = ref.partition(" ")
    at = chance.choice([at for at, letter in enumerate(name) if letter.isalpha()])
    letter = chance.choice([one for one in _LETTERS if one != name[at].lower()])
    return f"{code} {name[:at]}{letter.upper() if name[at].isupper() else letter}{name[at + 1 :]}"


def _some(chance: Random, found: Iterator[tuple[str, Any]], change: Callable[[Random, Any], None]) -> str:
    places = [(id_, items) for id_, items in found if items]
    if not places:
        return ""
    id_, items = chance.choices(places, [len(items) for _, items in places])[0]
    change(chance, items)
    return id_


def _two(chance: Random, found: list[tuple[str, Any]]) -> tuple[str, Any, Any]:
    """Two things of one file."""
    counts = Counter(id_ for id_, _ in found)
    id_ = chance.choice([id_ for id_, _ in found if counts[id_] > 1])
    one, other = chance.sample([one for key, one in found if key == id_], 2)
    return id_, one, other


def _entries(files: Files) -> Iterator[tuple[str, Any]]:
    return ((id_, entry) for id_, file in files.items() for entry in file.get("communes", ()))


def _froms(files: Files) -> Iterator[tuple[str, list[Any]]]:
    return ((id_, entry["from"]) for id_, entry in _entries(files) if entry.get("from"))


def _changes(files: Files) -> Iterator[tuple[str, Any]]:
    return ((id_, change) for id_, file in files.items() for change in file.get("changes", ()))


def _districts(files: Files) -> Iterator[tuple[str, Any]]:
    return (
        (id_, one) for id_, file in files.items() for one in file.get("districts", ()) if one.get("communes")
    )
