"""The command line. Thin: parse, call, print.

Every module here is one command or one group of them; `merger.cli.root` names them all and loads one
when it is asked for.
"""

from merger.cli.run import main, run

__all__ = ["main", "run"]
