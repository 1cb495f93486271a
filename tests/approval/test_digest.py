import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.approval import canonical_digest, canonical_json, digest_file, digest_files, digest_path
from merger.errors import InputError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_canonical_json_sorts_keys_and_keeps_vietnamese_text() -> None:
    assert canonical_json({"b": 1, "a": "Xã Lạc Dương"}) == '{"a":"Xã Lạc Dương","b":1}'.encode()


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=6))
def test_the_canonical_digest_does_not_know_the_order_of_keys(content: dict[str, object]) -> None:
    turned = dict(reversed(list(content.items())))
    assert canonical_digest(turned) == canonical_digest(content)


@given(JSON, JSON)
def test_different_contents_have_different_digests(one: object, other: object) -> None:
    same_content = canonical_json(one) == canonical_json(other)
    assert (canonical_digest(one) == canonical_digest(other)) is same_content
    if type(one) is type(other):
        assert same_content is (one == other)


def test_dates_decimals_sets_and_data_classes_have_a_canonical_form() -> None:
    @dataclass
    class Row:
        on: date
        at: datetime
        fee: Decimal
        codes: frozenset[str]

    row = Row(date(2025, 7, 1), datetime(2025, 7, 1, tzinfo=UTC), Decimal("1.50"), frozenset({"b", "a"}))
    assert canonical_json(row) == (
        b'{"at":"2025-07-01T00:00:00Z","codes":["a","b"],"fee":"1.50","on":"2025-07-01"}'
    )


@pytest.mark.parametrize("content", [float("nan"), 2**60, b"bytes", object(), {1: "x"}])
def test_what_has_no_canonical_form_is_not_digested(content: object) -> None:
    with pytest.raises(ValueError):
        canonical_json(content)


def test_a_files_digest_is_that_of_its_exact_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"id: a\r\n")
    assert digest_file(file) == digest_path(file) == hashlib.sha256(b"id: a\r\n").hexdigest()


def test_a_folders_digest_covers_names_and_bytes_of_all_files_but_signatures(tmp_path: Path) -> None:
    folder = tmp_path / "mapping"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.yaml").write_text("b")
    (folder / "sub" / "a.yaml").write_text("a")
    assert list(digest_files(folder)) == ["b.yaml", "sub/a.yaml"]
    before = digest_path(folder)
    (folder / "b.yaml.0123abcd.sig.json").write_text("{}")
    assert digest_path(folder) == before
    (folder / "b.yaml").rename(folder / "c.yaml")
    renamed = digest_path(folder)
    (folder / ".hidden").write_text("")
    assert len({before, renamed, digest_path(folder)}) == 3


def test_links_in_a_folder_are_named_each(tmp_path: Path) -> None:
    folder = tmp_path / "mapping"
    folder.mkdir()
    (tmp_path / "elsewhere.yaml").write_text("x")
    for name in ("one.yaml", "two.yaml"):
        (folder / name).symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(InputError) as caught:
        digest_files(folder)
    assert [finding.code for finding in caught.value.findings] == ["not_a_plain_file"] * 2
    assert "one.yaml is a link" in str(caught.value)


def test_a_missing_file_and_an_empty_folder_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        digest_files(tmp_path / "none")
    assert "cannot be read: No such file" in str(caught.value)
    with pytest.raises(InputError) as caught:
        digest_files(tmp_path)
    assert "holds no files" in str(caught.value)
