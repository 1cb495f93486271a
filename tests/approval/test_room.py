import subprocess
import sys

import pytest

from merger.approval import Reason
from merger.messages import LANGUAGES, catalogue, fields_of

HEAVY = ("cryptography", "securesystemslib", "networkx", "openpyxl", "jinja2", "alembic", "sqlalchemy")


def test_the_room_opens_without_loading_the_cryptography() -> None:
    code = f"import sys, merger.approval; print([name for name in {HEAVY} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_both_languages_say_the_same_with_the_same_fields() -> None:
    vi, en = (catalogue(language, "approval") for language in LANGUAGES)
    assert vi.keys() == en.keys()
    for key in en:
        assert fields_of(vi[key]) == fields_of(en[key]), key
        assert vi[key] != en[key]


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_message_of_its_own(reason: Reason) -> None:
    texts = catalogue("en", "approval")
    assert [key for key, text in texts.items() if text == texts[reason]] == [reason]
