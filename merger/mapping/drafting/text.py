"""Text that knows where each of its characters stood in the file."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from merger.errors import Place

At = tuple[int, int, int]
"""Page (0 where the file has none), line and column, from 1."""

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """Characters of a file, each with its place. Slices and substitutions keep the places."""

    file: str
    chars: str
    at: Sequence[At]

    def __len__(self) -> int:
        return len(self.chars)

    def part(self, start: int, end: int) -> "Text":
        """The characters from `start` up to `end`."""
        return Text(self.file, self.chars[start:end], self.at[start:end])

    def place(self, index: int) -> Place:
        """Where the character at `index` stood; past the end, where the last one did."""
        if not self.at:
            return Place(file=self.file, line=1, column=1)
        page, line, column = self.at[min(index, len(self.at) - 1)]
        return Place(file=f"{self.file}#page={page}" if page else self.file, line=line, column=column)

    def words(self, start: int = 0, end: int | None = None) -> str:
        """The characters from `start` to `end` as a reader would quote them: white space is one space."""
        return _SPACES.sub(" ", self.chars[start:end]).strip()

    def sub(self, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> "Text":
        """Every match replaced; what replaces it stands where the match began."""
        chars: list[str] = []
        at: list[At] = []
        done = 0
        for match in pattern.finditer(self.chars):
            replaced = new if isinstance(new, str) else new(match)
            chars += (self.chars[done : match.start()], replaced)
            at += self.at[done : match.start()]
            at += [self.at[match.start()]] * len(replaced)
            done = match.end()
        if not done:
            return self
        return Text(self.file, "".join([*chars, self.chars[done:]]), [*at, *self.at[done:]])


def text_of_lines(file: str, lines: Sequence[str], page: int = 0) -> Text:
    """A text of lines that are numbered from 1; each is followed by a line break."""
    chars = "".join(f"{line}\n" for line in lines)
    at = [
        (page, number, column) for number, line in enumerate(lines, 1) for column in range(1, len(line) + 2)
    ]
    return Text(file, chars, at)


def joined(file: str, texts: Sequence[Text]) -> Text:
    """Several texts of one file as one."""
    return Text(file, "".join(text.chars for text in texts), [at for text in texts for at in text.at])


def cleaned(text: Text) -> Text:
    """The text without what conversion leaves: marks of Markdown, tables, footnotes, invisible characters.

    Letters are composed (NFC); words, line breaks and punctuation stay.
    """
    for pattern, new in _CLEANING:
        text = text.sub(pattern, new)
    return text


def _composed(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match[0])


def _content(match: re.Match[str]) -> str:
    return match[1]


_CLEANING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f]"), ""),
    (re.compile("&nbsp;|[\u00a0\u2000-\u200a\u202f\u3000\t\v\f\r]"), " "),
    (re.compile("[^\u0300-\u036f][\u0300-\u036f]+"), _composed),
    (re.compile(r"<!--[^<>]*-->|<sup>[^<>\n]{0,20}</sup>|</?[A-Za-z][^<>\n]{0,80}>"), ""),
    (re.compile(r"(?m)^\[\^[\w-]{1,20}\]:(?:[^\n]|\n(?![ ]*(?:\n|\**Điều |[0-9]+\\?\.)))*"), ""),
    (re.compile(r"\[\^[\w-]{1,20}\]|\^[^\s^]{1,8}\^|\\?\[[0-9]{1,3}\\?\]"), ""),
    (re.compile(r"\[([^\[\]\n]{0,200})\]\{[^{}\n]{0,80}\}"), _content),
    (re.compile(r"(?m)\\$"), ""),
    (re.compile(r"\\([^\w\s])"), _content),
    (re.compile(r"\*+|~~|`+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)"), ""),
    (re.compile(r"(?m)^[ ]*[-+=|:][-+=|: ]{3,}$"), ""),
    (re.compile(r"(?m)^[ ]*(?:>[ ]?)+|^[ ]*\#{1,6}[ ]|^[ ]*\||\|[ ]*$"), ""),
)
