"""Templates of pages. Everything that comes from data is escaped by the template engine."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

MACROS = "macros.html.j2"


@cache
def environment() -> "Environment":
    """The environment of all templates in `merger/review/templates`, by their path there."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    sources: dict[str, str] = {}

    def look(folder: Traversable, place: str) -> None:
        for item in folder.iterdir():
            if item.is_dir():
                look(item, f"{place}{item.name}/")
            elif item.name.endswith(".j2"):
                sources[place + item.name] = item.read_text("utf-8")

    look(resources.files("merger.review") / "templates", "")
    made = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["data"] = data
    return made


def render(name: str, context: Mapping[str, Any], block: str | None = None) -> str:
    """A whole template, or one block of it. Macros are there as `m`, in both cases."""
    env = environment()
    macros = env.get_template(MACROS).make_module(dict(context))
    values = {**context, "m": cast(ModuleType, macros)}
    template = env.get_template(name)
    if block is None:
        return template.render(values)
    return "".join(template.blocks[block](template.new_context(values)))


def data(value: object) -> Markup:
    """A value as JSON for `<script type="application/json">`: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
