"""Commands whose help comes from the message catalogue, and groups that load a command when it is used.

The help of a command with the key `mapping.lint` is the message `cli.mapping.lint.help`, that of its
option `json` is `cli.mapping.lint.options.json`, or `cli.options.json` where all commands share it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click

from merger.cli.spoken import speak, usage
from merger.messages import LANGUAGES, catalogue, current, text

speak()


class InWords(click.Command):
    """What commands and groups share: usage and help in the language chosen. `key` finds their texts."""

    key: str

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = usage(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=f"{text('cli.usage.usage')} ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = help_of(self.key)
        super().format_help_text(ctx, formatter)


class Command(InWords):
    """A command of the tree with the key of its texts."""

    def __init__(self, *args: Any, key: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.params.append(language_option())

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, self.key, ctx, formatter)


class Group(InWords, click.Group):
    """A group that names its commands as `module:attribute` and imports one when it is asked for."""

    def __init__(self, name: str, commands: Mapping[str, str], key: str = "") -> None:
        super().__init__(name, no_args_is_help=True, params=[language_option()])
        self.key = key
        self.lazy = dict(commands)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click calls it so
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = self.lazy.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        found = getattr(import_module(module), attribute)
        assert isinstance(found, click.Command)
        return found

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, self.key, ctx, formatter)
        prefix = f"{self.key}." if self.key else ""
        rows = [(name, first_sentence(help_of(prefix + name))) for name in self.lazy]
        with formatter.section(text("cli.usage.commands")):
            formatter.write_dl(rows)


def command(key: str) -> Callable[[Callable[..., int | None]], Command]:
    """Makes a function the command of `key`; it answers with the exit code, None for 0."""
    return click.command(name=key.rpartition(".")[2], cls=Command, key=key)


def language_option() -> click.Option:
    """`--lang`, which every command takes. It was read before; here it only has to be known."""
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False)


def help_of(key: str) -> str:
    """The help of a command or group, in the present language."""
    return text(f"cli.{key}.help" if key else "cli.help")


def option_help(key: str, name: str) -> str:
    """The help of an option of the command `key`."""
    own = f"{key}.options.{name}"
    return text(f"cli.{own}" if own in catalogue(current(), "cli") else f"cli.options.{name}")


def first_sentence(words: str) -> str:
    """What a list of commands shows of a command's help."""
    return words.strip().split("\n", 1)[0].split(". ", 1)[0].rstrip(".")


def write_options(of: click.Command, key: str, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The options of a command with their help, under a heading in the present language."""
    rows = []
    for param in of.get_params(ctx):
        if isinstance(param, click.Option):
            param.help = option_help(key, "help" if param.is_eager else param.name or "")
            record = param.get_help_record(ctx)
            if record is not None:
                rows.append(record)
    with formatter.section(text("cli.usage.options")):
        formatter.write_dl(rows)
