"""The texts, numbers and days of pages in one language."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from merger.mapping.models import Title
from merger.messages import catalogue, text_in

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_SEPARATOR = {"vi": ".", "en": ","}


@dataclass(frozen=True, slots=True)
class Words:
    """What pages say in `language` (`vi` or `en`)."""

    language: str

    def text(self, key: str, /, **fields: object) -> str:
        """The message `key` of the catalogue, as in `review_plans.title`."""
        return text_in(self.language, key, **fields)

    def text_or(self, key: str, otherwise: str, /, **fields: object) -> str:
        """The message `key`, or `otherwise` where the catalogue has none."""
        part, _, rest = key.partition(".")
        template = catalogue(self.language, part).get(rest)
        return otherwise if template is None else template.format(**fields)

    def number(self, value: int) -> str:
        """An integer with the language's sign between thousands."""
        return f"{value:,}".replace(",", _SEPARATOR[self.language])

    def day(self, value: date | None) -> str:
        """A day as people write it; nothing for none."""
        if value is None:
            return ""
        return f"{value:%d/%m/%Y}" if self.language == "vi" else f"{value:%Y-%m-%d}"

    def moment(self, value: datetime | None) -> str:
        """A time in Vietnam's zone, to the minute; nothing for none. One without a zone is taken as it is."""
        if value is None:
            return ""
        here = value.astimezone(ZONE) if value.tzinfo else value
        return f"{here:%H:%M} {self.day(here.date())}"

    def title(self, title: Title | None, otherwise: str = "") -> str:
        """A title in this language, or what stands for it."""
        return otherwise if title is None else str(getattr(title, self.language))
