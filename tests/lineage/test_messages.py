import re
from pathlib import Path

import pytest

import merger.codes
import merger.lineage
from merger.messages import LANGUAGES, catalogue, fields_of


def reported(package: Path, pattern: str) -> set[str]:
    return {found for path in package.glob("*.py") for found in re.findall(pattern, path.read_text("utf-8"))}


@pytest.mark.parametrize("part", ["codes", "lineage"])
def test_both_languages_have_the_same_messages_with_the_same_fields(part: str) -> None:
    vi, en = (catalogue(language, part) for language in LANGUAGES)
    assert vi.keys() == en.keys()
    assert all(fields_of(vi[key]) == fields_of(en[key]) for key in vi)


def test_every_reason_for_a_malformed_code_has_a_text() -> None:
    package = Path(merger.codes.__file__).parent
    reasons = reported(package, r'Malformed\([^,]+, "([a-z-]+)"\)')
    reasons |= reported(package, r'Malformed\(code or "", "([a-z-]+)"\)')
    assert reasons == set(catalogue("en", "codes"))


def test_the_page_lists_every_reason_of_a_resolution() -> None:
    page = Path(__file__).parents[2] / "docs" / "lineage.md"
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", page.read_text("utf-8"), re.MULTILINE))
    reasons = {key.removeprefix("reason.") for key in catalogue("en", "lineage") if key.startswith("reason.")}
    assert listed == reasons


def test_every_reason_that_the_code_gives_has_a_text() -> None:
    package = Path(merger.lineage.__file__).parent
    given = reported(package, r'Resolution\(\s*Outcome\.[A-Z_]+,\s*"([a-z-]+)"')
    given |= reported(package, r'flaws\.add\("([a-z-]+)"\)')
    known = catalogue("en", "lineage")
    assert given
    assert [reason for reason in sorted(given) if f"reason.{reason}" not in known] == []
