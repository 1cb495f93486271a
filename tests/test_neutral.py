"""Nothing in the code knows a province, a commune or their codes by name: only data does."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def _named() -> set[str]:
    """Every unit that the shipped mappings name, without its type word, and agency codes of the demo."""
    names: set[str] = set()
    for path in sorted((ROOT / "mappings").rglob("*.yaml")):
        content = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
        names |= set(re.findall(r"(?:Tỉnh|Thành phố) ([^',}\]\n]+)", str(content)))
    return {name.strip() for name in names if len(name.strip()) > 3}


def test_no_module_names_a_province_or_its_agency_code() -> None:
    names = _named()
    assert len(names) >= 3
    settings = (ROOT / "merger/demo/data/settings.yaml").read_text("utf-8")
    codes = set(re.findall(r"\bH\d{2}\b", settings))
    assert len(codes) >= 3
    wrong = []
    for path in sorted((ROOT / "merger").rglob("*.py")):
        text = path.read_text("utf-8")
        wrong += [f"{path.relative_to(ROOT)}: {word}" for word in (names | codes) if word in text]
    assert wrong == []
