"""What is kept of a lineage answers like the lineage itself, and is never trusted further than that."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from merger.errors import InputError
from merger.lineage import Lineage, Request, build, cache, lineage_of, stored, written
from merger.lineage.record import record_of
from merger.mapping import contents_of, load, parse
from merger.mapping.models import Follows, Mapping, UnitKind
from merger.testing.histories import CODES, DAYS, chained, lineages, steps, wild_lineages

quick = settings(max_examples=40)

FIRST = """\
schema: merger/units/1
id: first
effective: 2025-07-01
province: {into: 91 Tỉnh X, from: [91 Tỉnh X, 92 Tỉnh Y]}
communes:
  - {clause: 1, into: 00001 Xã Một, from: [{unit: 00001 Xã Một, land: part, people: all}]}
  - {clause: 2, into: 00002 Xã Hai, from: [00002 Xã Hai, {unit: 00001 Xã Một, land: part, people: none}]}
"""
PLACES = """\
schema: merger/localities/1
id: places
effective: 2025-07-01
localities: [{unit: 00001 Xã Một, into: 00002 Xã Hai, names: [Thôn 10]}]
"""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("MERGER_CACHE", str(folder))
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "first.yaml").write_text(FIRST, "utf-8")
    (folder / "places.yaml").write_text(PLACES, "utf-8")
    return folder


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How often files were really read."""
    calls: list[int] = []

    def counted(contents: object) -> object:
        calls.append(1)
        return parse(contents)  # type: ignore[arg-type]

    monkeypatch.setattr(stored, "parse", counted)
    return calls


def answers(lineage: Lineage, codes: tuple[str, ...] = CODES) -> list[object]:
    return [
        lineage.resolve(Request(code, UnitKind.COMMUNE, at, to, follow, place))
        for code in codes
        for at in DAYS
        for to in DAYS
        for follow in (None, *Follows)
        for place in (None, "Thôn 10")
    ]


@quick
@given(wild_lineages() | lineages() | steps().map(chained))
def test_a_record_read_back_is_the_same_and_gives_the_same_answers(history: Mapping) -> None:
    record = record_of(history)
    text = written.write(record)
    again = written.read(text)
    assert again == record
    assert written.write(again) == text
    assert Lineage(again).findings == build(history).findings
    assert answers(Lineage(again)) == answers(build(history))


def test_the_second_time_nothing_is_read_and_the_answers_are_the_same(
    files: Path, kept: Path, reading: list[int]
) -> None:
    plain = build(load([files]).mapping)
    for _ in range(3):
        assert answers(lineage_of(contents_of([files]))) == answers(plain)
    assert len(reading) == 1
    assert len(list(kept.iterdir())) == 1
    assert lineage_of(contents_of([files / "places.yaml", files / "first.yaml"])).findings == plain.findings
    assert len(reading) == 1


def test_a_byte_more_anywhere_is_read_anew(files: Path, reading: list[int]) -> None:
    lineage_of(contents_of([files]))
    (files / "places.yaml").write_text(PLACES + "# a word\n", "utf-8")
    lineage_of(contents_of([files]))
    (files / "first.yaml").write_text(FIRST.replace("00002 Xã Hai", "00002 Xã Ba"), "utf-8")
    assert lineage_of(contents_of([files])).name_of(UnitKind.COMMUNE, "00002", DAYS[-1]) == "Xã Ba"
    assert len(reading) == 3


def test_other_code_or_another_library_reads_anew(
    files: Path, reading: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lineage_of(contents_of([files]))
    for name, value in (("pydantic.VERSION", "99"), ("sys.version", "4.0"), ("yaml.__version__", "7")):
        with monkeypatch.context() as changed:
            changed.setattr(name, value)
            stored.code_digest.cache_clear()
            lineage_of(contents_of([files]))
    monkeypatch.setattr(stored, "ROOMS", ("errors.py",))
    stored.code_digest.cache_clear()
    lineage_of(contents_of([files]))
    stored.code_digest.cache_clear()
    assert len(reading) == 5


def damaged(whole: bytes) -> dict[str, bytes]:
    body = b'{"steps": []}'
    return {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "one bit": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        "other digest": b"0" * 32 + whole[32:],
        "foreign": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
        "right digest for another key": cache._digest("0" * 64, body) + body,
    }


@pytest.mark.parametrize("how", damaged(b"0" * 100))
def test_a_damaged_or_foreign_file_is_passed_over_and_written_anew(
    files: Path, kept: Path, reading: list[int], how: str
) -> None:
    plain = answers(lineage_of(contents_of([files])))
    (path,) = kept.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damaged(whole)[how])
    assert answers(lineage_of(contents_of([files]))) == plain
    assert len(reading) == 2
    assert path.read_bytes() == whole


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b"\xff", b'{"steps": 1}', b"[" * 100_000])
def test_a_file_with_a_right_digest_and_another_content_is_passed_over(
    files: Path, kept: Path, reading: list[int], body: bytes
) -> None:
    lineage_of(contents_of([files]))
    (path,) = kept.iterdir()
    key = path.name.partition(".")[0]
    path.write_bytes(cache._digest(key, body) + body)
    assert lineage_of(contents_of([files])).findings == ()
    assert len(reading) == 2


@pytest.mark.skipif(os.name != "posix", reason="rights of files are told differently here")
def test_a_file_that_others_may_write_is_not_trusted(files: Path, kept: Path, reading: list[int]) -> None:
    lineage_of(contents_of([files]))
    (path,) = kept.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o666)
    lineage_of(contents_of([files]))
    assert len(reading) == 2


@pytest.mark.parametrize("place", ["off", "/dev/null/merger", "file"])
def test_without_a_folder_that_can_be_written_everything_works(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: list[int], place: str
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("MERGER_CACHE", str(tmp_path / place) if place == "file" else place)
    for _ in range(2):
        assert answers(lineage_of(contents_of([files]))) == answers(build(load([files]).mapping))
    assert len(reading) == 2


def test_the_folder_is_the_one_named_else_that_of_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.folder() == tmp_path / "cache"
    monkeypatch.delenv("MERGER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "merger"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    found = cache.folder()
    assert found is not None
    assert found.is_relative_to(tmp_path)


def test_only_the_last_used_results_are_kept(kept: Path) -> None:
    for number in range(cache.KEPT + 5):
        cache.put(f"{number:04d}", b"data")
        os.utime(kept / f"{number:04d}{cache.SUFFIX}", (number, number))
        cache.get("0000")
    names = {path.name.partition(".")[0] for path in kept.iterdir()}
    assert len(names) == cache.KEPT
    assert {"0000", f"{cache.KEPT + 4:04d}"} <= names


def test_what_is_wrong_with_a_file_is_told_each_time(files: Path, kept: Path) -> None:
    (files / "first.yaml").write_text(FIRST.replace("effective", "efective"), "utf-8")
    for _ in range(2):
        with pytest.raises(InputError) as error:
            lineage_of(contents_of([files]))
        assert [finding.code for finding in error.value.findings] == ["DOC101", "DOC102"]
    with pytest.raises(InputError, match="MAP002"):
        lineage_of(contents_of([files / "nothing"]))
    assert not kept.exists()


def test_many_processes_at_once_keep_one_whole_result(files: Path, kept: Path) -> None:
    code = (
        "from pathlib import Path; from merger.lineage import lineage_of;"
        "from merger.mapping import contents_of;"
        f"print(len(lineage_of(contents_of([Path({str(files)!r})])).change_dates()))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ})
        for _ in range(4)
    ]
    assert [process.communicate()[0].strip() for process in running] == [b"1"] * 4
    (path,) = kept.iterdir()
    assert cache.get(path.name.partition(".")[0]) is not None
