"""Every made-up person's data in a database, for tests that look for leaks."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from merger.demo.settings import settings
from merger.systems.profile import Profile

SHORTEST = 6
"""Shorter texts occur by chance; no made-up name, number or address is that short."""


def personal_values(database: Path, profile: Profile) -> Iterator[str]:
    """Every different text in the columns that a profile calls personal, texts inside JSON included.

    Left out: texts of fewer than six characters, and the placeholder numbers, which are nobody's and
    stand in the job's rules.
    """
    nobody = set(settings().placeholders)
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        for dataset in profile.datasets.values():
            for column in dataset.personal:
                asked = f'SELECT DISTINCT "{column}" FROM "{dataset.table}" WHERE "{column}" IS NOT NULL'
                for (value,) in connection.execute(asked):
                    for text in _texts(value):
                        if len(text) >= SHORTEST and text not in nobody:
                            yield text
    finally:
        connection.close()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        if value.startswith(("{", "[")):
            yield from _texts(json.loads(value))
        else:
            yield value
    elif value is not None:
        yield str(value)
