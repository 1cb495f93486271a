"""A value that is not what its field promises."""

from dataclasses import dataclass

from merger.messages import text


@dataclass(frozen=True, slots=True)
class Malformed:
    """`value` as it was found, and `reason`: a stable word with a text under `codes.<reason>`."""

    value: str
    reason: str

    @property
    def message(self) -> str:
        """The reason in the reader's language. It never repeats the value."""
        return text(f"codes.{self.reason}")
