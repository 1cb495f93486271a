"""The documentation against the command line, both ways, and its printed outputs against what is printed."""

import re
import shlex
from pathlib import Path

import click
import pytest

from merger.cli.root import root
from merger.cli.run import run

ROOT = Path(__file__).parents[1]
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BUILT_ON = {"mapping-guide.md", "huong-dan-lap-tep-anh-xa.md", "services.md"}
"""Pages whose commands build on one another; each has a test of its own."""
CHEAP = {"resolve", "mapping", "agency"}


def tree(group=root, path=()):
    context = click.Context(group)
    found = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found |= tree(command, (*path, name))
        else:
            found[" ".join((*path, name))] = command
    return found


COMMANDS = tree()


def sections():
    found = {}
    for part in re.split(r"^### ", CLI, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        words = heading.removeprefix("merger ").split()
        taken = next(n for n in (2, 1) if " ".join(words[:n]) in COMMANDS or n == 1)
        found[" ".join(words[:taken])] = (heading, re.split(r"^## ", body, flags=re.MULTILINE)[0])
    return found


SECTIONS = sections()


def test_every_command_is_documented_and_every_documented_command_exists():
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_documented_and_every_documented_option_exists(name):
    documented = set(re.findall(r"^- `(--[a-z-]+)", SECTIONS[name][1], flags=re.MULTILINE))
    options = {opt for p in COMMANDS[name].params if isinstance(p, click.Option) for opt in p.opts}
    assert documented == options - {"--lang", "--help"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_headings_show_the_arguments(name):
    arguments = [p for p in COMMANDS[name].params if isinstance(p, click.Argument)]
    shown = SECTIONS[name][0].removeprefix("merger ").removeprefix(name).split()
    assert len(shown) == len(arguments)


def consoles():
    for page in PAGES:
        if page.name in BUILT_ON:
            continue
        for block in re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                line, _, output = entry.partition("\n")
                words = shlex.split(line, comments=True)
                if words[:1] == ["merger"] and CHEAP & set(words[:4]):
                    yield pytest.param(words[1:], output, id=f"{page.relative_to(ROOT)}: {line}")


@pytest.mark.parametrize(("arguments", "output"), list(consoles()))
def test_printed_outputs_are_what_is_printed(arguments, output, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    run(arguments)
    assert capsys.readouterr().out == output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_pages_exist(page):
    text = page.read_text("utf-8")
    for line in re.findall(r"^(?:\$ )?(?:\.venv/bin/)?merger (.*)$", text, flags=re.MULTILINE):
        words = [word for word in line.split() if not word.startswith("-") and word not in ("vi", "en")]
        assert any(" ".join(words[:n]) in COMMANDS for n in (1, 2)), line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
    missing = {link for link in links if "://" not in link and not (page.parent / link).exists()}
    assert missing == set()


def anchors(page):
    """The anchors of a page's headings, as forges make them of the words."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_a_section_lead_to_its_heading(page):
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text("utf-8"))
    there = {
        (link, anchor) for link, anchor in links if anchor in anchors(page.parent / link if link else page)
    }
    assert set(links) - there == set()
