"""How PostgreSQL writes and reads values. Sessions are to be set as `SESSION` says."""

from merger.systems.functions.construct import quoted
from merger.systems.functions.patterns import OFFSET, VALID
from merger.systems.kinds import Kind
from merger.systems.times import BLANKS, MILLISECONDS, WAYS, clock

BACKSLASH = "chr(92)"
SESSION = (
    "SET DateStyle = 'ISO, YMD'", "SET TimeZone = 'UTC'", "SET IntervalStyle = 'iso_8601'",
    "SET bytea_output = 'hex'", "SET extra_float_digits = 1", "SET client_encoding = 'UTF8'",
)  # fmt: skip
TEXT = "text"
_FORM = "YYYY-MM-DD HH24:MI:SS.US"
_WHOLE = "9007199254740992"
"""2**53: from there on not every whole number is a floating point number."""
_NONE = ".000000"


def cast(value: str) -> str:
    return f"CAST({value} AS text)"


def number(value: str, whole: bool) -> str:
    return cast(value if whole else f"trim_scale(CAST({value} AS numeric))")


def floating(value: str) -> str:
    d = f"CAST({value} AS float8)"
    exactly = f"CAST(CAST({d} AS text) AS numeric)"
    return (
        f"CASE WHEN {d} = trunc({d}) AND abs({d}) < {_WHOLE} THEN CAST(CAST({d} AS bigint) AS text)"
        f" WHEN abs({d}) >= {_WHOLE} AND abs({d}) < 1e16 THEN {exactly} || '.0'"
        f" WHEN abs({d}) >= 1e15 AND abs({d}) < 1e16 THEN CAST({exactly} AS text)"
        f" WHEN abs({d}) >= 1e16 AND {finite(value)} THEN {_shortest(d)}"
        f" ELSE CAST({d} AS text) END"
    )


def _shortest(d: str) -> str:
    """The fewest digits of a large number. PostgreSQL takes no digits that lie exactly between two numbers,
    as 1e+23 does, which Python and MariaDB do."""
    written = f"SELECT CAST({d} AS text) AS t, split_part(CAST({d} AS text), 'e', 1) AS m"
    rounded = ", ".join(
        f"trim_scale(round(CAST(m AS numeric), {places})) AS m{places}" for places in (14, 15)
    )
    given = f"SELECT t, CAST(split_part(t, 'e', 2) AS int) AS p, {rounded} FROM ({written} OFFSET 0) AS w"
    tried = " ".join(
        f"WHEN CAST(CAST(m{places} AS text) || 'e' || CAST(p AS text) AS float8) = {d} THEN"
        f" CASE abs(m{places}) WHEN 10 THEN trim_scale(m{places} / 10) || 'e+' || p + 1"
        f" ELSE m{places} || 'e+' || p END"
        for places in (14, 15)
    )
    return (
        f"(SELECT CASE WHEN t >= '1.797' AND p = 308 THEN t {tried} ELSE t END FROM ({given} OFFSET 0) AS g)"
    )


def floating_as_number(value: str) -> str:
    text = floating(value)
    return f"CASE WHEN {finite(value)} THEN CAST(trim_scale(CAST({text} AS numeric)) AS text) ELSE {text} END"


def finite(value: str) -> str:
    return f"CAST({value} AS float8) NOT IN ('NaN', 'Infinity', '-Infinity')"


def is_decimal(value: str) -> str:
    """A number that a decimal of 65 digits, 30 of them after the point, holds as it is written."""
    d = f"CAST({value} AS float8)"
    places = f"scale(trim_scale(CAST(CAST({d} AS text) AS numeric)))"
    return f"(abs({d}) < 1e34 AND {places} <= 30)"


def is_finite(value: str) -> str:
    return finite(value)


def time(value: str) -> str:
    return cast(value)


def moment(value: str) -> str:
    return f"CAST({value} AT TIME ZONE 'UTC' AS text)"


def truth(value: str) -> str:
    return f"CAST(CAST({value} AS int) AS text)"


def binary(value: str) -> str:
    return f"encode({value}, 'hex')"


def binary_of_text(text: str) -> str:
    return f"encode(convert_to({text}, 'UTF8'), 'hex')"


def jsonb_of_text(text: str) -> str:
    return f"CASE WHEN {json_ok(text)} THEN CAST(CAST({text} AS jsonb) AS text) ELSE {text} END"


def joined(*parts: str) -> str:
    return " || ".join(parts)


def matches(text: str, pattern: str) -> str:
    return f"({text}) ~ {quoted(f'^(?:{pattern})$')}"


def in_calendar(value: str, of: Kind) -> str:
    if of is Kind.DAY:
        return f"{value} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
    zone = "timestamptz" if of is Kind.MOMENT else "timestamp"
    plus = "+00" if of is Kind.MOMENT else ""
    first, last = f"0001-01-01 00:00:00{plus}", f"9999-12-31 23:59:59.999999{plus}"
    return f"{value} BETWEEN CAST('{first}' AS {zone}) AND CAST('{last}' AS {zone})"


def number_is_finite(value: str, whole: bool) -> str | None:
    if whole:
        return None
    return f"CAST({value} AS numeric) NOT IN ('NaN', 'Infinity', '-Infinity')"


def is_float_of(text: str) -> str:
    """Whether a text that is a short decimal number is written as the floating point number it is."""
    return f"{floating(text)} = {text}"


_YMD = "substr(s, 7, 4) || '-' || substr(s, 4, 2) || '-' || left(s, 2) || ' ' || "
_COMPACT = "left(s, 4) || '-' || substr(s, 5, 2) || '-' || substr(s, 7, 2) || ' ' || "
_CLOCK = "substr(s, 9, 2) || ':' || substr(s, 11, 2) || ':' || substr(s, 13, 2) || '.000000'"
_DAY = "[0-9]{2}/[0-9]{2}/[0-9]{4}"
_LAYOUTS = {
    "iso": (
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,6})?)?",
        "left(s, 10) || CASE length(s) WHEN 10 THEN ' 00:00:00.000000'"
        " ELSE ' ' || substr(s, 12, 8) || '.' || rpad(substr(s, 21), 6, '0') END",
    ),
    "dd/MM/yyyy": (_DAY, _YMD + "'00:00:00.000000'"),
    "dd/MM/yyyy HH:mm": (_DAY + " [0-9]{2}:[0-9]{2}", _YMD + "substr(s, 12) || ':00.000000'"),
    "dd/MM/yyyy HH:mm:ss": (_DAY + " [0-9]{2}:[0-9]{2}:[0-9]{2}", _YMD + "substr(s, 12) || '.000000'"),
    "yyyyMMddHHmmss": ("[0-9]{14}", _COMPACT + _CLOCK),
    "yyyyMMdd": ("[0-9]{8}", _COMPACT + "'00:00:00.000000'"),
}
"""The usual look of a time, and its parts by their places: much quicker than by groups of an expression."""


def read_time(text: str, written: str, zone: str, local: str) -> str:
    around = f"[{BLANKS}]*"
    if written == MILLISECONDS:
        return _counted(text, around, local)
    way = WAYS[written]
    place = {part: f"p[{number}]" for number, part in enumerate(way.parts, 1)}
    padded = {part: f"lpad({place[part]}, 2, '0')" for part in "mdHMS" if part in place}
    hour, minute, second = (f"coalesce({padded.get(part, 'NULL')}, '00')" for part in "HMS")
    micro = f"rpad(coalesce({place.get('f', 'NULL')}, ''), 6, '0')"
    form = (
        f"{place['y']} || '-' || {padded['m']} || '-' || {padded['d']} || ' ' || {hour} || ':' || {minute}"
        f" || ':' || {second} || '.' || {micro}"
    )
    pattern = quoted(f"^{around}{way.pattern}{around}$")
    shape, quick = _LAYOUTS[written]
    zoned = "z" in place
    z = place["z"] if zoned else "NULL"
    looked = f"(SELECT s, s ~ '^(?:{shape})$' AS q FROM (SELECT {text} AS s OFFSET 0) AS a OFFSET 0) AS b"
    matched = (
        f"(SELECT s, q, CASE WHEN NOT q THEN regexp_match(s, {pattern}) END AS p FROM {looked} OFFSET 0)"
    )
    parsed = f"(SELECT CASE WHEN q THEN {quick} ELSE {form} END AS t, {z} AS z FROM {matched} AS m OFFSET 0)"
    valid = f"t ~ {quoted(f'^(?:{VALID})$')}"
    if zoned:
        valid += f" AND coalesce(z ~ {quoted(f'^(?:{OFFSET})$')}, true)"
    stays = f"replace(t, '{_NONE}', '')"
    moved = _by_clock(_of_clock("CAST(t AS timestamp)", zone), local)
    bare = stays if zone == local else _written(moved)
    if zoned:
        given = _written(_by_clock(_of_offset("CAST(t AS timestamp)", "z"), local))
        result = f"CASE WHEN z IS NULL THEN {bare} ELSE {given} END"
    else:
        result = bare
    return f"SELECT CASE WHEN {valid} THEN {result} END FROM {parsed} AS r"


def shown_time(value: str, of: Kind, zone: str, local: str) -> str:
    """`read_time` of a value that is a time."""
    known = in_calendar(value, of)
    if of is not Kind.MOMENT and zone == local:
        wall = f"CAST({value} AS timestamp)"
        plain = f"{wall} = date_trunc('second', {wall})"
        shown = f"CASE WHEN {plain} THEN CAST({wall} AS text) ELSE to_char({wall}, '{_FORM}') END"
        return f"CASE WHEN {known} THEN {shown} END"
    if of is Kind.MOMENT:
        utc = f"{value} AT TIME ZONE 'UTC'"
    else:
        utc = _of_clock(f"CAST({value} AS timestamp)", zone)
    return f"CASE WHEN {known} THEN {_written(_by_clock(utc, local))} END"


def _counted(text: str, around: str, local: str) -> str:
    pattern = quoted(f"^{around}([+-]?[0-9]{{1,15}}){around}$")
    parsed = f"(SELECT CAST(substring({text} FROM {pattern}) AS bigint) AS n OFFSET 0)"
    utc = (
        "(TIMESTAMP '1970-01-01' + CAST(n / 86400000 AS int) * INTERVAL '1 day'"
        " + mod(n, 86400000) * INTERVAL '0.001 second')"
    )
    known = "n BETWEEN -62135596800000 AND 253402300799999"
    return f"SELECT CASE WHEN {known} THEN {_written(_by_clock(utc, local))} END FROM {parsed} AS r"


def _written(moment_: str) -> str:
    """The text of a timestamp that is computed once; NULL outside of the calendar."""
    text = f"replace(to_char(w, '{_FORM}'), '{_NONE}', '')"
    known = in_calendar("w", Kind.TIME)
    return f"(SELECT CASE WHEN {known} THEN {text} END FROM (SELECT {moment_} AS w OFFSET 0) AS o)"


def _of_clock(wall: str, zone: str) -> str:
    """A moment in UTC, of one by the clocks of a zone."""
    return f"({wall} - {_seconds(wall, zone, 'wall')} * INTERVAL '1 second')"


def _by_clock(utc: str, zone: str) -> str:
    seconds = _seconds("u", zone, "utc")
    return f"(SELECT u + {seconds} * INTERVAL '1 second' FROM (SELECT {utc} AS u OFFSET 0) AS c)"


def _of_offset(wall: str, offset: str) -> str:
    minutes = f"rpad(replace(substr({offset}, 4), ':', ''), 2, '0')"
    seconds = f"(CAST(substr({offset}, 2, 2) AS int) * 3600 + CAST({minutes} AS int) * 60)"
    signed = f"CASE left({offset}, 1) WHEN 'Z' THEN 0 WHEN '-' THEN - {seconds} ELSE {seconds} END"
    return f"({wall} - ({signed}) * INTERVAL '1 second')"


def _seconds(moment_: str, zone: str, by: str) -> str:
    """A zone's offset from UTC at a moment, in seconds."""
    known = clock(zone)
    changes = known.utc if by == "utc" else known.wall
    if not changes:
        return str(known.offsets[0])
    offsets = ", ".join(str(one) for one in known.offsets)
    thresholds = ", ".join(f"'{one}'" for one in changes)
    placed = f"width_bucket({moment_}, CAST(ARRAY[{thresholds}] AS timestamp[]))"
    return f"(ARRAY[{offsets}])[1 + {placed}]"


def json_ok(value: str, of: Kind = Kind.TEXT) -> str:
    """PostgreSQL 15 raises an error for a text that is no document, so the text is reduced from the inside:
    strings to one control character, whatever else is a value to another, until one is left."""
    if of in (Kind.JSON, Kind.JSONB):
        return f"CASE WHEN {value} IS NOT NULL THEN true END"
    strings = f"regexp_replace({value}, '{_STRING}', chr(1), 'g')"
    values = f"regexp_replace({strings}, '{_SCALAR}', '\\1' || chr(2), 'g')"
    reduced = (
        f"WITH RECURSIVE r(t) AS (SELECT {values} UNION ALL"
        f" SELECT regexp_replace(t, '{_NEST}', chr(2), 'g') FROM r WHERE t ~ '{_NEST}')"
        f" SELECT bool_or(t ~ '^{_ITEM}$') FROM r"
    )
    clean = f"regexp_replace({value}, '{_PAIR}', '', 'g') !~ '{_NO_TEXT}'"
    return f"({value} !~ '[\\u0001\\u0002]' AND {clean} AND ({reduced}))"


_GAP = r"[ \t\n\r]*"
_STRING = r'"(?:[^"\\\u0001-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
_SCALAR = (
    r"(^|[\[,: \t\n\r])(?:-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]{1,2})?|true|false|null)"
    r"(?=$|[\],} \t\n\r])"
)
_ITEM = rf"{_GAP}[\u0001\u0002]{_GAP}"
_MEMBER = rf"{_GAP}\u0001{_GAP}:{_ITEM}"
_NEST = rf"\[(?:{_ITEM}(?:,{_ITEM})*|{_GAP})\]|\{{(?:{_MEMBER}(?:,{_MEMBER})*|{_GAP})\}}"
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_NO_TEXT = r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})"
"""What stands for no character: it can be in a document, but not be read from it."""


def jsonb_ok(text: str) -> str:
    return json_ok(text)


def json_value(value: str, steps: tuple[str | int, ...], of: Kind) -> str:
    at = "".join(f" -> {quoted(step) if isinstance(step, str) else step}" for step in steps)
    document = f"CAST({value} AS json)"
    ok = json_ok(value, of)
    minified = r"""regexp_replace(CAST(j AS text), '("(?:[^"\\]|\\.)*")|[ \t\n\r]+', '\1', 'g')"""
    token = "(j #>> '{}')"
    whole = f"CASE WHEN {token} ~ '^-?[0-9]{{1,19}}$' THEN CAST({token} AS numeric) END"
    number_ = (
        f"CASE WHEN {whole} BETWEEN {-(2**63)} AND {2**63 - 1} THEN CAST(CAST({token} AS bigint) AS text)"
        f" WHEN length({token}) > 200 THEN {token} ELSE {floating(token)} END"
    )
    shown = (
        f"CASE json_typeof(j) WHEN 'string' THEN {token} WHEN 'number' THEN {number_}"
        f" WHEN 'boolean' THEN CASE {token} WHEN 'true' THEN '1' ELSE '0' END"
        f" WHEN 'null' THEN NULL ELSE {minified} END"
    )
    return f"SELECT {shown} FROM (SELECT CASE WHEN {ok} THEN {document}{at} END AS j OFFSET 0) AS d"
