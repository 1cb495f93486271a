"""Sentences of the drafting language, and what they say."""

import pytest

from merger.mapping.drafting.grammar import NotUnderstood, parse
from merger.mapping.drafting.statements import Counts, Statement, statements_of
from merger.mapping.drafting.text import cleaned, text_of_lines
from merger.mapping.drafting.tokens import tokens_of

WHOLE = "toàn bộ diện tích tự nhiên, quy mô dân số"
PART = "một phần diện tích tự nhiên, quy mô dân số"


def _said(sentence: str, names: frozenset[str] = frozenset()) -> tuple[Statement | None, Counts | None]:
    text = cleaned(text_of_lines("x", sentence.splitlines()))
    return statements_of(parse(tokens_of(text, names).tokens), "9", text)


def _statement(sentence: str) -> Statement:
    statement, _ = _said(sentence)
    assert statement is not None
    return statement


def _takings(sentence: str) -> list[tuple[str, str, str]]:
    return [(one.unit.full, one.land.value, one.people.value) for one in _statement(sentence).takings]


@pytest.mark.parametrize(
    ("amount", "land", "people"),
    [
        ("toàn bộ diện tích tự nhiên, quy mô dân số của", "whole", "whole"),
        ("toàn bộ diện tích tự nhiên và quy mô dân số của", "whole", "whole"),
        ("toàn bộ diện tích tự nhiên quy mô dân số của", "whole", "whole"),
        ("toàn bộ diện tích tự nhiên, quy mô dân của", "whole", "whole"),
        ("toàn bộ diện tích tự nhiên, toàn bộ dân số của", "whole", "whole"),
        ("toàn bộ diện tích tự nhiên, quy mô dân số", "whole", "whole"),
        ("toàn bộ", "whole", "whole"),
        ("nguyên trạng toàn bộ diện tích tự nhiên, quy mô dân số của", "whole", "whole"),
        ("toàn bộ 10,25 km2 diện tích tự nhiên, quy mô dân số là 5.012 người của", "whole", "whole"),
        ("một phần diện tích tự nhiên, quy mô dân số của", "part", "part"),
        ("một phần diện tích tự nhiên và một phần quy mô dân số của", "part", "part"),
        ("một phần diện tích tự nhiên, toàn bộ quy mô dân số của", "part", "whole"),
        ("toàn bộ quy mô dân số và một phần diện tích tự nhiên của", "part", "whole"),
        ("một phần diện tích tự nhiên của", "part", "none"),
        ("phần còn lại của", "rest", "rest"),
        ("phần diện tích tự nhiên, quy mô dân số còn lại của", "rest", "rest"),
        ("toàn bộ diện tích tự nhiên, quy mô dân số còn lại của", "rest", "rest"),
        ("phần còn lại của diện tích tự nhiên của", "rest", "none"),
        ("một phần diện tích tự nhiên, toàn bộ quy mô dân số còn lại của", "part", "rest"),
        ("một phần diện tích tự nhiên, quy mô dân số còn lại của", "unsaid", "unsaid"),
    ],
)
def test_how_much_is_taken(amount, land, people):
    assert _takings(f"Sắp xếp {amount} xã An thành xã Bình.") == [("xã An", land, people)]


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("xã An", ["xã An"]),
        ("các xã An, Bình và Châu", ["xã An", "xã Bình", "xã Châu"]),
        ("các xã An, Bình, Châu", ["xã An", "xã Bình", "xã Châu"]),
        ("thị trấn An và các xã Bình, Châu", ["thị trấn An", "xã Bình", "xã Châu"]),
        ("thị trấn An, và các xã Bình; Châu", ["thị trấn An", "xã Bình", "xã Châu"]),
        ("các phường 1, 2, 03 và xã An", ["phường 1", "phường 2", "phường 03", "xã An"]),
        ("Phường 1, Phường 2 và Phường 10", ["phường 1", "phường 2", "phường 10"]),
        ("phường Phường Đúc và phường Phường 4", ["phường Phường Đúc", "phường 4"]),
        ("P. 1, TT. An và xã Bình", ["phường 1", "thị trấn An", "xã Bình"]),
        ("xã Lao Và Chải và xã Ea H'leo", ["xã Lao Và Chải", "xã Ea H'leo"]),
        ("các xã B’Lá, N' Thôn Hạ và Đạ M'Rông", ["xã B’Lá", "xã N' Thôn Hạ", "xã Đạ M'Rông"]),
        ("xã Đồi 61 và xã Lộ 25", ["xã Đồi 61", "xã Lộ 25"]),
        ("phường Văn Miếu - Quốc Tử Giám", ["phường Văn Miếu - Quốc Tử Giám"]),
        ("thị trấn Nông trường Việt Lâm", ["thị trấn Nông trường Việt Lâm"]),
        ("các xã An, Bình và khu vực bãi bồi", ["xã An", "xã Bình", "khu vực bãi bồi"]),
        ("huyện đảo Ngọc", ["huyện Ngọc"]),
        ("xã Tân Thành và xã Phú Thành", ["xã Tân Thành", "xã Phú Thành"]),
    ],
)
def test_lists_of_units(listed, names):
    said = _takings(f"Sắp xếp {WHOLE} của {listed} thành xã mới có tên gọi là xã Đông.")
    assert [name for name, _, _ in said] == names


@pytest.mark.parametrize(
    ("sentence", "target", "names"),
    [
        (f"Sắp xếp {WHOLE} của xã An thành xã mới có tên gọi là xã Bình.", "xã Bình", ["xã An"]),
        (f"Sắp xếp {WHOLE} của xã An thành Phường 1 Bình.", "phường 1 Bình", ["xã An"]),
        (f"Sắp xếp {WHOLE} của xã An để thành lập xã mới lấy tên là xã Bình.", "xã Bình", ["xã An"]),
        (f"Sắp xếp {WHOLE} của xã An thành đặc khu có tên gọi là đặc khu Bình;", "đặc khu Bình", ["xã An"]),
        (
            f"Nhập {WHOLE} của xã An và xã Châu thành xã mới có tên gọi là xã Bình",
            "xã Bình",
            ["xã An", "xã Châu"],
        ),
        (f"Nhập {WHOLE} của xã An vào xã Bình.", "xã Bình", ["xã An", "xã Bình"]),
        (f"Thành lập xã Bình trên cơ sở {WHOLE} của xã An và xã Châu.", "xã Bình", ["xã An", "xã Châu"]),
        (f"Thành lập xã Bình thuộc huyện Hà trên cơ sở nhập {WHOLE} của xã An.", "xã Bình", ["xã An"]),
        (f"Điều chỉnh {PART} của xã An về xã Bình quản lý.", "xã Bình", ["xã An", "xã Bình"]),
        ("Chuyển huyện An thành đặc khu An.", "đặc khu An", ["huyện An"]),
        ("Đổi tên xã An thành xã Bình.", "xã Bình", ["xã An"]),
        ("Đổi tên xã An (huyện Hà) thành xã mới có tên gọi là xã Bình.", "xã Bình", ["xã An"]),
    ],
)
def test_what_a_sentence_does(sentence, target, names):
    statement = _statement(sentence)
    assert statement.target is not None
    assert (statement.target.full, [one.unit.full for one in statement.takings]) == (target, names)


def test_units_that_are_kept_have_no_target():
    statement = _statement("Giữ nguyên các xã An, Bình.")
    assert statement.kept
    assert [one.unit.full for one in statement.takings] == ["xã An", "xã Bình"]


def test_an_amount_reaches_until_the_next_one():
    said = _takings(
        f"Sắp xếp {WHOLE} của xã A, {PART} của xã B, phường C và phần còn lại của xã D thành xã E."
    )
    assert [(land, people) for _, land, people in said] == [
        ("whole", "whole"),
        ("part", "part"),
        ("part", "part"),
        ("rest", "rest"),
    ]


def test_a_remainder_covers_its_list_and_names_its_clauses():
    rest = "phần còn lại của xã B, phường C sau khi sắp xếp theo quy định tại khoản 1, khoản 03 và 7 Điều này"
    takings = _statement(f"Sắp xếp {WHOLE} của xã A và {rest} thành xã E.").takings
    assert [(one.unit.name, one.land.value, one.clauses) for one in takings] == [
        ("A", "whole", ()),
        ("B", "rest", ("1", "3", "7")),
        ("C", "rest", ("1", "3", "7")),
    ]
    assert takings[1].words == rest


def test_two_remainders_of_one_sentence_may_share_the_word_for_the_article():
    takings = _statement(
        f"Sắp xếp {WHOLE} của xã A, "
        "phần còn lại của xã B sau khi sắp xếp theo quy định tại các khoản 30, 33 và "
        "phần còn lại của xã C sau khi sắp xếp theo quy định tại khoản 31 Điều này thành xã E."
    ).takings
    assert [one.clauses for one in takings] == [(), ("30", "33"), ("31",)]


def test_a_remainder_may_name_its_clauses_first():
    takings = _statement(
        f"Sắp xếp {WHOLE} của xã A và phần còn lại sau khi sắp xếp theo quy định tại khoản 3 Điều này của "
        "các xã B, C thành xã E."
    ).takings
    assert [(one.land.value, one.clauses) for one in takings] == [
        ("whole", ()),
        ("rest", ("3",)),
        ("rest", ("3",)),
    ]


def test_behind_a_remainder_the_amount_before_it_goes_on_if_there_is_one_only():
    rest = "phần còn lại của xã C sau khi sắp xếp theo quy định tại khoản 1 Điều này"
    one = _statement(f"Sắp xếp {WHOLE} của xã A, {rest} và xã D thành xã E.").takings[-1]
    assert (one.land.value, one.resumed) == ("whole", True)
    two = _statement(f"Sắp xếp {WHOLE} của xã A, {PART} của xã B, {rest} và xã D thành xã E.").takings[-1]
    assert (two.land.value, two.resumed) == ("unsaid", True)


def test_districts_stand_in_brackets_or_behind_a_word_and_may_reach_back():
    takings = _statement(
        f"Sắp xếp {WHOLE} của xã A và xã B (huyện Hà), xã C (thị xã Mới, tỉnh Trà), xã D thuộc quận 5 "
        "thành xã E."
    ).takings
    assert [(one.unit.district, one.unit.shared, one.unit.province) for one in takings] == [
        ("", "huyện Hà", ""),
        ("huyện Hà", "", ""),
        ("thị xã Mới", "", "tỉnh Trà"),
        ("quận 5", "", ""),
    ]


def test_an_area_keeps_who_manages_it():
    taking = _statement(
        f"Sắp xếp {WHOLE} của xã A và khu vực bãi bồi (do huyện Hà quản lý) thành xã E."
    ).takings[1]
    assert (taking.unit.kind, taking.unit.name, taking.unit.manager) == ("", "khu vực bãi bồi", "huyện Hà")


COUNTED = (
    "Sau khi sắp xếp, tỉnh Hà có 124 đơn vị hành chính cấp xã, gồm 103 xã, 20 phường và 01 đặc khu; "
    "trong đó có 99 xã, 20 phường, 01 đặc khu hình thành sau sắp xếp, thực hiện đổi tên quy định tại "
    "Điều này và "
)


def test_counts_and_the_units_kept_are_read():
    kept, counts = _said(
        COUNTED + "04 xã không thực hiện sắp xếp là các xã An, Bình (huyện Trà), Châu, Đông."
    )
    assert counts is not None
    assert (counts.owner, counts.total) == ("Hà", 124)
    assert counts.units == {"xã": 103, "phường": 20, "đặc khu": 1}
    assert counts.formed == {"xã": 99, "phường": 20, "đặc khu": 1}
    assert counts.kept == {"xã": 4}
    assert kept is not None
    assert [one.unit.name for one in kept.takings] == ["An", "Bình", "Châu", "Đông"]
    assert kept.takings[0].words == "không thực hiện sắp xếp là các xã An"


@pytest.mark.parametrize(
    ("closing", "kinds"),
    [
        ("07 đơn vị hành chính cấp xã không thực hiện sắp xếp là phường An, các xã Bình, Châu.", {"": 7}),
        (
            "01 xã, 02 phường không thực hiện sắp xếp gồm xã An, phường Bình và phường Châu.",
            {"xã": 1, "phường": 2},
        ),
        ("03 xã không sắp xếp: các xã An, Bình, Châu.", {"xã": 3}),
    ],
)
def test_other_ways_of_naming_the_units_kept(closing, kinds):
    kept, counts = _said(COUNTED + closing)
    assert counts is not None
    assert counts.kept == kinds
    assert kept is not None
    assert [one.unit.name for one in kept.takings] == ["An", "Bình", "Châu"]


def test_counts_alone_are_read_without_a_comma_and_for_a_city():
    kept, counts = _said(
        "Sau khi sắp xếp, Thành phố Hà có 129 đơn vị hành chính cấp xã gồm 97 xã và 32 phường."
    )
    assert kept is None
    assert counts is not None
    assert (counts.owner, counts.total, counts.units, counts.formed) == (
        "Hà",
        129,
        {"xã": 97, "phường": 32},
        {},
    )


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        (f"Sắp xếp {WHOLE} của xã An xã Bình thành xã Châu.", "xã"),
        (f"Sắp xếp {WHOLE} của xã Tân thành thành xã Châu.", "thành"),
        ("Sắp xếp diện tích tự nhiên của xã An thành xã Bình.", "diện tích tự nhiên"),
        ("Sắp xếp một phần diện tự nhiên của xã An thành xã Bình.", "diện"),
        (f"Sắp xếp {WHOLE} của xã An (huyện) thành xã Bình.", ")"),
        (f"Sắp xếp {WHOLE} của xã An % thành xã Bình.", "%"),
        (f"Sắp xếp {WHOLE} của các xã, phường An thành xã Bình.", ","),
    ],
)
def test_a_sentence_of_another_language_is_refused_at_its_first_word_that_does_not_fit(sentence, word):
    with pytest.raises(NotUnderstood) as raised:
        _said(sentence)
    assert raised.value.token is not None
    assert raised.value.token.words == word


def _words(sentence: str, names: frozenset[str] = frozenset()) -> list[str]:
    return [token.words for token in tokens_of(text_of_lines("x", [sentence]), names).tokens]


@pytest.mark.parametrize(
    ("glued", "apart"),
    [
        ("cácxãPhúc Sơn", ["các", "xã", "Phúc", "Sơn"]),
        ("Minh Quangthành xã", ["Minh", "Quang", "thành", "xã"]),
        ("Yên Thansau khi sắp xếp", ["Yên", "Than", "sau khi sắp xếp"]),
        ("Điều nàythành", ["Điều này", "thành"]),
        ("củathị trấn", ["của", "thị trấn"]),
        ("vàphần còn lạicủa xã", ["và", "phần còn lại", "của", "xã"]),
        ("An Trường Avà An", ["An", "Trường", "A", "và", "An"]),
        ("Trung Bthành", ["Trung", "B", "thành"]),
        ("gồm117 xã", ["gồm", "117", "xã"]),
        ("thị trấnViệt Quang", ["thị trấn", "Việt", "Quang"]),
        ("Sắp xếpmột phần", ["sắp xếp", "một phần"]),
        ("Phường8(thành phố", ["phường", "8", "(", "thành phố"]),
        ("diện tích tự nh iên", ["diện tích tự nhiên"]),
        ("của của xã xã An", ["của", "xã", "An"]),
        ("Mađaguôi ĐamBri Srônh TB1", ["Mađaguôi", "ĐamBri", "Srônh", "TB1"]),
        ("Đăk Blà và", ["Đăk", "Blà", "và"]),
    ],
)
def test_words_that_conversion_glued_or_tore_are_mended(glued, apart):
    assert _words(glued) == apart


def test_a_word_that_a_list_holds_is_never_taken_apart():
    assert _words("xã Pàvà xã An") == ["xã", "Pà", "và", "xã", "An"]
    assert _words("xã Pàvà, xã An", frozenset({"Pàvà"})) == ["xã", "Pàvà", ",", "xã", "An"]


def test_what_conversion_leaves_is_taken_away_and_places_stay():
    lines = ["| **1\\.** Sắp&nbsp;xếp[^2] của \\", "  +-----+", "> *xã* <b>An</b>^1^ [Bình]{.mark}"]
    text = cleaned(text_of_lines("x.md", lines))
    assert text.words() == "1. Sắp xếp của xã An Bình"
    at = text.chars.index("Bình")
    assert (text.place(at).line, text.place(at).column) == (3, 21)
