"""Entries that an editor offers to fill in, and what JSON Schema must say where a model says it in code.

In the words of JSON Schema, and of `defaultSnippets` as Visual Studio Code's YAML extension reads them.
"""

from typing import Any

_FILE = {"id": "${1:my-id}", "effective": "${2:2025-07-01}"}
_LAW = [{"number": "${3:1/NQ}", "date": "${4:2025-06-16}", "on": "$5"}]

FILES: dict[str, dict[str, Any]] = {
    "units": _FILE
    | {"legal_basis": _LAW}
    | {"communes": [{"clause": "${6:1}", "into": "${7:90001 Xã A}", "from": ["${8:90001 Xã A}"]}]},
    "agencies": _FILE
    | {
        "before": [
            {
                "agency": "$3",
                "level": "${4:district}",
                "function": "$5",
                "unit": "$6",
                "into": "${7:competence}",
            }
        ],
        "after": [{"agency": "$8", "level": "${9:commune}", "function": "$10", "unit": "$11"}],
    },
    "competence": _FILE | {"rules": [{"rule": "${3:other-work}", "to": "${4:commune}"}]},
    "services": {"id": "${1:my-id}", "fields": [{"field": "$2", "follows": "${3:land}"}]},
    "localities": _FILE | {"localities": [{"unit": "$3", "into": "$4", "names": ["$5"]}]},
    "decisions": {"id": "${1:my-id}", "decisions": []},
    "polygons": _FILE
    | {
        "source": "$3",
        "file": {
            "name": "${4:communes.geojson}",
            "sha256": f"${{5:{'0' * 64}}}",
            "code": "${6:code}",
        },
    },
}
"""A new file of each kind; its `schema` line is put before it."""

ENTRIES: dict[str, dict[str, Any]] = {
    "UnitEntry.formed": {"clause": "${1:1}", "into": "${2:90001 Xã A}", "from": ["${3:90001 Xã A}"]},
    "UnitEntry.kept": {"clause": "${1:1}", "keep": "${2:90001 Xã A}"},
    "Predecessor.divided": {"unit": "${1:90001 Xã A}", "land": "${2:part}", "people": "${3:some}"},
    "Area.area": {"name": "$1", "land": "${2:whole}", "words": "$3"},
    "Change.change": {"date": "$1", "what": "${2:merge}", "from": "$3", "to": "$4", "source": "$5"},
    "DistrictEntry.district": {"unit": "$1", "province": "$2", "communes": ["$3"]},
    "LegalAct.act": {"number": "${1:1/NQ}", "date": "${2:2025-06-16}", "on": "$3"},
    "Suppression.suppression": {"rule": "${1:MAP101}", "of": "$2", "reason": "$3"},
    "OpenPoint.open": {"code": "${1:RES022}", "of": "$2", "settle": "$3", "by": "$4", "reason": "$5"},
    "AgencyBefore.before": {
        "agency": "$1",
        "level": "${2:district}",
        "unit": "$3",
        "into": "${4:competence}",
    },
    "Agency.after": {"agency": "$1", "level": "${2:commune}", "function": "$3", "unit": "$4"},
    "CompetenceRule.rule": {"rule": "$1", "levels": ["${2:district}"], "to": "${3:commune}"},
    "Service.service": {"service": "$1", "field": "$2", "follows": "${3:land}"},
    "ServiceBefore.service-before": {"service": "$1", "province": "$2", "into": ["$3"]},
    "ServiceField.field": {"field": "$1", "follows": "${2:land}"},
    "Localities.localities": {"unit": "$1", "into": "$2", "names": ["$3"]},
    "Decision.decision": {
        "decision": "$1",
        "author": "$2",
        "date": "$3",
        "reason": "$4",
        "when": {"system": "$5"},
        "then": {"$6": "$7"},
    },
    "UnitDecision.divided-unit": {
        "decision": "$1",
        "author": "$2",
        "date": "$3",
        "reason": "$4",
        "unit": "$5",
        "on": "${6:2025-07-01}",
        "into": "$7",
    },
    "Drawing.drawing": {"unit": "$1", "geometry": {"type": "Polygon", "coordinates": [[]]}},
}
"""One entry of a list, by model and the key of its label (`schema.snippet.<label>`)."""


def _said(key: str) -> dict[str, Any]:
    """What holds where a text stands at a key and is not blank."""
    return {"required": [key], "properties": {key: {"pattern": r"\S"}}}


RULES: dict[str, dict[str, Any]] = {
    "OpenPoint": {
        "allOf": [
            {"if": _said("by"), "then": _said("reason")},
            {"if": _said("reason"), "then": _said("by")},
        ]
    },
    "UnitEntry": {
        "oneOf": [{"required": ["into"]}, {"required": ["keep"]}],
        "if": {"required": ["keep"]},
        "then": {"properties": {"from": {"maxItems": 0}}},
    },
    "Area": {
        "anyOf": [
            {"required": ["name"], "properties": {"name": {"minLength": 1}}},
            {"required": ["district"]},
        ]
    },
    "Decision": {
        "oneOf": [
            {"required": ["then"], "properties": {"then": {"minProperties": 1}}},
            {"required": ["exclude"], "properties": {"exclude": {"minLength": 1}}},
        ]
    },
    "PolygonsFile": {
        "oneOf": [
            {"required": ["file"]},
            {"required": ["units"], "properties": {"units": {"minItems": 1}}},
        ]
    },
}
"""What the models' own validators refuse."""

SHORT: dict[str, dict[str, Any]] = {
    "Ref": {"type": ["string", "number"], "pattern": r"\S", "examples": ["90001 Xã A"]},
    "Predecessor": {"type": ["string", "number"], "pattern": r"\S", "examples": ["90001 Xã A"]},
    "Value": {"type": ["string", "number"]},
}
"""Models that a file may also write as one text."""
