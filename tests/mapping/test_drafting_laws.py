"""What is written in the drafting language is read back; spoilt text never gives a wrong edge."""

import re
import tempfile
from pathlib import Path

from drafting_files import EXAMPLE, TRUE_EDGES, Edges, edges, errors, read
from hypothesis import example, given, settings
from hypothesis import strategies as st

from merger.errors import InputError
from merger.mapping.drafting.grammar import parse
from merger.mapping.drafting.statements import Much, statements_of
from merger.mapping.drafting.text import cleaned, text_of_lines
from merger.mapping.drafting.tokens import tokens_of

KINDS = ["xã", "phường", "thị trấn"]
WORDS = [
    *[
        "An",
        "Bình",
        "Thành",
        "Và",
        "Mới",
        "Lát",
        "Đắk",
        "R'Lấp",
        "B'Lao",
        "Ea",
        "H’leo",
        "Thủy",
        "Quốc",
        "Xã",
        "Sau",
    ],
    *["Phần", "Điều", "Của", "Srônh", "ĐamBri", "Ỷ", "La"],
]
AMOUNTS = {
    (Much.WHOLE, Much.WHOLE): [
        "toàn bộ diện tích tự nhiên, quy mô dân số của",
        "toàn bộ diện tích tự nhiên và quy mô dân số của",
        "toàn bộ diện tích tự nhiên, quy mô dân số",
    ],
    (Much.PART, Much.PART): ["một phần diện tích tự nhiên, quy mô dân số của"],
    (Much.PART, Much.WHOLE): ["một phần diện tích tự nhiên, toàn bộ quy mô dân số của"],
    (Much.PART, Much.NONE): ["một phần diện tích tự nhiên của"],
}

names = st.builds(
    lambda words, number: " ".join(words) + number,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.sampled_from(["", "", "", " 1", " 2", " 61"]),
).filter(lambda name: re.search("^Xã|Xã [0-9]", name) is None)  # where it is the kind, said twice
districts = st.one_of(st.just(""), st.builds("huyện {}".format, names), st.just("quận 5"))
units = st.tuples(st.sampled_from(KINDS), names, districts)
groups = st.tuples(st.sampled_from(sorted(AMOUNTS)), st.lists(units, min_size=1, max_size=4))
rests = st.tuples(
    st.lists(units, min_size=1, max_size=2), st.lists(st.integers(1, 130), min_size=1, max_size=3)
)


@st.composite
def sentences(draw):
    """A clause: what it says, and one way of writing it."""
    said, written = [], []
    for amount, members in draw(st.lists(groups, min_size=1, max_size=3)):
        words = draw(st.sampled_from(AMOUNTS[amount]))
        written.append(f"{words} {_listed(members, draw)}")
        said += [(kind, name, district, *amount, ()) for kind, name, district in members]
    for members, clauses in draw(st.lists(rests, max_size=2)):
        where = _clauses(clauses, draw)
        written.append(
            f"phần còn lại của {_listed(members, draw)} sau khi sắp xếp theo quy định tại {where} Điều này"
        )
        numbers = tuple(map(str, clauses))
        said += [(kind, name, district, Much.REST, Much.REST, numbers) for kind, name, district in members]
    target = draw(st.sampled_from(KINDS)), draw(names)
    announced = draw(st.sampled_from(["", f"{target[0]} mới có tên gọi là ", f"{target[0]} có tên gọi là "]))
    text = f"Sắp xếp {_joined(written, draw)} thành {announced}{target[0]} {target[1]}."
    return said, target, _conversion(text, draw)


def _listed(members, draw):
    """The members with a shared word for their kind where they have one and a plural is drawn."""
    shared = len({kind for kind, _, _ in members}) == 1 and len(members) > 1 and draw(st.booleans())
    items = []
    for kind, name, district in members:
        where = f" ({district})" if district else ""
        items.append(f"{name}{where}" if shared else f"{kind} {name}{where}")
    return (f"các {members[0][0]} " if shared else "") + _joined(items, draw)


def _joined(items, draw):
    last = draw(st.sampled_from([" và ", ", ", ", và "])) if len(items) > 1 else ""
    return ", ".join(items[:-1]) + last + items[-1] if last else ", ".join(items)


def _clauses(clauses, draw):
    if draw(st.booleans()):
        return ("các " if len(clauses) > 1 else "") + "khoản " + _joined([str(one) for one in clauses], draw)
    return _joined([f"khoản {one}" for one in clauses], draw)


def _conversion(text, draw):
    """The text as a file holds it: wrapped, and with marks and mistakes of conversion."""
    for old, new in draw(
        st.sets(
            st.sampled_from(
                [
                    (" thành ", "thành "),
                    ("của xã", "của của xã"),
                    ("của các", "củacác"),
                    (" Điều này", " Điều nàythành "),
                ]
            ),
            max_size=2,
        )
    ):
        if new.endswith("thành ") and new.strip() != "thành":
            text = text.replace(" Điều này thành ", new)
        else:
            text = text.replace(old, new, 1)
    text = re.sub("(là )(.*)\\.$", r"\1**\2**.", text) if draw(st.booleans()) else text
    width = draw(st.integers(30, 90))
    return _wrapped(text, width)


def _wrapped(text, width):
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


@settings(max_examples=150, deadline=None)
@given(sentences())
def test_a_sentence_is_read_back_as_it_was_meant(sentence):
    said, target, lines = sentence
    text = cleaned(text_of_lines("x", lines))
    statement, _ = statements_of(parse(tokens_of(text).tokens), "1", text)
    assert statement is not None
    assert statement.target is not None
    assert (statement.target.kind, statement.target.name) == target
    read_ = [
        (one.unit.kind, one.unit.name, one.unit.district, one.land, one.people, one.clauses)
        for one in statement.takings
    ]
    assert read_ == said


def _read_text(text: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changed.md"
        path.write_text(text, "utf-8")
        return read(path)


TEXT = EXAMPLE.read_text("utf-8")
BEGIN, END = TEXT.index("1\\. Sắp xếp"), TEXT.index("**Điều 2")
SPOILS = [
    "",
    " ",
    "\n",
    "a",
    "ạ",
    "N",
    "0",
    "7",
    ",",
    ".",
    "(",
    ")",
    "và ",
    "xã ",
    "thành ",
    "của ",
    "\\",
    "*",
    "huyện ",
]


def _no_wrong_edge(found: Edges) -> None:
    """Every edge is true; where how much goes is not what the text said, it is left unspecified."""
    for pair, amount in found.items():
        if pair[1].startswith("new-"):
            continue
        assert pair in TRUE_EDGES
        assert amount in (TRUE_EDGES[pair], ("unspecified", "unspecified"))


@settings(max_examples=60, deadline=None)
@given(st.integers(BEGIN, END - 1), st.integers(0, 12), st.sampled_from(SPOILS))
@example(TEXT.index("Tân Lập (huyện Đồng Xanh)"), 0, "x")
@example(TEXT.index("(huyện Đồng Xanh)"), 17, "")
def test_a_spoilt_place_is_reported_or_harmless_and_never_a_wrong_edge(at, length, spoil):
    try:
        imported = _read_text(TEXT[:at] + spoil + TEXT[min(at + length, END) :])
    except InputError:
        return
    found = edges(imported)
    _no_wrong_edge(found)
    assert found.keys() >= TRUE_EDGES.keys() or errors(imported)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_refused_or_read(text):
    try:
        findings = _read_text(text).findings
    except InputError as refused:
        findings = refused.findings
    assert findings
