import ast
import re
from pathlib import Path

import pytest

import merger.migrate
import merger.systems
from merger.messages import LANGUAGES, catalogue, fields_of
from merger.migrate.caveats import NO_VIEW

ROOMS = {"migrate": Path(merger.migrate.__file__).parent, "systems": Path(merger.systems.__file__).parent}


def code_of(room: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(ROOMS[room].rglob("*.py")))


def raised(room: str) -> dict[str, set[str]]:
    """The keys that a room raises, with the fields that it gives."""
    errors = {"Refused", "MergerError", "BatchError"}
    calls = [
        (call.args[0].value.removeprefix(f"{room}."), {str(field.arg) for field in call.keywords})
        for call in ast.walk(ast.parse(code_of(room)))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in errors
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value.startswith(f"{room}.")
    ]
    return dict(calls)


@pytest.mark.parametrize("room", ROOMS)
def test_every_refusal_has_a_text_with_just_the_fields_that_it_gives(room: str) -> None:
    found = raised(room)
    assert len(found) >= 6
    known = catalogue("en", room)
    assert {key: fields_of(known[key]) for key in found} == found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ROOMS)
def test_every_refusal_says_what_state_things_are_in(room: str, language: str) -> None:
    said = {"en": r"nothing was (changed|moved|written)|left as it is|stays? moved|earlier batches stay",
            "vi": r"chưa (thay đổi|chuyển|ghi) gì|giữ nguyên"}[language]  # fmt: skip
    texts = {key: catalogue(language, room)[key] for key in raised(room)}
    assert [key for key, text in texts.items() if not re.search(said, text)] == []


@pytest.mark.parametrize(
    ("room", "pattern"),
    [
        ("migrate", r'_(?:problem|finding)\(\s*"([a-z0-9-]+)"'),
        ("systems", r'(?:yield |_finding\()"([a-z-]+)", '),
    ],
)
def test_every_finding_has_a_message_and_a_way_to_mend_it(room: str, pattern: str) -> None:
    codes = set(re.findall(pattern, code_of(room)))
    assert len(codes) >= 7
    known = catalogue("en", room)
    assert {code for code in codes if f"{code}.message" not in known or f"{code}.mend" not in known} == set()
    assert {key.removesuffix(".message") for key in known if key.endswith(".message")} == codes


def test_every_reason_that_the_engine_gives_is_in_words() -> None:
    code = code_of("migrate") + code_of("systems")
    given = set(re.findall(r'HOLD, "([a-z-]+)"', code)) | set(re.findall(r'why(?: =|=)\s*"([a-z-]+)"', code))
    given |= set(re.findall(r'HELD \+ "([a-z-]+)"', code))
    given |= set(re.findall(r'out\.append\(\s*\("([a-z-]+)"', code))
    given |= set(re.findall(r'^UN[A-Z]+ = "(address-[a-z]+)"', code, re.MULTILINE))
    given |= set(
        re.findall(
            r'^(?:ALTERED|BOTH_CHANGED|DELETED|NO_ROOM|UNLISTED|UNWRITABLE|REFUSED|TAKEN) = "([a-z-]+)"',
            code,
            re.MULTILINE,
        )
    )
    given |= {"collision", "same-number-other-person"}
    assert len(given) >= 16
    known = {key.removeprefix("reason.") for key in catalogue("en", "migrate") if key.startswith("reason.")}
    assert known - {"collision-family"} == given


def test_every_check_is_in_words() -> None:
    code = code_of("migrate")
    given = set(re.findall(r'Check\(code="([a-z-]+)"', code)) | set(re.findall(r'_check\("([a-z-]+)"', code))
    given |= set(re.findall(r'"([a-z]+-unchanged)"', code))
    given |= set(re.findall(r'yield stage, "([a-z-]+)"', code))
    given |= {"replica", NO_VIEW}
    known = {key.removeprefix("check.") for key in catalogue("en", "migrate") if key.startswith("check.")}
    assert known == given


def test_what_the_engine_says_in_words_stands_in_one_catalogue() -> None:
    ours = {key for key in catalogue("en", "migrate") if key.startswith(("reason.", "check.", "rule."))}
    assert len(ours) >= 40
    assert ours & {*catalogue("en", "report"), *catalogue("en", "lineage")} == set()
