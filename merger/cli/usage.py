"""What is wrong with a command line, in the present language."""

import click

from merger.messages import current, text


def explain(error: click.UsageError) -> str:
    """The message for a command line that cannot be used, and where its help is."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    path = error.ctx.command_path if error.ctx else "merger"
    return f"{_problem(error)}\n{text('cli.usage.try', command=path)}"


def _problem(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter) and error.param is not None:
        name = (
            error.param.opts[0]
            if isinstance(error.param, click.Option)
            else error.param.make_metavar(error.ctx or click.Context(click.Command("merger")))
        )
        return text("cli.usage.missing", name=name)
    if isinstance(error, click.NoSuchOption):
        return text("cli.usage.no-option", name=error.option_name)
    said = error.format_message()
    cause = error.__context__
    if isinstance(cause, OSError) and cause.strerror:
        from merger.cli.out import why

        said = said.replace(cause.strerror, why(cause))
    if current() == "en" or isinstance(error, click.BadParameter):
        return said
    return text("cli.usage.bad", why=said)
