"""Place-holders that stand in a draft where the code of a unit or agency is still to be assigned."""

import re

_WAITING = re.compile(r"new(-.*)?", re.IGNORECASE)


def waits(code: str) -> bool:
    """Whether `code` is a place-holder: `new`, or `new-` and words of one's own."""
    return _WAITING.fullmatch(code) is not None
