"""Evidence is one text in every language, and read in the reader's."""

import json

import pytest

from merger import messages
from merger.cli.run import run
from merger.cli.wording import change_in_words

UNITS = """\
schema: merger/units/1
id: units
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16}]
communes:
  - {clause: 1, into: 00001 Xã Một, from: [00001 Xã Một, {unit: 00002 Xã Hai, land: part, people: all}]}
  - {clause: 2, into: 00003 Xã Ba, from: [00003 Xã Ba, {unit: 00002 Xã Hai, land: part, people: none}]}
"""


@pytest.mark.parametrize(
    ("change", "english", "vietnamese"),
    [
        ("1 A -> 2 B [land=whole, people=all]", "1 A → 2 B", "1 A → 2 B"),
        ("1 A -> 2 B [land=part, people=none]", "1 A → 2 B (part of its land, none of its people)",
         "1 A → 2 B (một phần đất, không có dân)"),
        ("1 A -> 2 B [locality]", "1 A → 2 B (by the locality)", "1 A → 2 B (theo địa bàn)"),
        ("X [rule=all-work]", "X (by the competence rule all-work)", "X (theo quy tắc thẩm quyền all-work)"),
        ("1 A ->", "1 A →", "1 A →"),
        ("-> 1 A", "→ 1 A", "→ 1 A"),
        ("1 A->B -> 2 [C] [something]", "1 A->B → 2 [C] (something)", "1 A->B → 2 [C] (something)"),
        ("anything else", "anything else", "anything else"),
    ],
)  # fmt: skip
def test_a_change_is_said_in_the_readers_language(change, english, vietnamese):
    for language, said in (("en", english), ("vi", vietnamese)):
        messages.use(language)
        assert change_in_words(change) == said


def test_resolve_prints_words_and_its_json_the_neutral_text(tmp_path, capsys):
    (tmp_path / "units.yaml").write_text(UNITS, "utf-8")
    asked = ["resolve", "00002", "--at", "2025-06-30", "--to", "2025-07-01"]
    mapping = ["--mappings", str(tmp_path / "units.yaml")]
    assert run(["--lang", "vi", *asked, *mapping]) == 1
    shown = capsys.readouterr().out
    assert "2025-07-01 – 00002 Xã Hai → 00001 Xã Một (một phần đất, toàn bộ dân) – 1/NQ §1" in shown
    assert "land=" not in shown
    assert run(["--lang", "vi", *asked, *mapping, "--json"]) == 1
    evidence = json.loads(capsys.readouterr().out)["evidence"]
    assert evidence[0]["change"] == "00002 Xã Hai -> 00001 Xã Một [land=part, people=all]"
