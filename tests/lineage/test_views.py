"""The lineage as CSV, JSON and GraphML."""

import json
from datetime import date

import networkx
import pytest

from merger.lineage import Lineage, build, crosswalk
from merger.lineage.views import crosswalk_csv, effective_days, graph_json, graphml
from merger.mapping.models import UnitKind
from merger.testing.histories import mapping, units_file

BEFORE, DAY = date(2025, 6, 30), date(2025, 7, 1)
PART = {"unit": "00001 Xã Một", "land": "part", "people": "none", "share": 0.25}
HOME = {"unit": "00001 Xã Một", "land": "part", "people": "unspecified"}
FILE = units_file(
    DAY,
    [
        {"clause": "1", "into": "00001 Phường Một", "from": [HOME]},
        {"clause": "2", "into": "00002 =Xã, Hai", "from": ["00002 =Xã, Hai", PART]},
    ],
    districts=[{"unit": "901 Huyện", "province": "90", "communes": ["00001", "00002"]}],
    changes=[
        {"date": DAY, "from": "00003 Xã Ba", "source": "list"},
        {"date": "2020-01-01", "what": "abolish", "from": "00004 Xã Bốn\x01", "source": "2/NQ"},
        {"date": "2020-01-01", "what": "create", "to": "00003 Xã Ba", "source": "3/NQ"},
    ],
)


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    return build(mapping(FILE))


def test_a_crosswalk_is_written_with_its_words_and_guards(lineage: Lineage) -> None:
    assert crosswalk_csv(crosswalk(lineage, BEFORE, DAY)) == (
        "old_code,old_name,new_code,new_name,extent,population,share,evidence\n"
        "00001,Xã Một,00001,Phường Một,part,unspecified,,act-2025 §1\n"
        '00001,Xã Một,00002,"\'=Xã, Hai",part,none,0.25,act-2025 §2\n'
        '00002,"\'=Xã, Hai",00002,"\'=Xã, Hai",whole,all,1,act-2025 §2\n'
        "00003,Xã Ba,,,,,,list\n"
    )


def test_the_graph_as_json_says_how_every_version_began_and_ended(lineage: Lineage) -> None:
    graph = json.loads(graph_json(lineage, UnitKind.COMMUNE))
    assert graph["format"] == "merger/graph/1"
    versions = {one["id"]: one for one in graph["versions"]}
    assert list(versions) == [
        "commune:00001@",
        "commune:00001@2025-07-01",
        "commune:00002@",
        "commune:00002@2025-07-01",
        "commune:00003@2020-01-01",
        "commune:00004@",
    ]
    assert versions["commune:00001@"] == {
        "id": "commune:00001@",
        "kind": "commune",
        "code": "00001",
        "name": "Xã Một",
        "parent": "901",
        "valid_from": None,
        "valid_to": "2025-07-01",
        "end": "changed",
        "evidence": [],
    }
    assert [versions[id_]["end"] for id_ in versions] == [
        "changed",
        None,
        "changed",
        None,
        "unknown",
        "abolished",
    ]
    assert versions["commune:00003@2020-01-01"]["evidence"] == [
        {"change": "00003 Xã Ba ->", "source": "list"}
    ]


def test_the_graph_as_json_says_what_went_where_and_why(lineage: Lineage) -> None:
    graph = json.loads(graph_json(lineage, UnitKind.COMMUNE))
    (one,) = (change for change in graph["changes"] if change["share"] == 0.25)
    assert one == {
        "from": "commune:00001@",
        "to": "commune:00002@2025-07-01",
        "date": "2025-07-01",
        "extent": "part",
        "population": "none",
        "share": 0.25,
        "contradicted": [],
        "evidence": [
            {
                "change": "00001 Xã Một -> 00002 =Xã, Hai [land=part, people=none]",
                "source": "act-2025 §2",
            }
        ],
    }
    ids = {version["id"] for version in graph["versions"]}
    assert {change[end] for change in graph["changes"] for end in ("from", "to")} <= ids


def test_without_a_kind_the_graph_has_all_kinds(lineage: Lineage) -> None:
    kinds = {version["kind"] for version in json.loads(graph_json(lineage))["versions"]}
    assert kinds == {"commune", "district"}


def test_contradicted_changes_are_marked() -> None:
    told = [
        {"date": DAY, "from": "1", "to": "2", "land": land, "people": "all"} for land in ("whole", "part")
    ]
    graph = json.loads(graph_json(build(mapping(units_file(DAY, [], changes=told)))))
    assert [change["contradicted"] for change in graph["changes"]] == [["land"]]


def test_graphml_is_read_back_as_the_same_graph_with_types(lineage: Lineage) -> None:
    content = graphml(lineage)
    assert content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    graph = networkx.parse_graphml(content.decode(), force_multigraph=True)
    said = json.loads(graph_json(lineage))
    assert set(graph) == {version["id"] for version in said["versions"]}
    assert sorted(graph.edges()) == sorted((one["from"], one["to"]) for one in said["changes"])
    edge = graph.edges["commune:00001@", "commune:00002@2025-07-01", 0]
    assert edge == {
        "date": "2025-07-01",
        "extent": "part",
        "population": "none",
        "share": 0.25,
        "evidence": "act-2025 §2",
    }
    assert graph.nodes["commune:00003@2020-01-01"]["valid_from"] == "2020-01-01"
    assert "valid_from" not in graph.nodes["commune:00001@"]


def test_characters_that_xml_cannot_hold_are_left_out(lineage: Lineage) -> None:
    graph = networkx.parse_graphml(graphml(lineage).decode(), force_multigraph=True)
    assert graph.nodes["commune:00004@"]["name"] == "Xã Bốn"


def test_the_effective_days_are_those_of_the_entries_else_of_the_changes() -> None:
    changes = units_file(DAY, [], id="earlier", changes=FILE.changes)
    assert effective_days(mapping(FILE, changes), UnitKind.COMMUNE) == [DAY]
    assert effective_days(mapping(FILE), UnitKind.DISTRICT) == [DAY]
    assert effective_days(mapping(changes), UnitKind.COMMUNE) == [date(2020, 1, 1), DAY]
    assert effective_days(mapping(changes), UnitKind.PROVINCE) == []
