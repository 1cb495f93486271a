"""What a handler raises where there is nothing to answer."""

from merger.errors import MergerError


class Missing(MergerError):
    """There is nothing of this identifier in the folder. `name` is what was asked for; it is not shown."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__("review_web.missing")
        self.name = name
