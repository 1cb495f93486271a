"""docs/security.md names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_attack_of_the_page_is_a_test_and_every_attack_tried_is_on_the_page():
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    folder = Path(__file__).parent
    there = {
        name: path.name
        for path in folder.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named - there.keys() == set()
    tried = {name for name, file in there.items() if file.startswith("test_attacks")}
    assert tried - named == set()
