"""Which references are tied late, and in what order datasets move."""

from typing import Any

from merger.systems.circles import circles, in_order, late, late_columns
from merger.systems.profile import Profile


def profile(**datasets: dict[str, Any]) -> Profile:
    given = {name: {"table": name, "key": ["id"], "to": name, **one} for name, one in datasets.items()}
    return Profile.model_validate({"schema": "merger/profile/1", "id": "circles", "datasets": given})


def to(name: str, *, optional: bool = False) -> dict[str, object]:
    return {"to": name, "column": f"{name}_id", "optional": optional}


OFFICE = profile(
    files={"references": {"dossier": to("dossiers")}},
    documents={
        "parent": "dossier",
        "references": {"dossier": to("dossiers", optional=True), "reply": to("documents")},
        "columns": {"up": {"reference": "dossier"}, "reply": {"reference": "reply"},
                    "also": {"reference": "documents"}},
    },
    dossiers={
        "references": {"newest": to("documents", optional=True), "citizen": to("people", optional=True)},
        "columns": {"newest": {"reference": "documents"}, "citizen": {"reference": "citizen"}},
    },
    people={},
)  # fmt: skip


def test_references_to_the_same_dataset_and_optional_ones_along_a_circle_are_late_and_parents_never() -> None:
    assert {name: set(late(OFFICE, name)) for name in OFFICE.datasets} == {
        "files": set(), "documents": {"reply"}, "dossiers": {"newest"}, "people": set(),
    }  # fmt: skip


def test_the_columns_of_late_references_are_known_by_reference_and_by_dataset() -> None:
    assert late_columns(OFFICE, "documents") == ["reply", "also"]
    assert late_columns(OFFICE, "dossiers") == ["newest"]


def test_datasets_of_a_circle_move_one_after_another() -> None:
    assert in_order(OFFICE) == ("people", "dossiers", "documents", "files")
    assert circles(OFFICE) == [frozenset({"documents", "dossiers"})]


def test_a_dataset_that_does_not_move_makes_no_circle() -> None:
    given = OFFICE.model_dump(by_alias=True)
    given["datasets"]["dossiers"]["to"] = ""
    given["datasets"]["documents"]["references"].pop("reply")
    assert circles(Profile.model_validate(given)) == []
