"""The JSON Schema of every file that people write, for editors."""

from typing import Any

from pydantic import BaseModel

from merger.mapping.models import KINDS
from merger.migrate.job import Job
from merger.systems.profile import Profile

FILES: dict[str, type[BaseModel]] = {**KINDS, "merger/profile/1": Profile, "merger/job/1": Job}

_SHORT: dict[str, dict[str, str]] = {
    "Ref": {"type": "string", "pattern": r"^\S+( .*)?$"},
    "Predecessor": {"type": "string", "pattern": r"^\S+( .*)?$"},
    "Value": {"type": "string"},
}
"""Models that a file may also write as one string."""


def schemas() -> dict[str, Any]:
    """One JSON Schema (2020-12): which kind a file is, its `schema` line says."""
    kinds: list[dict[str, Any]] = []
    definitions: dict[str, Any] = {}
    for name, model in FILES.items():
        schema = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{{model}}.{_slug(name)}")
        for part, definition in schema.pop("$defs", {}).items():
            short = _SHORT.get(part)
            definitions[f"{part}.{_slug(name)}"] = {"anyOf": [short, definition]} if short else definition
        definitions[_slug(name)] = schema
        kinds.append(
            {
                "if": {"properties": {"schema": {"const": name}}, "required": ["schema"]},
                "then": {"$ref": f"#/$defs/{_slug(name)}"},
            }
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "merger",
        "type": "object",
        "required": ["schema"],
        "properties": {"schema": {"enum": list(FILES)}},
        "allOf": kinds,
        "$defs": definitions,
    }


def _slug(name: str) -> str:
    return name.replace("/", "-")
