"""Runs one command line and answers with its exit code. The only place that catches errors."""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from merger import messages
from merger.cli import signals
from merger.cli.streams import flush_results, open_streams, tell
from merger.errors import InputError, MergerError

NEEDS_A_PERSON = 1
UNUSABLE_INPUT = 2
BROKEN_PIPE = 141
INTERNAL = 70
INTERRUPTED = 130
WATCH = "MERGER_WATCH"
"""The variable of `merger.migrate.watched`, which is imported only where it is set."""
COLLECTED_AFTER = 50_000
"""How many things are made before the collector of cyclic garbage looks through the young ones. By Python's
700 it looked through all that is imported again and again: 0.12 of the 0.85 s CPU of a short command."""


def main() -> None:
    """The entry point of `merger`."""
    open_streams()
    if WATCH in os.environ:  # whoever started us may have been started deaf to interruptions
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signals.listen()
    gc.set_threshold(COLLECTED_AFTER)
    code = run(sys.argv[1:])
    signals.be_deaf()
    unwritten = flush_results()
    if isinstance(unwritten, BrokenPipeError):
        code = BROKEN_PIPE
    elif unwritten is not None:
        code = code or _report(unwritten)
    _tell(code)
    gc.freeze()  # else the interpreter, ending, looks through all that is left: 0.1 s CPU
    raise SystemExit(code)


def _tell(code: int) -> None:
    if WATCH in os.environ:
        from merger.migrate.watched import watch

        watching = watch()
        if watching is not None:
            watching.ended(code)


def run(arguments: Sequence[str]) -> int:
    """Runs `merger` with these arguments; the exit code is one of docs/cli.md."""
    messages.use(language(arguments))
    try:
        return _invoke(arguments)
    except BrokenPipeError:
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("MERGER_TRACEBACK") == "1":
            traceback.print_exc()
        return _report(error)


def language(arguments: Sequence[str]) -> str:
    """The language that the arguments ask for, else the one of the environment."""
    for index, argument in enumerate(arguments):
        name, sign, value = argument.partition("=")
        if name != "--lang":
            continue
        asked = value if sign else next(iter(arguments[index + 1 :]), "")
        if asked in messages.LANGUAGES:
            return asked
    return messages.from_environment()


def _invoke(arguments: Sequence[str]) -> int:
    import click

    from merger.cli.root import root
    from merger.cli.usage import explain

    try:
        return root.main(list(arguments), prog_name="merger", standalone_mode=False) or 0
    except click.UsageError as error:
        print(explain(error), file=sys.stderr)
        return UNUSABLE_INPUT
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except SystemExit as error:
        raise BrokenPipeError from error  # so click ends when the reader of its output has gone


def _report(error: BaseException) -> int:
    from merger.cli.out import file_of, is_of_device, show_findings, why

    if _interrupted(error):
        tell(messages.text("errors.interrupted"))
        return INTERRUPTED
    if isinstance(error, InputError):
        with suppress(OSError):
            show_findings(error.findings, sys.stderr)
        tell(messages.text(error.key, **error.fields))
        return error.exit_code
    told = error if isinstance(error, MergerError) else _of_database(error)
    if told is not None:
        tell(str(told))
        return told.exit_code
    if isinstance(error, OSError) and is_of_device(error):
        words = messages.text("cli.out.unwritten", why=why(error))
        named = error.filename is not None
        tell(messages.text("cli.out.file", file=file_of(error), why=words) if named else words)
        return NEEDS_A_PERSON
    if isinstance(error, OSError) and error.filename is not None:
        tell(messages.text("cli.out.file", file=file_of(error), why=why(error)))
        return UNUSABLE_INPUT
    return _internal(error)


def _of_database(error: BaseException) -> MergerError | None:
    """What an error of a database's driver means that nobody has told nearer to where it came from."""
    if "sqlalchemy" not in sys.modules or isinstance(error, UnicodeError):
        return None
    from merger.systems.stores.failures import failure_of

    return failure_of(error)


def _interrupted(error: BaseException | None) -> bool:
    """Whether an interruption led to the error; what tidies up after one may fail in its turn."""
    if signals.interrupted():
        return True
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _internal(error: BaseException) -> int:
    """A mistake of ours. Its text may quote rows, so only its kind and place are shown."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    tell(messages.text("cli.out.internal", kind=type(error).__name__, place=place))
    return INTERNAL
