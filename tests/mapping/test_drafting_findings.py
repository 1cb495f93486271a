"""What cannot be read or matched is said at its line, with candidates, and is never a wrong edge."""

import pytest
from drafting_files import EXAMPLE, NEW_UNITS, TRUE_EDGES, UNITS, edges, errors, read, read_changed, units

from merger.errors import Severity
from merger.mapping.drafting import read_resolution
from merger.messages import use


@pytest.fixture(autouse=True)
def _english():
    use("en")


def _finding(imported, code):
    found = [one for one in imported.findings if one.code == code]
    assert len(found) == 1, [one.code for one in imported.findings]
    return found[0]


def _holds_no_wrong_edge(imported):
    """Every edge is one of the true ones; one that is left out has a finding beside it."""
    found = edges(imported)
    assert found.keys() <= TRUE_EDGES.keys()
    assert all(found[pair] in (TRUE_EDGES[pair], ("unspecified", "unspecified")) for pair in found)
    assert found == TRUE_EDGES or errors(imported)


def test_an_unknown_name_is_said_with_its_place_and_near_names(tmp_path):
    imported = read_changed(tmp_path, "các xã Cồn Dài,", "các xã Cồn Dải,")
    finding = _finding(imported, "RES010")
    assert (finding.place.line, finding.place.column) == (35, 14)
    assert finding.message == (
        "xã Cồn Dải is not in the list of units before; near: 96002 Xã Cồn Dài (Huyện Cát Vàng)"
    )
    assert ("96002", "96003") not in edges(imported)
    assert ("96006", "96003") in edges(imported)
    assert "RES028" in errors(imported)
    _holds_no_wrong_edge(imported)


def test_a_name_far_from_every_other_is_said_too(tmp_path):
    imported = read_changed(tmp_path, "các xã Cồn Dài,", "các xã Qwx Zzt,")
    assert _finding(imported, "RES009").message.startswith(
        "xã Qwx Zzt is not in the list of units before, nor"
    )
    _holds_no_wrong_edge(imported)


def test_a_namesake_without_its_district_is_told_by_the_other_and_said(tmp_path):
    imported = read_changed(tmp_path, "xã Tân Lập (huyện Đồng Xanh)", "xã Tân Lập")
    assert edges(imported) == TRUE_EDGES
    finding = _finding(imported, "RES013")
    assert finding.severity is Severity.WARNING
    assert finding.message == (
        "xã Tân Lập was taken as 95002 Xã Tân Lập (Huyện Đồng Xanh): the namesakes are taken elsewhere "
        "(96001 Xã Tân Lập (Huyện Cát Vàng))"
    )


def _without_districts(tmp_path, *changes):
    text = EXAMPLE.read_text("utf-8")
    for old, new in (
        ("xã Tân Lập (huyện Đồng Xanh)", "xã Tân Lập"),
        ("xã Tân Lập\n(huyện Cát Vàng)", "xã Tân Lập"),
        *changes,
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "changed.md"
    path.write_text(text, "utf-8")
    return read(path)


def test_namesakes_that_nothing_tells_apart_are_said_with_candidates(tmp_path):
    imported = _without_districts(tmp_path)
    found = [one for one in imported.findings if one.code == "RES011"]
    assert [one.message for one in found] == [
        "xã Tân Lập may be any of these, and the text does not say which: "
        "95002 Xã Tân Lập (Huyện Đồng Xanh); 96001 Xã Tân Lập (Huyện Cát Vàng)"
    ] * 2
    assert {"95002", "96001"}.isdisjoint(old for old, _ in edges(imported))
    _holds_no_wrong_edge(imported)


def test_namesakes_are_told_by_the_districts_of_their_clauses_where_each_has_its_place(tmp_path):
    imported = _without_districts(
        tmp_path, ("dân số của thị trấn Cát\nVàng, các xã", "dân số của các xã"),
        ("dân số của của xã Tân Lập", "dân số của thị trấn Cát Vàng, xã Tân Lập"),
    )  # fmt: skip
    told = [one for one in imported.findings if one.code == "RES020"]
    assert len(told) == 2
    assert told[0].severity is Severity.WARNING
    found = edges(imported)
    assert ("95002", "95001") in found
    assert ("96001", "96001") in found


def test_a_district_that_holds_no_such_unit_is_said(tmp_path):
    imported = read_changed(tmp_path, "xã Tân Lập (huyện Đồng Xanh)", "xã Tân Lập (thị xã Bến Gỗ)")
    assert _finding(imported, "RES015").message.startswith(
        "no xã Tân Lập lies in thị xã Bến Gỗ; elsewhere: 95002"
    )
    _holds_no_wrong_edge(imported)


def test_districts_exchanged_between_namesakes_give_no_edge(tmp_path):
    imported = read_changed(tmp_path, "xã Tân Lập (huyện Đồng Xanh)", "xã Tân Lập (huyện Cát Vàng)")
    assert _finding(imported, "RES021").message == (
        "96001 Xã Tân Lập is taken or kept as a whole and named again: clauses 1, 4; neither is in the draft"
    )
    _holds_no_wrong_edge(imported)


def test_a_clause_that_cannot_be_read_is_said_at_the_word(tmp_path):
    imported = read_changed(tmp_path, "1\\. Sắp xếp toàn bộ diện tích", "1\\. Sắp xếp bộ diện tích")
    finding = _finding(imported, "RES005")
    assert (finding.place.line, finding.place.column) == (18, 13)
    assert finding.message == "clause 1 cannot be read at “bộ”; nothing of it is in the draft"
    assert [entry.clause for entry in units(imported).communes] == ["2", "3", "4", "5", "6", "7", "8"]
    _holds_no_wrong_edge(imported)


def test_a_clause_that_ends_too_early_is_said(tmp_path):
    imported = read_changed(
        tmp_path, "7\\. Đổi tên xã Bãi Trong thành **xã Bãi Mới**.", "7\\. Đổi tên xã Bãi Trong"
    )
    assert _finding(imported, "RES008").message.startswith("clause 7 ends too early, after “Trong”")
    _holds_no_wrong_edge(imported)


def test_a_missing_clause_is_said(tmp_path):
    imported = read_changed(tmp_path, "7\\. Đổi tên xã Bãi Trong thành **xã Bãi Mới**.\n", "")
    assert _finding(imported, "RES004").message == "clause 8 stands where clause 7 is expected"
    assert {"RES030", "RES036", "RES028"} <= set(errors(imported))
    _holds_no_wrong_edge(imported)


def test_a_broken_number_does_not_give_a_clause_to_another(tmp_path):
    imported = read_changed(tmp_path, "7\\. Đổi tên", "l\\. Đổi tên")
    finding = _finding(imported, "RES038")
    assert finding.message == (
        "clause 6 holds a second sentence that arranges units; it is not in the draft: "
        "“Đổi tên xã Bãi Trong thành xã Bãi Mới.”"
    )
    _holds_no_wrong_edge(imported)


def test_counts_that_differ_are_said(tmp_path):
    imported = read_changed(tmp_path, "gồm 06\nxã", "gồm 07\nxã")
    assert _finding(imported, "RES035").message == "of kind “xã” the resolution states 7 units; read were 6"
    assert edges(imported) == TRUE_EDGES


def test_a_resolution_without_counts_says_so(tmp_path):
    text = EXAMPLE.read_text("utf-8")
    path = tmp_path / "changed.md"
    path.write_text(text[: text.index("8\\. Sau khi")] + text[text.index("**Điều 2") :], "utf-8")
    imported = read(path)
    assert _finding(imported, "RES031").severity is Severity.WARNING
    assert errors(imported) == ["RES028"]


def test_a_part_without_a_remainder_is_left_unspecified(tmp_path):
    imported = read_changed(
        tmp_path, " và phần còn lại của xã Phú Hạ sau khi sắp xếp theo quy định\ntại khoản 1 Điều này", "\n"
    )
    assert _finding(imported, "RES022").message.startswith("only a part of 95005 Xã Phú Hạ is taken")
    assert edges(imported)["95005", "95001"] == ("unspecified", "unspecified")


def test_a_remainder_that_refers_to_another_clause_is_said(tmp_path):
    imported = read_changed(tmp_path, "khoản 1 Điều này", "khoản 5 Điều này")
    assert _finding(imported, "RES024").message == (
        "the remainder of 95005 Xã Phú Hạ refers to clause 5; parts of it are taken by clause 1"
    )
    _holds_no_wrong_edge(imported)


def test_a_remainder_of_what_nothing_else_takes_is_whole_and_said(tmp_path):
    old = "Phường 2 và một phần diện tích tự nhiên của xã Hoà Bình"
    imported = read_changed(tmp_path, old.replace("Phường 2", "\nPhường 2").lstrip(), "Phường 2")
    assert "RES024" in [one.code for one in imported.findings]
    plain = "phần còn lại của xã Hòa Bình sau khi sắp xếp theo quy\nđịnh tại khoản 3 Điều này"
    text = (tmp_path / "changed.md").read_text("utf-8").replace(plain, "phần còn lại của xã Hòa Bình")
    (tmp_path / "changed.md").write_text(text, "utf-8")
    again = read(tmp_path / "changed.md")
    assert _finding(again, "RES026").severity is Severity.WARNING
    assert edges(again)["95008", "96001"] == ("whole", "all")


def test_a_unit_behind_a_remainder_is_whole_again_and_said(tmp_path):
    imported = read_changed(
        tmp_path,
        "dân số của cácxãEa H’Mơ,\nLao Và Chải và phần còn lại của xã Phú Hạ sau khi sắp xếp theo quy định\n"
        "tại khoản 1 Điều nàythành",
        "dân số của xã Ea H'Mơ, phần còn lại của xã Phú Hạ sau khi sắp xếp theo quy định\n"
        "tại khoản 1 Điều này và xã Lao Và Chải thành",
    )
    assert edges(imported) == TRUE_EDGES
    assert _finding(imported, "RES025").message.startswith("95004 Xã Lao Và Chải stands behind a remainder")


def test_land_without_people_must_be_balanced(tmp_path):
    imported = read_changed(
        tmp_path,
        "dân số của thị trấn Cát\nVàng",
        "dân số của xã Bãi Ngoài, toàn bộ diện tích tự nhiên của thị trấn Cát\nVàng",
    )
    assert "RES023" in errors(imported)
    assert edges(imported)["96003", "96003"] == ("unspecified", "unspecified")


def test_a_new_unit_that_the_list_does_not_hold_is_said(tmp_path):
    imported = read_changed(tmp_path, "**xã Bãi Mới**", "**xã Bãi Mời**")
    assert _finding(imported, "RES041").message == (
        "xã Bãi Mời is not in the list of new units; near: 96004 Xã Bãi Mới; 96005 Xã Bãi Ngoài"
    )
    assert str(units(imported).communes[6].unit) == "new-7 Xã Bãi Mời"


def test_two_clauses_that_form_one_unit_get_no_code(tmp_path):
    imported = read_changed(tmp_path, "**xã Bãi Mới**", "**xã Cát Vàng**")
    assert _finding(imported, "RES033").message == "xã Cát Vàng is formed by clause 5 too"
    assert [entry.unit.code for entry in units(imported).communes if entry.clause in "57"] == [
        "new-5",
        "new-7",
    ]


def test_a_new_unit_announced_as_another_kind_is_said(tmp_path):
    imported = read_changed(
        tmp_path,
        "Điều này thành xã mới có tên gọi là **xã Tân Lập**",
        "Điều này thành phường mới có tên gọi là **xã Tân Lập**",
    )
    assert _finding(imported, "RES032").message == "xã Tân Lập is announced as phường"


def test_an_area_whose_kind_was_lost_is_no_area(tmp_path):
    imported = read_changed(tmp_path, "dân số của huyện Hòn Ngọc", "dân số của Đồi 61")
    finding = _finding(imported, "RES010")
    assert (
        finding.message == "Đồi 61 is not in the list of units before; near: 96006 Xã Đồi 61 (Huyện Cát Vàng)"
    )


def test_a_whole_district_takes_all_its_communes(tmp_path):
    imported = read_changed(
        tmp_path, "Phường 01,\nPhường 2 và một phần diện tích tự nhiên của xã Hoà Bình", "thị xã Bến Gỗ"
    )
    assert _finding(imported, "RES018").message.startswith(
        "thị xã Bến Gỗ goes as a whole: all its 3 communes"
    )
    found = edges(imported)
    assert ("95006", "95006") in found
    assert ("95007", "95006") in found


def test_a_part_of_a_district_is_not_guessed(tmp_path):
    imported = read_changed(
        tmp_path, "toàn bộ diện tích tự nhiên, quy mô dân số của Phường 01,\nPhường 2",
        "một phần diện tích tự nhiên, quy mô dân số của thị xã Bến Gỗ",
    )  # fmt: skip
    assert "which of its communes are meant is not said" in _finding(imported, "RES019").message


def test_a_sentence_that_arranges_nothing_is_said(tmp_path):
    imported = read_changed(tmp_path, "**xã Bãi Mới**.", "**xã Bãi Mới**. Xã Bãi Mới có 12 thôn.")
    assert _finding(imported, "RES006").message == "not read: “Xã Bãi Mới có 12 thôn.”"
    assert edges(imported) == TRUE_EDGES


def test_days_and_numbers_that_are_missing_are_said(tmp_path):
    imported = read_changed(
        tmp_path, "chính thức hoạt động từ ngày 01 tháng 7 năm 2025", "chính thức hoạt động"
    )
    assert "RES003" in errors(imported)
    assert units(imported).effective.isoformat() == "2025-06-01"
    imported = read_changed(tmp_path, "Số: 9999/NQ-UBTVQH15", "Số:")
    assert _finding(imported, "RES002").severity is Severity.WARNING


def test_a_list_without_the_names_of_districts_leaves_namesakes_open(tmp_path):
    path = tmp_path / "units.csv"
    kept = [line for line in UNITS.read_text("utf-8").splitlines() if len(line.partition(",")[0]) != 3]
    path.write_text("\n".join(kept), "utf-8")
    imported = read_resolution([EXAMPLE], "x", [path], [NEW_UNITS])
    assert "RES015" in errors(imported)
    _holds_no_wrong_edge(imported)


def test_an_extract_is_read_against_the_provinces_that_it_needs_and_says_so(tmp_path):
    text = EXAMPLE.read_text("utf-8")
    path = tmp_path / "extract.md"
    path.write_text(text[: text.index("2\\. Sắp xếp")] + text[text.index("**Điều 2") :], "utf-8")
    imported = read(path)
    finding = _finding(imported, "RES051")
    assert finding.severity is Severity.WARNING
    assert "read against 95 Tỉnh Sông Mơ" in finding.message
    assert edges(imported).keys() <= TRUE_EDGES.keys()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_messages_are_given_in_both_languages(tmp_path, language):
    use(language)
    imported = read_changed(tmp_path, "các xã Cồn Dài,", "các xã Cồn Dải,")
    assert all(one.message and one.mend for one in imported.findings)
    words = {"vi": "không có trong danh mục", "en": "is not in the list"}[language]
    assert words in _finding(imported, "RES010").message
    use("en")
