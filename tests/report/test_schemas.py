"""What an editor is told agrees with what `load` takes and refuses."""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from merger.errors import InputError
from merger.mapping.document import parse_document
from merger.messages import LANGUAGES, catalogue, use
from merger.report.schemas import MODELS, NAMES, schema_files, schemas
from merger.testing.campaigns.inputs import SURE

ROOT = Path(__file__).parents[2]


class Core(yaml.SafeLoader):
    """YAML 1.2 as an editor reads it: numbers and booleans are typed, dates are text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012


for tag, pattern in {
    "bool": r"true|false",
    "int": r"[-+]?[0-9]+",
    "float": r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)",
    "null": r"~|null|",
}.items():
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def examples():
    """Every file that the project shows or ships, by its place."""
    found = {}
    for folder in ("mappings", "fixtures"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            found[str(path.relative_to(ROOT))] = path.read_text("utf-8")
    for page in sorted((ROOT / "docs").glob("*.md")):
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)):
            if block.startswith("schema:"):
                found[f"{page.name}#{number}"] = block
    return found


EXAMPLES = examples()
SMALL = sorted(
    name for name, content in EXAMPLES.items() if len(content) < 6000 and not name.startswith("mappings")
)


@cache
def validator(kind=""):
    return Draft7Validator(schemas(kind))


def refused(value):
    """Whether the schema of all kinds and that of the file's own kind refuse it; they must agree."""
    by_all = not validator().is_valid(value)
    kind = next((name for name, schema in NAMES.items() if as_dict(value).get("schema") == schema), "")
    if kind:
        assert by_all == (not validator(kind).is_valid(value))
    return by_all


def as_dict(value):
    return value if isinstance(value, dict) else {}


def loads(content):
    named = re.search(rb'"?schema"?: "?(merger/[a-z]+/1)', content)
    try:
        parse_document(
            content, MODELS[named[1].decode()] if named else MODELS["merger/units/1"], Path("a.yaml")
        )
    except InputError:
        return False
    return True


@pytest.mark.parametrize("name", ["", *NAMES])
def test_every_schema_is_one(name):
    Draft7Validator.check_schema(schemas(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_file_that_we_show_or_ship_is_accepted(name):
    value = yaml.load(EXAMPLES[name], Core)
    assert [error.message for error in validator().iter_errors(value)] == []
    assert name not in SMALL or not refused(value)


def test_every_kind_has_an_example():
    assert {yaml.load(text, Core)["schema"] for text in EXAMPLES.values()} == set(MODELS)


STRUCTURAL = ["unknown key", "missing key", "wrong schema", "wrong type", "no mapping of keys"]


@pytest.mark.parametrize("damage", STRUCTURAL)
@pytest.mark.parametrize("name", SMALL)
def test_damage_to_the_structure_is_refused(name, damage):
    chance = Random(f"{name} {damage}")
    for _ in range(5):
        assert refused(yaml.load(SURE[damage](chance, EXAMPLES[name]), Core))


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("", True),
        ("by: Bà B, reason: looked at", True),
        ("by: '', reason: ' '", True),
        ("by: ''", True),
        ("by: 5, reason: 7", True),
        ("by: Bà B", False),
        ("reason: looked at", False),
        ("by: Bà B, reason: ' '", False),
        ("by: '', reason: looked at", False),
    ],
)
def test_an_open_point_is_settled_by_whom_and_why_together_or_not_at_all(said, taken):
    point = ", ".join(["code: RES011", "settle: which one", *filter(None, [said])])
    content = f"schema: merger/services/1\nid: open\nopen: [{{{point}}}]\n"
    assert loads(content.encode()) is taken
    assert refused(yaml.load(content, Core)) is not taken


def places(value, at=()):
    yield at
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in below:
        yield from places(part, (*at, step))


def changed(value, at, new):
    """A copy with `new` at a place; None leaves the place out."""
    out = deepcopy(value)
    holder = out
    for step in at[:-1]:
        holder = holder[step]
    if new is None:
        del holder[at[-1]]
    else:
        holder[at[-1]] = new
    return out


OTHERS = [None, [], {}, [[1]], {"zzz": 1}, "zzz", "", 0, -1, 7, 1.5, True, "2025-13-01x", "A B", ["a"]]


@given(st.sampled_from(SMALL), st.randoms(), st.sampled_from(OTHERS))
def test_a_change_that_loading_refuses_is_refused_while_typing(name, chance, new):
    value = yaml.load(EXAMPLES[name], Core)
    at = chance.choice([one for one in places(value) if one and one != ("schema",)])
    other = changed(value, at, new)
    if not loads(json.dumps(other, ensure_ascii=False).encode()):
        assert refused(other), (at, new)


@given(st.sampled_from(SMALL), st.randoms(), st.sampled_from([None, [], {"zzz": 1}, "zzz", "A B", 7]))
def test_a_change_that_is_refused_while_typing_is_refused_by_loading(name, chance, new):
    value = yaml.load(EXAMPLES[name], Core)
    at = chance.choice([one for one in places(value) if one and one != ("schema",)])
    other = changed(value, at, new)
    if refused(other):
        assert not loads(json.dumps(other, ensure_ascii=False).encode()), (at, new)


@pytest.mark.parametrize("name", SMALL)
def test_an_unknown_key_is_refused_wherever_it_stands(name):
    value = yaml.load(EXAMPLES[name], Core)
    for at in places(value):
        other = changed({"": value}, ("", *at, "zzz"), 1)[""] if isinstance(_at(value, at), dict) else None
        if other is not None and not loads(json.dumps(other, ensure_ascii=False).encode()):
            assert refused(other), at


def _at(value, at):
    for step in at:
        value = value[step]
    return value


def parts(schema):
    """Every model's schema in it, by name."""
    for name, definition in schema["definitions"].items():
        yield (
            name,
            definition["anyOf"][1]
            if "anyOf" in definition and "properties" not in definition
            else definition,
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_described_in_both_languages_the_present_one_first(language):
    try:
        use(language)
        described = {
            f"{name}.{key}": value["description"]
            for name, part in parts(schemas())
            for key, value in part.get("properties", {}).items()
        }
    finally:
        use("en")
    assert len(described) > 150
    known = catalogue(language, "schema")
    for key, text in described.items():
        own = known.get(key) or known[key.partition(".")[2]]
        assert text.split("\n\n")[0] == own.format(), key
        assert len(text.split("\n\n")) == 2


def test_every_text_describes_something():
    keys = {f"{name}.{key}" for name, part in parts(schemas()) for key in part.get("properties", {})}
    short = {key.partition(".")[2] for key in keys} | keys
    told = set(catalogue("en", "schema"))
    assert {
        key for key in told - short if not key.startswith("snippet.") and not key.endswith(".about")
    } == set()


def filled_in(body):
    """A snippet's body with its defaults, and with something fitting where it leaves a place open."""
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", json.dumps(body))
    text = re.sub(r'("level": )"\$\d+"', r'\1"commune"', text)
    text = re.sub(r'("date": )"\$\d+"', r'\1"2025-07-01"', text)
    return json.loads(re.sub(r"\$\d+", "a", text))


def test_every_snippet_becomes_what_the_schema_accepts_once_it_is_filled_in():
    whole = schemas()
    seen = 0
    for name, part in [("", whole), *parts(whole)]:
        for snippet in part.get("defaultSnippets", []):
            here = {"$ref": f"#/definitions/{name}", "definitions": whole["definitions"]} if name else whole
            errors = [
                error.message for error in Draft7Validator(here).iter_errors(filled_in(snippet["body"]))
            ]
            assert errors == [], (name, snippet["label"])
            seen += 1
    assert seen > 20


def test_there_is_a_file_for_each_kind_and_one_for_all():
    assert set(schema_files()) == {"merger.schema.json", *(f"{name}.schema.json" for name in NAMES)}
