"""How MariaDB writes and reads values. Sessions are to be set as `SESSION` says."""

from merger.systems.functions.construct import quoted
from merger.systems.functions.patterns import OFFSET, VALID
from merger.systems.kinds import Kind
from merger.systems.times import BLANKS, MILLISECONDS, WAYS, clock

SESSION = (
    "SET NAMES utf8mb4", "SET time_zone = '+00:00'",
    "SET sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'",
)  # fmt: skip
_WHOLE = "9007199254740992"
_NONE = ".000000"
BACKSLASH = "CHAR(92 USING utf8mb4)"
_EXACT = "COLLATE utf8mb4_nopad_bin"


def cast(value: str) -> str:
    return f"CONVERT({value} USING utf8mb4)"


def number(value: str, whole: bool) -> str:
    if whole:
        return f"CAST({value} + 0 AS CHAR)"
    whole_part = f"TRUNCATE({value}, 0)"
    short = f"TRIM(TRAILING '0' FROM CAST({value} + 0 AS CHAR))"
    return f"CASE WHEN {value} = {whole_part} THEN CAST({whole_part} + 0 AS CHAR) ELSE {short} END"


def _shortened(digits: str) -> str:
    """A decimal number without the zeros at the end of its fraction."""
    short = f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {digits}))"
    return f"CASE WHEN LOCATE('.', {digits}) = 0 THEN {digits} WHEN {short} = '-0' THEN '0' ELSE {short} END"


def floating(value: str) -> str:
    d = f"CAST({value} AS DOUBLE)"
    t = f"CAST({d} AS CHAR)"
    whole = f"CAST(CAST({d} AS DECIMAL(20, 0)) AS CHAR)"
    mantissa, power = f"SUBSTRING_INDEX({t}, 'e', 1)", f"SUBSTRING_INDEX({t}, 'e', -1)"
    digits = f"TRIM(LEADING '0' FROM SUBSTRING_INDEX({t}, '.', -1))"
    zeros = f"CHAR_LENGTH(SUBSTRING_INDEX({t}, '.', -1)) - CHAR_LENGTH({digits}) + 1"
    sign = f"CASE WHEN {d} < 0 THEN '-' ELSE '' END"
    point = f"CASE WHEN CHAR_LENGTH({digits}) > 1 THEN '.' ELSE '' END"
    return (
        f"CASE WHEN {d} = FLOOR({d}) AND ABS({d}) < {_WHOLE} THEN {whole}"
        f" WHEN ABS({d}) >= {_WHOLE} AND ABS({d}) < 1e16 THEN CONCAT({whole}, '.0')"
        f" WHEN ABS({d}) >= 1e16 THEN CONCAT({mantissa}, 'e+', {power})"
        f" WHEN ABS({d}) >= 1e-4 THEN {t}"
        f" WHEN LOCATE('e', {t}) > 0 THEN CONCAT({mantissa}, 'e-', LPAD(SUBSTR({power}, 2),"
        f" GREATEST(2, CHAR_LENGTH({power}) - 1), '0'))"
        f" ELSE CONCAT({sign}, LEFT({digits}, 1), {point}, SUBSTR({digits}, 2),"
        f" 'e-', LPAD({zeros}, 2, '0')) END"
    )


def floating_as_number(value: str) -> str:
    d = f"CAST({value} AS DOUBLE)"
    exactly = f"CAST(CAST(CAST({d} AS CHAR) AS DECIMAL(65, 30)) AS CHAR)"
    return _shortened(exactly)


def is_decimal(value: str) -> str:
    """A number that a decimal of 65 digits, 30 of them after the point, holds as it is written."""
    d = f"CAST({value} AS DOUBLE)"
    return f"(ABS({d}) < 1e34 AND CAST(CAST({d} AS CHAR) AS DECIMAL(65, 30)) = {d})"


def is_finite(_: str) -> str:
    return "1 = 1"


def time(value: str) -> str:
    t = f"CAST({value} AS CHAR)"
    short = f"TRIM(TRAILING '0' FROM {t})"
    return f"CASE WHEN MICROSECOND({value}) > 0 THEN {short} ELSE SUBSTRING_INDEX({t}, '.', 1) END"


def whole_time(value: str) -> str:
    """Of a column without a fraction."""
    return f"CAST({value} AS CHAR)"


def moment(value: str) -> str:
    return time(value)


def truth(value: str) -> str:
    return f"CAST({value} + 0 AS CHAR)"


def binary(value: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN {whole(f'LOWER(HEX({value}))', value)} END"


def binary_of_text(text: str) -> str:
    return binary(cast(text))


def whole(made: str, of: str) -> str:
    """Text that is made of a value which is not NULL. Where it is longer than `max_allowed_packet`, MariaDB
    warns and answers NULL, with which a value would be lost and its loss be hashed; so an error is made of
    it (1690, a number out of range). The error is made of the value too: of constants it would be computed
    though nobody asks for it."""
    return f"IFNULL({made}, CAST(~0 + (1 + IFNULL(LENGTH({of}), 0)) AS CHAR))"


def jsonb_of_text(text: str) -> str:
    return text


def joined(*parts: str) -> str:
    return f"CONCAT({', '.join(parts)})"


def matches(text: str, pattern: str) -> str:
    return f"({cast(text)} {_EXACT} REGEXP {quoted(f'(?s)^(?:{pattern})(?!.)')})"


def in_calendar(value: str, _: Kind) -> str:
    return f"(YEAR({value}) > 0 AND MONTH({value}) > 0 AND DAYOFMONTH({value}) > 0)"


def number_is_finite(_: str, __: bool) -> str | None:
    return None


def is_float_of(text: str) -> str:
    return f"({floating(text)} = {cast(text)} {_EXACT})"


def read_time(value: str, written: str, zone: str, local: str) -> str:
    text = f"{cast(value)} {_EXACT}"
    around = f"[{BLANKS}]*"
    if written == MILLISECONDS:
        return _counted(text, around, local)
    way = WAYS[written]
    pattern = f"(?s)^{around}{way.pattern}{around}(?!.)"
    place = {part: f"\\\\{number}" for number, part in enumerate(way.parts, 1)}
    month, day, hour, minute, second = (f"00{place.get(part, '')}" for part in "mdHMS")
    form = f"{place['y']}-{month}-{day} {hour}:{minute}:{second}.{place.get('f', '')}000000"
    found = f"REGEXP_SUBSTR({text}, {quoted(pattern)})"
    padded = f"REGEXP_REPLACE({found}, {quoted(pattern)}, {quoted(form)})"
    t = f"LEFT(REGEXP_REPLACE({padded}, '([-: ])0*([0-9]{{2}})(?![0-9])', '\\\\1\\\\2'), 26)"
    valid = f"NULLIF(REGEXP_SUBSTR({t}, {quoted(f'(?s)^(?:{VALID})(?!.)')}), '')"
    stays = f"TRIM(TRAILING '{_NONE}' FROM {valid})"
    wall = f"CAST({valid} AS DATETIME(6))"
    bare = stays if zone == local else _written(_of_clock(wall, zone), local)
    if "z" not in place:
        return bare
    z = f"REGEXP_REPLACE({found}, {quoted(pattern)}, {quoted(place['z'])})"
    given = _written(_of_offset(wall, z), local)
    known = f"{z} REGEXP {quoted(f'^(?:{OFFSET})$')}"
    return f"CASE WHEN {z} = '' THEN {bare} WHEN {known} THEN {given} END"


def shown_time(value: str, of: Kind, zone: str, local: str) -> str:
    """`read_time` of a value that is a time."""
    wall = f"CAST({value} AS DATETIME(6))"
    if of is not Kind.MOMENT and zone == local:
        shown = f"TRIM(TRAILING '{_NONE}' FROM CAST({wall} AS CHAR))"
    else:
        shown = _written(wall if of is Kind.MOMENT else _of_clock(wall, zone), local)
    return f"CASE WHEN {in_calendar(value, of)} THEN {shown} END"


def _counted(text: str, around: str, local: str) -> str:
    pattern = quoted(f"(?s)^{around}([+-]?[0-9]{{1,15}}){around}(?!.)")
    n = f"CAST(REGEXP_REPLACE({text}, {pattern}, '\\\\1') AS SIGNED)"
    utc = f"DATE_ADD(TIMESTAMP'1970-01-01 00:00:00.000000', INTERVAL {n} * 1000 MICROSECOND)"
    known = f"{text} REGEXP {pattern} AND {n} BETWEEN -62135596800000 AND 253402300799999"
    return f"CASE WHEN {known} THEN {_written(utc, local)} END"


def _written(utc: str, zone: str) -> str:
    moved = _by_clock(utc, zone)
    return f"TRIM(TRAILING '{_NONE}' FROM CAST({moved} AS CHAR))"


def _of_clock(wall: str, zone: str) -> str:
    return f"DATE_SUB({wall}, INTERVAL {_seconds(wall, zone, 'wall')} SECOND)"


def _by_clock(utc: str, zone: str) -> str:
    return f"DATE_ADD({utc}, INTERVAL {_seconds(utc, zone, 'utc')} SECOND)"


def _of_offset(wall: str, z: str) -> str:
    minutes = f"RPAD(REPLACE(SUBSTR({z}, 4), ':', ''), 2, '0')"
    seconds = f"(SUBSTR({z}, 2, 2) * 3600 + {minutes} * 60)"
    signed = f"CASE LEFT({z}, 1) WHEN 'Z' THEN 0 WHEN '-' THEN - {seconds} ELSE {seconds} END"
    return f"DATE_SUB({wall}, INTERVAL CAST({signed} AS SIGNED) SECOND)"


def _seconds(moment_: str, zone: str, by: str) -> str:
    known = clock(zone)
    changes = known.utc if by == "utc" else known.wall
    if not changes:
        return str(known.offsets[0])
    thresholds = ", ".join(f"TO_SECONDS('{one}')" for one in changes)
    offsets = ", ".join(str(one) for one in known.offsets)
    return f"CAST(ELT(1 + INTERVAL(TO_SECONDS({moment_}), {thresholds}), {offsets}) AS SIGNED)"


def json_ok(value: str) -> str:
    """`JSON_VALID` lets numbers like `1.` and unknown escapes pass; what stands for no character cannot be
    read elsewhere."""
    text = f"{cast(value)} {_EXACT}"
    plain = f"REGEXP_REPLACE({text}, {_escaped(_ESCAPE)}, '')"
    outside = f'REGEXP_REPLACE({plain}, \'"[^"]*"\', \'""\')'
    return (
        f"CASE WHEN JSON_VALID({value}) = 0 THEN 0 WHEN LOCATE({_escaped(_BACKSLASH)}, {plain}) > 0 THEN 0"
        f" WHEN {outside} REGEXP {quoted(_HALF_NUMBER)} THEN 0 WHEN {value} IS NOT NULL THEN 1 END"
    )


_BACKSLASH = "\\"
_ESCAPE = (
    r"\\(?:[\"\\/bfnrt]|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4})"
)
_HALF_NUMBER = "[0-9][eE][+-]?[0-9]{3}|[0-9][.](?![0-9])|[0-9][eE](?![+-]?[0-9])|-(?![0-9])"


def _escaped(pattern: str) -> str:
    return quoted(pattern.replace(_BACKSLASH, _BACKSLASH * 2))


def jsonb_ok(_: str) -> str:
    """MariaDB cannot write a document as `jsonb` does."""
    return "1 = 0"


def json_value(value: str, steps: tuple[str | int, ...]) -> str:
    j = f"JSON_EXTRACT({value}, {quoted(_path(steps))})"
    whole = (
        f"{j} REGEXP '^-?[0-9]{{1,19}}$' AND CAST({j} AS DECIMAL(20, 0)) BETWEEN {-(2**63)} AND {2**63 - 1}"
    )
    number_ = f"CASE WHEN {whole} THEN CAST(CAST({j} AS SIGNED) AS CHAR) ELSE {floating(j)} END"
    shown = (
        f"CASE JSON_TYPE({j}) WHEN 'STRING' THEN JSON_UNQUOTE({j}) WHEN 'INTEGER' THEN {number_}"
        f" WHEN 'DOUBLE' THEN {number_} WHEN 'BOOLEAN' THEN CASE {j} WHEN 'true' THEN '1' ELSE '0' END"
        f" WHEN 'NULL' THEN NULL ELSE JSON_COMPACT({j}) END"
    )
    lists = "".join(
        f" AND JSON_TYPE(JSON_EXTRACT({value}, {quoted(_path(steps[:number]))})) = 'ARRAY'"
        for number, step in enumerate(steps)
        if isinstance(step, int)
    )  # it takes [0] of what is no list for the thing itself
    return f"CASE WHEN {json_ok(value)}{lists} THEN {shown} END"


def _path(steps: tuple[str | int, ...]) -> str:
    return "$" + "".join(f'."{step}"' if isinstance(step, str) else f"[{step}]" for step in steps)
