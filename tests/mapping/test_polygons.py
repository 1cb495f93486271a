"""Files of polygons: what is read, from where, and what is wrong with them."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from divided_commune import UNITS

from merger.errors import InputError
from merger.lineage import Request, lineage_of
from merger.mapping import contents_of, digest, load, shapes
from merger.mapping.models import UnitKind

RING = [[108.0, 12.0], [108.1, 12.0], [108.1, 12.1], [108.0, 12.1], [108.0, 12.0]]
EAST = [[108.1, 12.0], [108.2, 12.0], [108.2, 12.1], [108.1, 12.1], [108.1, 12.0]]


def feature(code: Any, ring: Any, kind: str = "Polygon", **more: Any) -> dict[str, Any]:
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"ma_xa": code}, "geometry": geometry} | more


def collection(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **more, "features": features}, indent=1)


def drawn(folder: Path, content: str | bytes, name: str = "units.geojson", sha: str = "") -> Path:
    """A file of polygons that names a GeoJSON file of this content beside it."""
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    path = folder / "drawn.yaml"
    file = f"{{name: {name}, sha256: {sha or sha256(data).hexdigest()}, code: ma_xa}}"
    path.write_text(f"schema: merger/polygons/1\nid: drawn\neffective: 2025-07-01\nfile: {file}\n", "utf-8")
    return path


def inline(folder: Path, *rings: Any) -> Path:
    path = folder / "drawn.yaml"
    lines = [
        f"  - unit: {number:05} Xã A\n    geometry: {{type: Polygon, coordinates: {json.dumps([ring])}}}"
        for number, ring in enumerate(rings, start=1)
    ]
    head = "schema: merger/polygons/1\nid: drawn\neffective: 2025-07-01\nunits:\n"
    path.write_text(head + "\n".join(lines) + "\n", "utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as refused:
        load([path])
    return [str(finding).replace(f"{path.parent}/", "") for finding in refused.value.findings]


def test_the_units_of_a_geojson_file_are_read_and_heights_are_left_out(tmp_path: Path) -> None:
    high = [[*position, 250.5] for position in RING]
    path = drawn(tmp_path, collection(feature("00001", high), feature("00002", EAST, "MultiPolygon")))
    shapes = load([path]).mapping.shapes["drawn"]
    assert [shape.unit.code for shape in shapes] == ["00001", "00002"]
    assert json.loads(shapes[0].geometry) == {"type": "Polygon", "coordinates": [RING]}


def test_what_is_written_inline_and_what_lies_beside_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    beside = load([drawn(tmp_path / "beside", collection(feature("00001", RING), feature("00002", EAST)))])
    here = load([inline(tmp_path, RING, EAST)])
    texts = [[shape.geometry for shape in one.mapping.shapes["drawn"]] for one in (beside, here)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("ring", "code", "words"),
    [
        (RING[:-1], "GEO010", "a ring of {unit} is not closed"),
        ([RING[0], RING[1], RING[0]], "GEO011", "a ring of {unit} has only 3 positions"),
        ([[y, x] for x, y in RING], "GEO013", "the coordinates of {unit} are exchanged: 12.0, 108.0"),
        ([[500_000.0 + x, 1_320_000.0 + y] for x, y in RING], "GEO012", "lengths, not degrees: 500108.0"),
        ([[x + 100, y] for x, y in RING], "GEO014", "a position of {unit} lies nowhere on earth"),
        ([RING[0], RING[2], RING[1], RING[3], RING[0]], "GEO015", "near longitude 108.05, latitude 12.05"),
        ([[-179.5, 1], [179.5, 1], [179.5, 2], [-179.5, 1]], "GEO017", "goes across the 180th meridian"),
    ],
)
def test_a_geometry_that_is_none_is_named_with_unit_and_place(
    ring: Any, code: str, words: str, tmp_path: Path
) -> None:
    (found,) = problems(inline(tmp_path, RING, ring))
    line, said = found.split(" ", 1)
    assert line.startswith("drawn.yaml:8:")
    assert said.startswith(code)
    assert words.format(unit="00002 Xã A") in said
    (found,) = problems(drawn(tmp_path, collection(feature("00001", RING), feature("00002", ring))))
    assert words.format(unit="00002") in found
    assert found.startswith("units.geojson:37:3: " + code)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "GEO008"),
        ({"type": "Point", "coordinates": [108, 12]}, "GEO008"),
        ({"type": "Polygon"}, "GEO009"),
        ({"type": "Polygon", "coordinates": []}, "GEO009"),
        ({"type": "Polygon", "coordinates": [[["108", "12"]] * 4]}, "GEO009"),
        ({"type": "Polygon", "coordinates": [[[True, False]] * 4]}, "GEO009"),
        ({"type": "Polygon", "coordinates": [RING[0]]}, "GEO009"),
        ({"type": "MultiPolygon", "coordinates": [RING]}, "GEO009"),
        ({"type": "Polygon", "coordinates": [[[1e400, 1]] * 4]}, "GEO004"),
    ],
)
def test_what_is_no_area_is_refused(geometry: Any, code: str, tmp_path: Path) -> None:
    content = collection(feature("00001", RING, geometry=geometry))
    assert f" {code} " in problems(drawn(tmp_path, content))[0]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"type": "FeatureCollection",\n "features": [}', "units.geojson:2:15: GEO004"),
        ('{"type": "FeatureCollection", "features": [], "features": []}', "units.geojson:1:57: GEO004"),
        ('{"type": "FeatureCollection", "features": []} x', "units.geojson:1:47: GEO004"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "units.geojson:1:44: GEO004"),
        ('{"type": "FeatureCollection", "features": [{"a": 1, "a": 2}]}', "units.geojson:1:44: GEO004"),
        ('{"type": "FeatureCollection", "features": [' + "[" * 100_000, "units.geojson:1:44: GEO004"),
        ("", "units.geojson:1:1: GEO004"),
        ("[]", "units.geojson:1:1: GEO004"),
        ('{"type": "Feature"}', "units.geojson:1:1: GEO005"),
        ('{"type": "FeatureCollection", "features": 3}', "units.geojson:1:1: GEO005"),
        (b'{"type": "Feature\xff"}', "units.geojson:1:18: DOC003"),
        (collection(feature(90001, RING)), "units.geojson:4:3: GEO007"),
        (collection(feature("", RING)), "units.geojson:4:3: GEO007"),
        (collection(3), "units.geojson:4:3: GEO007"),
        (collection(feature("1", RING), feature("1", EAST)), "units.geojson:37:3: GEO016"),
    ],
)
def test_a_file_that_is_no_geojson_is_named_with_its_place(
    content: str | bytes, found: str, tmp_path: Path
) -> None:
    assert problems(drawn(tmp_path, content))[0].startswith(found)


@pytest.mark.parametrize(
    ("crs", "refused"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", False),
        ("urn:ogc:def:crs:EPSG::4326", False),
        ("urn:ogc:def:crs:EPSG::9210", True),
        (None, True),
    ],
)
def test_another_system_of_coordinates_is_refused(crs: str | None, refused: bool, tmp_path: Path) -> None:
    said = {"type": "name", "properties": {"name": crs}}
    path = drawn(tmp_path, collection(feature("00001", RING), crs=said))
    if refused:
        assert "GEO006 the coordinates are in another system" in problems(path)[0]
    else:
        assert load([path]).mapping.shapes["drawn"]


def test_a_file_of_another_content_than_was_signed_is_refused(tmp_path: Path) -> None:
    path = drawn(tmp_path, collection(feature("00001", RING)))
    before = digest(load([path]))
    (tmp_path / "units.geojson").write_text(collection(feature("00001", EAST)), "utf-8")
    (found,) = problems(path)
    assert found.startswith("units.geojson:1:1: GEO003 this is not the file that was signed: its SHA-256 is ")
    again = drawn(tmp_path, collection(feature("00001", EAST)))
    assert digest(load([again])) != before


@pytest.mark.parametrize(
    "name", ["../a.geojson", "/etc/a.json", "b/a.geojson", ".a.json", "C:a.json", "a.yaml"]
)
def test_a_drawing_lies_in_the_same_folder_under_a_plain_name(name: str, tmp_path: Path) -> None:
    path = drawn(tmp_path, collection(feature("00001", RING)))
    path.write_text(path.read_text("utf-8").replace("units.geojson", name), "utf-8")
    assert "DOC121" in problems(path)[0]


def test_a_drawing_that_is_a_link_or_a_folder_or_not_there_is_refused(tmp_path: Path) -> None:
    path = drawn(tmp_path, collection(feature("00001", RING)))
    file = tmp_path / "units.geojson"
    said = "drawn.yaml:4:14: GEO001 there is no plain file units.geojson in the folder of this one"
    file.rename(tmp_path / "other.geojson")
    assert problems(path) == [said]
    file.symlink_to(tmp_path / "other.geojson")
    assert problems(path) == [said]
    file.unlink()
    file.mkdir()
    assert problems(path) == [said]


def test_a_drawing_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drawn(tmp_path, collection(feature("00001", RING)))
    monkeypatch.setattr("merger.mapping.geojson.MAX_BYTES", 100)
    assert problems(path) == ["drawn.yaml:4:14: GEO002 units.geojson is larger than 100 bytes"]


def test_all_problems_of_all_features_come_in_one_run(tmp_path: Path) -> None:
    open_ring, crossing = RING[:-1], [RING[0], RING[2], RING[1], RING[3], RING[0]]
    content = collection(
        feature("1", open_ring), feature(2, RING), feature("3", crossing), feature("4", RING)
    )
    assert [found.split(" ")[1] for found in problems(drawn(tmp_path, content))] == [
        "GEO010",
        "GEO007",
        "GEO015",
    ]


def test_a_unit_is_drawn_once_in_a_file_and_a_file_draws_units_in_one_way(tmp_path: Path) -> None:
    path = inline(tmp_path, RING, EAST)
    text = path.read_text("utf-8").replace("00002", "00001")
    path.write_text(text, "utf-8")
    assert "GEO016 00001 Xã A is drawn twice in this file; first in line 5" in problems(path)[0]
    path.write_text(text.split("units:")[0], "utf-8")
    assert "polygons-need-file-or-units" in problems(path)[0]


def test_without_shapely_a_mapping_with_polygons_says_what_to_install_and_others_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inline(tmp_path, RING)
    units = tmp_path / "units.yaml"
    units.write_text(UNITS, "utf-8")
    monkeypatch.setattr(shapes, "find_spec", lambda _: None)
    assert problems(path) == [
        "drawn.yaml:1:9: GEO020 polygons cannot be used here: the package shapely is not installed"
    ]
    assert load([units]).mapping.units


def test_a_kept_lineage_is_of_exactly_this_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERGER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "mapping"
    folder.mkdir()
    (folder / "units.yaml").write_text(UNITS, "utf-8")
    day = load([folder]).mapping.units[0].effective
    request = Request("00001", UnitKind.COMMUNE, day.replace(year=2024), day, point=(12.05, 108.05))

    def answer() -> str:
        return lineage_of(contents_of([folder])).resolve(request).successor.code

    drawn(folder, collection(feature("00001", RING), feature("00002", EAST)))
    assert [answer(), answer()] == ["00001", "00001"]
    drawn(folder, collection(feature("00001", EAST), feature("00002", RING)))
    assert [answer(), answer()] == ["00002", "00002"]
    (folder / "units.geojson").write_text(collection(), "utf-8")
    with pytest.raises(InputError, match="GEO003"):
        answer()
    (folder / "units.geojson").unlink()
    with pytest.raises(InputError, match="GEO001"):
        answer()
