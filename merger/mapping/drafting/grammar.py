"""The grammar of the drafting language, and the tree of a sentence in it."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from lark import Lark, Tree, UnexpectedInput
from lark import Token as Leaf
from lark.lexer import Lexer

from merger.mapping.drafting.tokens import Token


class NotUnderstood(Exception):
    """A sentence that is not of the language; `token` is the first that does not fit, None at its end."""

    def __init__(self, token: Token | None) -> None:
        super().__init__(token)
        self.token = token


class _Given(Lexer):
    """Hands the parser the tokens that there are already."""

    def __init__(self, lexer_conf: object) -> None:
        del lexer_conf

    def lex(self, data: Any) -> Iterator[Leaf]:  # type: ignore[override]
        for token in data:
            yield Leaf(token.kind, token.words, start_pos=token.start, end_pos=token.end)


@cache
def _parser() -> Lark:
    grammar = resources.files(__package__).joinpath("resolution.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer=_Given, maybe_placeholders=False)


def parse(tokens: Sequence[Token]) -> Tree[Leaf]:
    """The tree of one sentence. Raises NotUnderstood."""
    try:
        return _parser().parse(tokens)
    except UnexpectedInput as wrong:
        at = getattr(wrong, "token", None)
        found = [
            token for token in tokens if at is not None and at.type != "$END" and token.start == at.start_pos
        ]
        raise NotUnderstood(found[0] if found else None) from None
