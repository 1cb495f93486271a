"""The JSON Schema of every file that people write, for editors that complete and check while typing.

Draft-07, which is what the YAML extension of Visual Studio Code reads. A schema refuses what `load` refuses
as far as JSON Schema can say it; what it asks beyond that: no empty values (`title:` and nothing after it),
and quotes around texts that YAML takes for something else (`"true"`).
"""

import re
from typing import Any

from pydantic import BaseModel

from merger.mapping.models import KINDS
from merger.messages import LANGUAGES, catalogue, current, text
from merger.migrate.job import Job
from merger.report.snippets import ENTRIES, FILES, RULES, SHORT
from merger.systems.profile import Profile

MODELS: dict[str, type[BaseModel]] = {**KINDS, "merger/profile/1": Profile, "merger/job/1": Job}

NAMES = {schema.split("/")[1]: schema for schema in MODELS}
"""Each kind's short name (`units`) and its `schema` line."""

_DRAFT = "http://json-schema.org/draft-07/schema#"
_REF = "#/definitions/{model}"
_DAY = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

_TEXT = ["string", "number"]

Schema = dict[str, Any]


def schemas(kind: str = "") -> Schema:
    """The JSON Schema of the files of one kind (a key of `NAMES`), or of all, told apart by `schema:`.

    Descriptions are in both languages, the present one first.
    """
    if kind:
        model = MODELS[NAMES[kind]]
        definitions = _definitions([model])
        return {"$schema": _DRAFT, **definitions.pop(model.__name__), "definitions": definitions}
    return {
        "$schema": _DRAFT,
        "title": "merger",
        "type": "object",
        "required": ["schema"],
        "properties": {"schema": {"enum": list(MODELS), "description": _told("schema")}},
        "allOf": [
            {
                "if": {"properties": {"schema": {"const": schema}}, "required": ["schema"]},
                "then": {"$ref": _REF.format(model=model.__name__)},
            }
            for schema, model in MODELS.items()
        ],
        "defaultSnippets": [_new_file(name) for name in FILES],
        "definitions": _definitions(list(MODELS.values())),
    }


def schema_files() -> dict[str, Schema]:
    """Every schema by the name of its file: that of all kinds, and one for each."""
    return {"merger.schema.json": schemas()} | {f"{name}.schema.json": schemas(name) for name in NAMES}


def _definitions(models: list[type[BaseModel]]) -> Schema:
    found: Schema = {}
    for model in models:
        schema = model.model_json_schema(by_alias=True, ref_template=_REF)
        parts = schema.pop("$defs", {}) | {model.__name__: schema}
        found |= {name: _definition(name, part) for name, part in parts.items()}
    return found


def _definition(name: str, schema: Schema) -> Schema:
    """One model, with its texts, rules, snippets and short form."""
    definition = _plain(schema)
    definition.pop("description", None)
    for key, value in definition.get("properties", {}).items():
        value["description"] = _told(f"{name}.{key}", key)
    definition |= RULES.get(name, {})
    if f"{name}.about" in catalogue(current(), "schema"):
        definition["description"] = _told(f"{name}.about")
    short_name = next((kind for kind, schema in NAMES.items() if MODELS[schema].__name__ == name), "")
    if short_name in FILES:
        definition["defaultSnippets"] = [_new_file(short_name)]
    snippets = [
        {"label": text(f"schema.snippet.{label}"), "body": body}
        for model, label, body in ((*key.split("."), body) for key, body in ENTRIES.items())
        if model == name
    ]
    if snippets:
        definition["defaultSnippets"] = snippets
    return {"anyOf": [SHORT[name], definition]} if name in SHORT else definition


def _plain(schema: Schema) -> Schema:
    """What pydantic says, in draft-07 and as YAML types plain scalars (`clause: 1` is a number there)."""
    out = {key: value for key, value in schema.items() if key != "title" and _worth(key, value)}
    if "properties" in out:
        out["properties"] = {name: _plain(value) for name, value in out["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(out.get(key), dict):
            out[key] = _plain(out[key])
    if "prefixItems" in out:
        out["items"] = [_plain(item) for item in out.pop("prefixItems")]
        out["additionalItems"] = False
    if "anyOf" in out:
        out["anyOf"] = [_plain(form) for form in out["anyOf"]]
        if "default" in schema and schema["default"] is None:
            out["anyOf"] = [form for form in out["anyOf"] if form != {"type": "null"}]
        if len(out["anyOf"]) == 1:
            out |= out.pop("anyOf")[0]
    if out.get("format") == "date":
        out |= _DAY
    elif out.get("type") == "string" and _may_be_a_number(out):
        out |= {"type": ["string", "integer"], "minimum": 0} if "pattern" in out else {"type": _TEXT}
    return out


def _worth(key: str, value: Any) -> bool:
    """Whether an editor should see it: an empty default says nothing."""
    return key != "default" or value not in (None, "", [], {})


def _may_be_a_number(schema: Schema) -> bool:
    return not {"enum", "const", "format"} & set(schema) and bool(re.search(schema.get("pattern", ""), "1"))


def _new_file(name: str) -> Schema:
    return {"label": text(f"schema.{MODELS[NAMES[name]].__name__}.about"),
            "body": {"schema": NAMES[name], **FILES[name]}}  # fmt: skip


def _told(*keys: str) -> str:
    """The text of the first of `keys` that has one, in the present language and below it in the other."""
    languages = sorted(LANGUAGES, key=lambda language: language != current())
    texts = (catalogue(language, "schema") for language in languages)
    told = (next((each[key].format() for key in keys if key in each), "") for each in texts)
    return "\n\n".join(told).strip()
