"""Two sorted streams read as one."""

from collections import Counter
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.migrate.comparing import merged

KEYS = st.text(st.sampled_from("aAzđ\uffff\U0001f600"), max_size=3)
UNIQUE = st.dictionaries(KEYS, st.integers(1))


@given(UNIQUE, UNIQUE)
def test_merged_is_the_union_of_both_by_key(a, b):
    got = list(merged(sorted(a.items()), sorted(b.items())))
    assert got == [(key, a.get(key), b.get(key)) for key in sorted(a.keys() | b.keys())]


@given(st.lists(KEYS), st.lists(KEYS))
def test_keys_that_are_there_several_times_are_paired_and_the_rest_stands_alone(a, b):
    got = list(merged(((key, 1) for key in sorted(a)), ((key, 1) for key in sorted(b))))
    left, right = Counter(a), Counter(b)
    assert Counter(key for key, mine, other in got if mine and other) == left & right
    assert Counter(key for key, _, other in got if other is None) == left - right
    assert Counter(key for key, mine, _ in got if mine is None) == right - left


@given(st.lists(KEYS, unique=True))
def test_the_order_of_texts_is_that_of_their_bytes(keys):
    assert sorted(keys) == sorted(keys, key=str.encode)


def test_streams_without_end_are_read_as_far_as_needed():
    got = islice(merged(((n, n) for n in count(0, 2)), ((n, n) for n in count(0, 3))), 4)
    assert list(got) == [(0, 0, 0), (2, 2, None), (3, None, 3), (4, 4, None)]


@pytest.mark.parametrize(("a", "b"), [([2, 1], [1, 2]), ([], [1, 3, 2]), ([1, 3, 2], [3])])
def test_a_stream_that_does_not_ascend_is_an_error(a, b):
    with pytest.raises(ValueError, match="a stream of keys does not ascend"):
        list(merged(((key, 0) for key in a), ((key, 0) for key in b)))
