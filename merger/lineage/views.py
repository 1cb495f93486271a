"""The lineage in formats for others: the crosswalk as CSV, the graph as JSON and as GraphML."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO

from merger.lineage.crosswalk import Row
from merger.lineage.graph import Lineage
from merger.lineage.model import Evidence, UnitVersion
from merger.mapping.models import Mapping, UnitKind
from merger.mapping.tables import CROSSWALK, extent_cell, population_cell, share_cell, to_csv

GRAPH = "merger/graph/1"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def crosswalk_csv(rows: Iterable[Row]) -> str:
    """The rows of a crosswalk as crosswalk-csv, in their order."""
    return to_csv(CROSSWALK, map(_cells, rows))


def effective_days(mapping: Mapping, kind: UnitKind) -> list[date]:
    """The days of a mapping's reorganisations of units of a kind, in order.

    Those of the files that have entries; where there are none, the days of the changes.
    """
    days = {
        file.effective
        for file in mapping.units
        if (kind is UnitKind.COMMUNE and file.communes)
        or (kind is UnitKind.DISTRICT and file.districts)
        or (kind is UnitKind.PROVINCE and file.province)
    }
    days = days or {change.date for file in mapping.units for change in file.changes if change.kind is kind}
    return sorted(days - {date.min, date.max})


def graph_json(lineage: Lineage, kind: UnitKind | None = None) -> str:
    """The graph of unit versions, of one kind or of all, as JSON.

    `{"format", "versions": [{"id","kind","code","name","parent","valid_from","valid_to","end","evidence"}],
    "changes": [{"from","to","date","extent","population","share","contradicted","evidence"}]}`.
    Days at the ends of the record are null. `end` is how a version ended: `changed`, `abolished`, `unknown`,
    or null while it is in force. `evidence` is a list of `{"change","source"}`.
    """
    versions = list(_versions(lineage, kind))
    content = {
        "format": GRAPH,
        "versions": [_version(lineage, version) for version in versions],
        "changes": [change for version in versions for change in _changes(lineage, version)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def graphml(lineage: Lineage, kind: UnitKind | None = None) -> bytes:
    """The same graph as GraphML with typed attributes.

    An attribute that is not known is left out; so is a character that XML cannot hold.
    """
    import networkx
    from networkx.readwrite.graphml import write_graphml_xml

    graph: networkx.MultiDiGraph = networkx.MultiDiGraph(format=GRAPH)
    versions = list(_versions(lineage, kind))
    for version in versions:
        said = _version(lineage, version)
        graph.add_node(said.pop("id"), **_attributes(said))
    for version in versions:
        for change in _changes(lineage, version):
            graph.add_edge(change.pop("from"), change.pop("to"), **_attributes(change))
    written = BytesIO()
    write_graphml_xml(graph, written)
    return written.getvalue() + b"\n"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.old_code,
        row.old_name,
        row.new_code,
        row.new_name,
        extent_cell(row.extent),
        population_cell(row.extent, row.population),
        share_cell(row.share),
        row.evidence,
    )


def _versions(lineage: Lineage, kind: UnitKind | None) -> Iterator[UnitVersion]:
    codes = {(UnitKind(node[0]), node[1]) for node in lineage.network()}
    for of, code in sorted(codes):
        if kind in (None, of):
            yield from lineage.versions(of, code)


def _version(lineage: Lineage, version: UnitVersion) -> dict[str, object]:
    passage = lineage.passage(version, forward=True)
    over = version.valid_to != date.max
    end = "changed" if passage.edges else ("abolished" if passage.ended else "unknown")
    return {
        "id": _id(version),
        "kind": version.kind.value,
        "code": version.code,
        "name": version.name,
        "parent": version.parent,
        "valid_from": None if version.valid_from == date.min else version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if over else None,
        "end": end if over else None,
        "evidence": _evidence(passage.evidence),
    }


def _changes(lineage: Lineage, version: UnitVersion) -> Iterator[dict[str, object]]:
    for edge in lineage.passage(version, forward=True).edges:
        yield {
            "from": _id(version),
            "to": _id(lineage.neighbour(version, edge, forward=True)),
            "date": version.valid_to.isoformat(),
            "extent": edge.land.value,
            "population": edge.people.value,
            "share": edge.share,
            "contradicted": sorted(edge.contradicted),
            "evidence": _evidence(edge.evidence),
        }


def _id(version: UnitVersion) -> str:
    """Kind, code, first day, and the step of that day where it has several."""
    key: tuple[object, ...] = version.id
    first = "" if version.valid_from == date.min else version.valid_from.isoformat()
    return f"{key[0]}:{key[1]}@{first}" + "".join(f"#{step}" for step in key[3:] if step)


def _evidence(evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    return [{"change": why.change, "source": why.source} for why in evidence]


def _attributes(said: dict[str, object]) -> dict[str, object]:
    """What GraphML can hold: numbers and texts, lists as one text."""
    plain = {name: _plain(value) for name, value in said.items()}
    return {name: value for name, value in plain.items() if value not in (None, "")}


def _plain(value: object) -> object:
    if isinstance(value, list):
        sources = (one["source"] if isinstance(one, dict) else str(one) for one in value)
        value = "; ".join(dict.fromkeys(sources))
    return _NOT_XML.sub("", value) if isinstance(value, str) else value
