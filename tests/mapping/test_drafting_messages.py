"""Every finding of the reader has its texts, and every text its finding."""

import ast
from pathlib import Path

import merger.mapping.drafting as room
from merger.messages import catalogue, fields_of

WEIGHTS = frozenset({"error", "warning", "note"})


def _calls() -> list[ast.Call]:
    files = Path(room.__file__).parent.glob("*.py")
    trees = [ast.parse(file.read_text("utf-8")) for file in files]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in WEIGHTS]


def _codes_in(tree: ast.AST) -> set[str]:
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in found if isinstance(value, str) and value.startswith("RES")}


def test_every_code_has_a_message_and_every_message_a_code() -> None:
    files = Path(room.__file__).parent.glob("*.py")
    used = set().union(*(_codes_in(ast.parse(file.read_text("utf-8"))) for file in files))
    for language in ("vi", "en"):
        keys = catalogue(language, "drafting")
        known = {key.partition(".")[0] for key in keys if key.startswith("RES")}
        assert known == used
        assert {f"{code}.{part}" for code in used for part in ("message", "mend")} <= set(keys)


def test_every_call_gives_the_fields_that_its_message_needs() -> None:
    checked = 0
    for call in _calls():
        if any(word.arg is None for word in call.keywords):
            continue  # the fields are a dict; the tests of that finding read its message
        given = {word.arg for word in call.keywords}
        for code in _codes_in(call.args[0]):
            keys = catalogue("en", "drafting")
            needed = fields_of(keys[f"{code}.message"]) | fields_of(keys[f"{code}.mend"])
            assert needed == given, code
            checked += 1
    assert checked > 30
