"""What a model refuses, in our words and at the place in the file."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from merger.errors import Finding, Place, Severity
from merger.mapping.tree import PART, Loc, Node, problem, shorten
from merger.messages import LANGUAGES, catalogue

_NEAR = 0.6
_LONGEST_KEY = 64

_BOUNDS = {"greater_than_equal": "≥", "greater_than": ">", "less_than_equal": "≤", "less_than": "<"}

_WRONG_TYPE = {
    "float": "DOC110",
    "finite": "DOC110",
    "int": "DOC111",
    "date": "DOC112",
    "datetime": "DOC113",
    "timezone": "DOC113",
    "list": "DOC114",
    "tuple": "DOC114",
    "bool": "DOC115",
    "dict": "DOC116",
    "model": "DOC116",
    "string": "DOC118",
}


def findings_of(error: ValidationError, model: type[BaseModel], root: Node, file: str) -> list[Finding]:
    """One finding for each thing that `model` refuses, in the order of the file.

    What lies at or under a broken value is left out: a finding says already that it cannot be known.
    """
    details = _one_branch_each(error.errors(include_url=False, include_input=False), root)
    found = [_finding(detail, model, root, file) for detail in details if not _broken(root, detail["loc"])]
    return sorted(found, key=lambda finding: (finding.place.line, finding.place.column))


def follow(root: Node, loc: Loc) -> Iterator[tuple[int, Node]]:
    """The nodes on the way to `loc`, each with its index in it (-1 for the root), as far as they exist."""
    node: Node | None = root
    yield -1, root
    for index, step in enumerate(loc):
        below = node.child(step) if node else None
        if below is not None:
            node = below
            yield index, below


def _broken(root: Node, loc: Loc) -> bool:
    return any(node.broken for _, node in follow(root, loc))


def _one_branch_each(details: Sequence[ErrorDetails], root: Node) -> Iterable[ErrorDetails]:
    """Where a value may have one of several forms, only what the form says that it comes nearest to."""
    plain: list[ErrorDetails] = []
    forms: dict[Loc, dict[str, list[ErrorDetails]]] = defaultdict(lambda: defaultdict(list))
    for detail in details:
        at = _branch(root, detail)
        if at is None:
            plain.append(detail)
        else:
            forms[detail["loc"][:at]][str(detail["loc"][at])].append(detail)
    for at_one_place in forms.values():
        plain += min(at_one_place.values(), key=_distance)
    return plain


def _branch(root: Node, detail: ErrorDetails) -> int | None:
    """The index in the error's path of the first step that is no key of the file but a form's name."""
    loc = detail["loc"]
    followed = {index for index, _ in follow(root, loc)}
    for index in range(len(loc)):
        if index not in followed:
            return None if detail["type"] == "missing" and index == len(loc) - 1 else index
    return None


def _distance(details: Iterable[ErrorDetails]) -> tuple[int, int]:
    kinds = [detail["type"] for detail in details]
    if "literal_error" in kinds or "enum" in kinds:
        return 1, len(kinds)
    return (2 if any(_wrong_type(kind) for kind in kinds) else 0), len(kinds)


def _finding(detail: ErrorDetails, model: type[BaseModel], root: Node, file: str) -> Finding:
    loc, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    path = list(follow(root, loc))
    node = path[-1][1]
    at = (node.line, node.column)
    name = str(loc[-1]) if loc else ""
    key = shorten(next((loc[i] for i, _ in reversed(path) if i >= 0 and isinstance(loc[i], str)), ""))
    value = shorten(node.value) if isinstance(node.value, str) else ""
    if kind == "missing" and isinstance(loc[-1], str):
        return problem(file, "DOC101", at, key=name)
    if kind == "extra_forbidden":
        return _unknown_key(name, _names_at(model, loc[:-1]), file, _key_place(root, loc))
    if kind in ("literal_error", "enum"):
        allowed = ", ".join(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
        return problem(file, "DOC120", at, key=key, value=value, allowed=allowed)
    if kind == "string_pattern_mismatch":
        return problem(file, "DOC121", at, key=key, value=value, pattern=context["pattern"])
    if kind in _BOUNDS:
        bound = f"{_BOUNDS[kind]} {next(iter(context.values()))}"
        return problem(file, "DOC122", at, key=key, value=value, bound=bound)
    if kind.endswith("too_short") or kind == "missing":
        return problem(file, "DOC123", at, key=key)
    if kind.endswith("too_long"):
        return problem(file, "DOC124", at, key=key)
    if kind == "value_error":
        return _rule(str(context["error"]), Place(file=file, line=node.line, column=node.column), key, value)
    if kind == "model_type" and context.get("class_name") == "Ref":
        return problem(file, "DOC117", at, key=key)
    return problem(file, _wrong_type(kind) or "DOC199", at, key=key, value=value)


def _wrong_type(kind: str) -> str:
    return _WRONG_TYPE.get(kind.split("_")[0], "") if kind != "value_error" else ""


def _unknown_key(name: str, known: Sequence[str], file: str, place: tuple[int, int]) -> Finding:
    near = _nearest(name, tuple(known)) if len(name) <= _LONGEST_KEY else ""
    code = "DOC102" if near else "DOC103"
    return problem(file, code, place, key=shorten(name), near=near, known=", ".join(known))


@cache
def _nearest(name: str, known: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(name.strip("_").lower(), known, 1, _NEAR)), "")


def _key_place(root: Node, loc: Loc) -> tuple[int, int]:
    """Where the key itself stands that ends `loc`."""
    parent = [node for _, node in follow(root, loc[:-1])][-1]
    return parent.key(str(loc[-1]))


def _rule(words: str, place: Place, key: str, value: str) -> Finding:
    """A rule that a model itself states, by its slug: `slug` here, `part.slug` in another room."""
    part, _, slug = words.rpartition(".")
    part = part or PART
    known = re.fullmatch(r"[a-z]+", part) and re.fullmatch(r"[a-z0-9-]+", slug)
    if known and f"{slug}.message" in catalogue(LANGUAGES[0], part):
        return Finding(part, slug, Severity.ERROR, place, {"key": key, "value": value})
    return Finding(PART, "DOC199", Severity.ERROR, place, {"key": key, "value": value})


def _names_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that may stand at `loc`, in the order of the model."""
    types: list[Any] = [model]
    for step in loc:
        named = [kind for kind in types if getattr(kind, "__name__", "") == step]
        types = named or [below for kind in types for below in _below(kind, step)]
    return [
        field.alias or name
        for kind in types
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
    ]


def _below(kind: Any, step: str | int) -> list[Any]:
    """The types that a value may have one step below a value of type `kind`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias):
                return _forms(field.annotation)
        return []
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    if get_origin(kind) is dict:
        return _forms(arguments[1])
    return _forms(arguments[0]) if arguments and isinstance(step, int) else []


def _forms(annotation: Any) -> list[Any]:
    """The types that an annotation stands for, unions and `Annotated` taken apart."""
    if get_origin(annotation) in (Union, UnionType):
        return [form for argument in get_args(annotation) for form in _forms(argument)]
    if get_origin(annotation) is Annotated:
        return _forms(get_args(annotation)[0])
    return [annotation]
