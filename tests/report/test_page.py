"""The report as one HTML page."""

import re
from html.parser import HTMLParser

import pytest
from report_samples import DATASETS, NASTY, SUMMARY

from merger.errors import Refused
from merger.messages import use
from merger.report import html, record
from merger.report.page import Shown
from merger.report.page import page as page_of


class Structure(HTMLParser):
    """Collects tags with attributes, and checks that what opens also closes."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def structure(text: str) -> Structure:
    parser = Structure()
    parser.feed(text)
    parser.close()
    return parser


def page(language: str = "en", **changes: object) -> str:
    return html(SUMMARY.model_copy(update=changes), language).decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_tag_closes_and_the_language_is_said(language):
    found = structure(page(language))
    assert found.open == []
    assert dict(found.tags)["html"] == {"lang": language}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_calls_nothing_from_outside_and_runs_no_script(language):
    text = page(language)
    found = structure(text)
    assert not {"script", "img", "iframe", "object"} & {tag for tag, _ in found.tags}
    assert not [attrs for _, attrs in found.tags if "src" in attrs or any(k.startswith("on") for k in attrs)]
    assert all(attrs["href"].startswith("#") for _, attrs in found.tags if "href" in attrs)
    assert "url(" not in text
    assert "@import" not in text


def test_landmarks_headings_and_table_headers_are_there():
    found = structure(page())
    tags = [tag for tag, _ in found.tags]
    assert {"header", "nav", "main", "footer", "h1"} <= set(tags)
    assert tags.count("h1") == 1
    assert all(attrs.get("scope") in ("col", "row", "rowgroup") for tag, attrs in found.tags if tag == "th")
    assert tags.count("caption") == tags.count("table") > 5


def test_every_link_leads_somewhere_and_no_anchor_is_used_twice():
    found = structure(page())
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"].removeprefix("#") for tag, attrs in found.tags if tag == "a"} <= set(ids)


def test_names_from_the_data_are_escaped():
    text = page()
    assert NASTY not in text
    assert "&lt;script&gt;" in text


def test_counts_visibly_add_up():
    text = page()
    assert "1,020 = 1,000 + 9 + 11" in text
    assert "1,025 = 1,002 + 12 + 11" in text
    assert "does not add up" not in text


def test_counts_that_do_not_add_up_say_so():
    broken = DATASETS[0].model_copy(update={"in_scope": 1021})
    assert "does not add up: 1,021 ≠ 1,000 + 9 + 11" in page(datasets=(broken, DATASETS[1]))


def test_vietnamese_numbers_and_days_are_written_the_vietnamese_way():
    text = page("vi")
    assert "1.020 = 1.000 + 9 + 11" in text
    assert "12/06/2025" in text
    assert "Sáp nhập thử" in text


def test_rows_of_no_known_unit_are_counted_as_such():
    assert re.search(r'<th scope="row">Not known</th><td class="n">7</td>', page())


def test_holds_name_candidates_and_tell_no_value_from_an_empty_one():
    text = page()
    assert "00201 Xã Một; 00202 Xã Hai" in text
    assert "office = (no value)" in text
    assert "place = (empty)" in text


def test_an_unknown_rule_is_shown_by_its_own_name():
    assert "=cmd()" in page()


def test_a_plan_says_that_nothing_was_moved_and_nothing_verified():
    text = page(what="plan", verification=None, approvals=())
    assert "Nothing has been moved." in text
    assert "Not verified yet." in text
    assert "0 signatures; 2 people must sign." in text


@pytest.mark.parametrize("state", ["running", "interrupted", "failed", "rolled-back"])
def test_a_run_that_is_not_done_does_not_call_its_rows_moved(state):
    assert "1,002 to move, 12 held" in page(state=state)
    assert "1,002 moved" not in page(state=state)


def test_each_agency_has_its_hand_over_record():
    text = page()
    old = re.search(r'id="old-A01".*?</article>', text, re.DOTALL).group()
    assert "Hands over 1,000 rows; 4 of them are overdue and 5 are due soon." in old
    assert "To Sở Một (B01): 600 rows" in old
    assert "1.000001 Cấp giấy phép" in old
    assert 'href="#new-B01"' in old
    assert "Hands over nothing." in re.search(r'id="old-A02".*?</article>', text, re.DOTALL).group()
    new = re.search(r'id="new-B02".*?</article>', text, re.DOTALL).group()
    assert "Takes over 400 rows" in new


def test_states_of_rows_stand_by_their_titles_with_the_systems_own_words():
    assert "<td>In progress (processing)</td>" in page()
    assert "<td>Đang xử lý (processing)</td>" in page("vi")
    assert "<td>new</td>" in page()  # it has no title


def test_differences_name_key_and_column_but_no_value():
    text = page()
    assert "Source and target differ; `merger verify` names every place." in text
    assert re.search(r'<th scope="row">17</th><td>due</td><td>changed</td>', text)


def test_an_agency_that_only_the_flows_name_has_a_record_too():
    assert 'id="old-A01"' in page(old_agencies=(), new_agencies=())


def test_a_record_is_a_sound_page_that_escapes_what_it_is_given():
    for gives, code in ((True, "A01"), (False, "B01"), (True, "A02")):
        text = record(SUMMARY, code, "en", gives=gives).decode()
        found = structure(text)
        assert found.open == []
        assert [tag for tag, _ in found.tags].count("h1") == 1
        assert all(
            attrs.get("scope") in ("col", "row", "rowgroup") for tag, attrs in found.tags if tag == "th"
        )
        assert not {"script", "img", "iframe", "link"} & {tag for tag, _ in found.tags}
        assert NASTY not in text
        assert "{{" not in text


def test_a_record_names_both_sides_grounds_and_signatures():
    text = record(SUMMARY, "A01", "vi", gives=True).decode()
    order = [
        "Cộng hòa xã hội chủ nghĩa Việt Nam",
        "Độc lập - Tự do - Hạnh phúc",
        "Biên bản</p>",
        "Căn cứ 1/2025/QH15",
        "Bên giao</h2>",
        "Bên nhận</h2>",
        "Nội dung bàn giao",
        "Quy trình đang chạy của 21 hồ sơ",
        "Phần chưa bàn giao",
        "Đại diện bên giao",
        "Đại diện bên nhận",
        "Nơi nhận:",
    ]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert "Bên giao đã bàn giao 1.000 hồ sơ" in text
    assert "Sở Một (B01)" in text[text.index("Bên nhận</h2>") :]
    got = record(SUMMARY, "B01", "vi", gives=False).decode()
    assert "Bên nhận đã tiếp nhận 600 hồ sơ" in got
    assert "Phần chưa bàn giao" not in got


def test_a_record_of_a_plan_is_a_draft():
    planned = SUMMARY.model_copy(update={"what": "plan", "state": "planned", "verification": None})
    text = record(planned, "A01", "en", gives=True).decode()
    assert "DRAFT" in text
    assert "will hand over 1,000" in text
    assert "Not verified yet." in text
    assert "DRAFT" not in record(SUMMARY, "A01", "en", gives=True).decode()


def test_an_agency_without_a_record_is_refused_by_its_code():
    use("en")
    with pytest.raises(Refused) as refusal:
        record(SUMMARY, "B01", "en", gives=True)
    assert str(refusal.value).startswith("run-1 has no hand-over record of agency B01; nothing was written.")


def test_the_report_names_who_approved_with_which_key_and_the_sums_of_both_sides():
    text = page()
    for said in (
        "Người Ký Một",
        "3" * 64,
        "5" * 64,
        "Người Ký Hai",
        "6" * 64,
        "1" * 64,
        "2" * 64,
        "ab" * 32,
        "cd" * 32,
    ):
        assert said in text
    assert "1 signatures; 2 people must sign." in text


def test_within_other_pages_style_and_links_are_theirs_and_escaped():
    shown = Shown('/style?mark="><script>', (("<b>back</b>", "/back?a=1&b=2"),))
    text = page_of(SUMMARY, "en", shown).decode()
    assert '<link rel="stylesheet" href="/style?mark=&#34;&gt;&lt;script&gt;">' in text
    assert '<a href="/back?a=1&amp;b=2">&lt;b&gt;back&lt;/b&gt;</a>' in text
    assert "<style" not in text


def test_the_mark_below_each_page_can_close_no_rule():
    nasty = SUMMARY.model_copy(update={"id": 'x"}</style><script>'})
    text = html(nasty, "en").decode()
    assert "</style><script>" not in text
    assert 'content: "xstylescript ' in text
