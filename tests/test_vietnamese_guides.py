"""The Vietnamese guides against the English ones, the words of the pages and the command line."""

import re
from pathlib import Path

import click
import pytest

from merger.cli.root import root
from merger.messages import catalogue

DOCS = Path(__file__).parents[1] / "docs"
VIETNAMESE = DOCS / "vi"
PAIRS = {
    "huong-dan-ra-soat.md": "review-guide.md",
    "huong-dan-phe-duyet.md": "approvals.md",
    "huong-dan-lap-tep-anh-xa.md": "mapping-guide.md",
    "README.md": "../README.md",
}
PAGES = sorted(VIETNAMESE.glob("*.md"))
COMMON = {"--help", "--lang"}
REVIEW = ("accounts", "handover", "keys", "mapping", "plans", "runs", "trails", "web")


def read(page):
    return page.read_text("utf-8")


def shown_commands(page):
    """Every command that a page shows in a block, as words; remarks stand two or more spaces behind."""
    blocks = re.findall(r"```\w*\n(.*?)```", read(page), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    for line in lines:
        command = re.split(r"\s{2,}|\s#", line.strip().removeprefix("$ "))[0]
        words = command.split()
        if words and words[0] in ("merger", ".venv/bin/merger", "openssl", "export", "./scripts/demo"):
            yield tuple(without_language(words))


def without_language(words):
    where = words.index("--lang") if "--lang" in words else len(words)
    return words[:where] + words[where + 2 :]


def named_commands(page):
    """Every command of merger that a page names in its text or shows in a block, without the word merger."""
    inline = re.findall(r"`merger ([^`]+)`", re.sub(r"```.*?```", "", read(page), flags=re.DOTALL))
    blocks = [list(words[1:]) for words in shown_commands(page) if words[0].endswith("merger")]
    return [line.split() for line in inline] + blocks


def command_of(words):
    """The command to which these words lead."""
    command = root
    for word in words:
        found = (
            command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        )
        command = found or command
    return command


def options_of(command):
    return {opt for one in command.params if isinstance(one, click.Option) for opt in one.opts} | COMMON


def codes_in_tables(page):
    """The codes in the first two cells of tables' rows, in their order."""
    rows = [line.split("|")[1:3] for line in read(page).splitlines() if line.startswith("| ")]
    return [code for row in rows for cell in row for code in re.findall(r"`(\w+)`", cell)]


def test_every_vietnamese_page_has_an_english_one():
    assert {page.name for page in PAGES} == set(PAIRS)


@pytest.mark.parametrize("name", sorted(set(PAIRS) - {"README.md"}))
def test_a_guide_shows_the_commands_of_the_english_one_in_its_order(name):
    commands = list(shown_commands(VIETNAMESE / name))
    assert commands
    assert commands == list(shown_commands(DOCS / PAIRS[name]))


def test_the_first_page_shows_commands_of_the_english_one():
    commands = list(shown_commands(VIETNAMESE / "README.md"))
    assert ("./scripts/demo",) in commands
    assert set(commands) <= set(shown_commands(DOCS / PAIRS["README.md"]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_text_exist_with_their_options(page):
    named = named_commands(page)
    assert named
    for words in named:
        command = command_of(words)
        assert not isinstance(command, click.Group) or len(words) == 1 or "COMMAND" in words, words
        assert {word for word in words if word.startswith("--")} - options_of(command) == set(), words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_words_in_italics_are_words_of_the_pages(page):
    shown = {text for part in REVIEW for text in catalogue("vi", f"review_{part}").values()}
    italics = re.findall(r"(?<!\*)\*(?:\*\*)?([^*\n]+)\*", read(page))
    assert set(italics) - shown == set()


def test_the_guide_to_the_pages_names_every_part_of_them():
    parts = {
        text for key, text in catalogue("vi", "review_web").items() if re.fullmatch(r"part\.\w+\.name", key)
    }
    assert len(parts) == 7
    assert {part for part in parts if f"*{part}*" not in read(VIETNAMESE / "huong-dan-ra-soat.md")} == set()


def test_roles_have_the_names_that_the_pages_give_them():
    table = read(VIETNAMESE / "huong-dan-ra-soat.md").partition("| Vai trò |")[2].partition("\n\n")[0]
    roles = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    named = {key: text for key, text in catalogue("vi", "review_web").items() if key.startswith("role.")}
    assert roles == list(named.values())


def test_the_guide_to_approvals_explains_the_codes_of_the_english_one():
    codes = codes_in_tables(VIETNAMESE / "huong-dan-phe-duyet.md")
    assert len(codes) > 40
    assert codes == codes_in_tables(DOCS / "approvals.md")


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_a_page_cites_only_acts_that_english_pages_cite(name):
    acts = re.compile(r"\d+/\d{4}/[\w-]+|\d+/(?:NQ-UBTV)?QH15")
    cited = {
        act for page in (*DOCS.glob("*.md"), DOCS.parent / "README.md") for act in acts.findall(read(page))
    }
    assert set(acts.findall(read(VIETNAMESE / name))) - cited == set()
