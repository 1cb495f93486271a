"""What findings say, in both languages, and that every finding of the lineage has its rule."""

import ast
from collections.abc import Iterator
from pathlib import Path

from checked_files import (
    UNITS,
    errors,
    findings,
)

from merger import lineage, messages
from merger.errors import Severity
from merger.mapping.models import Follows
from merger.quality import RULES
from merger.quality.closure import MAPPED, TOLD_BY_RULES


def test_findings_say_in_both_languages_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    text = """\
communes:
  - {into: 00001 Xã A, from: [00001 Xã A]}
  - {into: 00002 Xã B, from: [{unit: 00001 Xã A, land: part}, 00002 Xã B]}
"""
    (finding,) = errors(findings(tmp_path, UNITS + text))
    assert finding.message.startswith("00001 Xã A goes into 00001 Xã A and cannot go here too")
    assert f"({tmp_path}/0.yaml:5:31)" in finding.mend
    messages.use("vi")
    try:
        assert finding.message.startswith("00001 Xã A đã nhập vào 00001 Xã A nên không thể nhập vào đây nữa")
    finally:
        messages.use("en")


def test_a_malformed_code_is_a_warning(tmp_path: Path) -> None:
    text = "communes: [{into: 1 Xã A, from: [00001 Xã A]}]\n"
    (finding,) = [one for one in findings(tmp_path, UNITS + text) if one.code == "MAP106"]
    assert finding.severity is Severity.WARNING
    assert finding.message == '"1" does not have the 5 digits of the statistics office\'s codes'


def test_every_check_has_its_words_in_both_languages() -> None:
    for part in ("quality", "mapping"):
        english, vietnamese = (messages.catalogue(language, part) for language in ("en", "vi"))
        assert english
        assert english.keys() == vietnamese.keys()
        for key in english:
            assert messages.fields_of(english[key]) == messages.fields_of(vietnamese[key]), key


def test_every_finding_of_the_lineage_comes_out_under_a_rule() -> None:
    told = MAPPED.keys() | TOLD_BY_RULES.keys()
    words = messages.catalogue("en", "lineage")
    assert told == {key.removesuffix(".message") for key in words if key.endswith(".message")}
    assert told == set(reported())
    assert {*MAPPED.values(), *TOLD_BY_RULES.values()} <= RULES.keys()


REPORTING = ("report", "reports", "_report", "_error")


def reported() -> Iterator[str]:
    """The codes that the lineage's own code reports; `{dimension}-…` is one of each."""
    for path in Path(lineage.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            code = node.args[0]
            if called in REPORTING and isinstance(code, ast.Constant):
                yield str(code.value)
            elif called in REPORTING and isinstance(code, ast.JoinedStr):
                assert isinstance(code.values[1], ast.Constant)
                yield from (f"{dimension}{code.values[1].value}" for dimension in Follows)
