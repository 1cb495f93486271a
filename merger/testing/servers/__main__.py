"""Says which servers are there. `--packages`: only the Debian packages of those that are not.

Exit code 1 when one is missing.
"""

import sys

from merger import messages
from merger.messages import text
from merger.testing.servers.programs import KINDS, PACKAGES, found, how_to_install, version_of


def main(arguments: list[str]) -> int:
    messages.use(messages.from_environment())
    programs = {kind: found(kind) for kind in KINDS}
    missing = [kind for kind, program in programs.items() if program is None]
    if arguments == ["--packages"]:
        print(*(package for kind in missing for package in PACKAGES.get(kind, ())), sep="\n")
    else:
        for kind, program in programs.items():
            if program is None:
                print(text("testing.servers.missing", kind=kind, how=how_to_install(kind)))
            else:
                version = version_of(program) if program.is_file() else ""
                print(f"{kind}: {program} {version}".rstrip())
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
