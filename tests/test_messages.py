"""Both languages say the same things, with the same fields."""

import unicodedata
from importlib import resources

import pytest

from merger.messages import LANGUAGES, catalogue, fields_of

FOLDER = resources.files("merger.messages")
PARTS = sorted(item.name.removesuffix(".toml") for item in (FOLDER / "en").iterdir())


def test_both_languages_have_the_same_files():
    names = [sorted(item.name for item in (FOLDER / language).iterdir()) for language in LANGUAGES]
    assert names[0] == names[1]


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_have_the_same_keys(part):
    assert set(catalogue("vi", part)) == set(catalogue("en", part))


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_fill_in_the_same_fields(part):
    english, vietnamese = catalogue("en", part), catalogue("vi", part)
    different = {key for key in english if fields_of(english[key]) != fields_of(vietnamese[key])}
    assert different == set()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_composed_and_not_empty(language, part):
    texts = catalogue(language, part)
    assert {key for key, text in texts.items() if not text.strip()} == set()
    assert {key for key, text in texts.items() if not unicodedata.is_normalized("NFC", text)} == set()


@pytest.mark.parametrize("part", PARTS)
def test_a_finding_says_what_is_wrong_and_how_to_mend_it(part):
    keys = set(catalogue("en", part))
    said = {key.removesuffix(".message") for key in keys if key.endswith(".message")}
    mended = {key.removesuffix(".mend") for key in keys if key.endswith(".mend")}
    assert said == mended
