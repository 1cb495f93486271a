"""The guides for administrators, in both languages, followed from the resolution to two signatures."""

import re
import shlex
from pathlib import Path

import pytest

from merger.cli.run import run
from merger.mapping import parse_document
from merger.mapping.models import KINDS

ROOT = Path(__file__).parents[1]
GUIDES = {
    "en": (ROOT / "docs" / "mapping-guide.md").read_text("utf-8"),
    "vi": (ROOT / "docs" / "vi" / "huong-dan-lap-tep-anh-xa.md").read_text("utf-8"),
}
SOUND = {"en": "1 files, 0 errors, 0 warnings\n", "vi": "1 tệp, 0 lỗi, 0 cảnh báo\n"}
SIGNED = {
    "en": "draft: 2 of 2 signatures, 0 missing",
    "vi": "draft: 2/2 chữ ký, còn thiếu 0",
}


@pytest.fixture
def desk(tmp_path, monkeypatch, language):
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MERGER_LANG", language)
    monkeypatch.setenv("MERGER_PASSPHRASE", "a long passphrase of one's own")
    return tmp_path


def follow(capsys, *arguments):
    code = run(list(arguments))
    return code, capsys.readouterr().out


def commands(language):
    """Every command of the guide, in its order, with the output that it shows (None: none)."""
    for kind, block in re.findall(r"^```(\w*)\n(.*?)^```$", GUIDES[language], re.DOTALL | re.MULTILINE):
        if kind not in ("", "console"):
            continue
        console = kind == "console"
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:] if console else block.splitlines():
            line, _, output = entry.partition("\n")
            words = shlex.split(line, comments=True) if line.startswith("merger ") else []
            if words:
                yield words[1:], output if console else None


def draft_from(text, capsys):
    """Reads the mended text, and puts in what the guide says is still missing."""
    Path("mended.md").write_text(text, "utf-8")
    given = ["--before", "fixtures/guide/units-before.csv", "--after", "fixtures/guide/units-after.csv"]
    code, out = follow(
        capsys, "mapping", "import", "--from", "resolution", "mended.md", *given, "--id", "song-may",
        "--out", "draft",
    )  # fmt: skip
    assert code == 0, out
    file = Path("draft/song-may.yaml")
    act = "legal_basis:\n  - {number: 9900/QH15, date: 2025-06-12, on: provinces}\n"
    written = file.read_text("utf-8").replace("new-province", "98").replace("legal_basis:\n", act)
    file.write_text(written, "utf-8")


@pytest.mark.parametrize("language", GUIDES)
@pytest.mark.usefixtures("desk")
def test_what_the_guide_prints_is_what_is_printed(capsys, language):
    shown = [(words, output) for words, output in commands(language) if output is not None]
    assert len(shown) == 3
    for words, output in shown:
        assert follow(capsys, *words)[1] == output, words


@pytest.mark.parametrize("language", GUIDES)
@pytest.mark.usefixtures("desk")
def test_the_guide_ends_with_a_mapping_that_two_people_have_signed(capsys, language):
    slip = (ROOT / "fixtures" / "guide" / "resolution.md").read_text("utf-8")
    assert slip.count("Suối Tróng") == 1
    draft_from(slip.replace("Suối Tróng", "Suối Trong"), capsys)
    assert follow(capsys, "mapping", "lint", "draft") == (0, SOUND[language])
    after_checking = [words for words, output in commands(language) if output is None]
    start = next(n for n, words in enumerate(after_checking) if words[:2] == ["mapping", "export"])
    Path("old-version.yaml").write_text(slip, "utf-8")
    for words in after_checking[start:]:
        if words[:2] == ["mapping", "diff"]:
            Path("old-version.yaml").write_bytes(Path("draft/song-may.yaml").read_bytes())
        expected = 1 if words[0] == "resolve" else 0
        code, out = follow(capsys, *words)
        assert code == expected, (words, out)
    assert SIGNED[language] in out


@pytest.mark.parametrize("language", GUIDES)
def test_the_definitions_in_the_guide_can_be_read(tmp_path, language):
    examples = re.findall(r"^```yaml\n(.*?)^```$", GUIDES[language], re.DOTALL | re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        kind = example.partition("\n")[0].removeprefix("schema: ")
        parse_document(example.encode(), KINDS[kind], tmp_path)
