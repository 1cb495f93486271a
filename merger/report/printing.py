"""Pages printed to PDF by a browser of this machine: none is brought along, and nothing is sent anywhere."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from merger.errors import Refused

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "chrome",
    "msedge",
)
"""Programs that print in the same way, in the order in which they are looked for."""
_LONGEST = 900.0


def browser() -> str:
    """The browser that prints: the first on the search path. Raises Refused where there is none."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise Refused("report.no-browser", browsers=", ".join(BROWSERS[:4]))


def printed(page: bytes) -> bytes:
    """An HTML page that needs nothing else, as PDF. Raises Refused where no browser prints it."""
    program = browser()
    with TemporaryDirectory(prefix="merger-print-") as place:
        folder = Path(place)
        source, target = folder / "page.html", folder / "page.pdf"
        source.write_bytes(page)
        asked = [
            program, "--headless", "--disable-gpu", "--disable-extensions", "--disable-background-networking",
            "--no-first-run", "--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}",
            *(["--no-sandbox"] if _is_root() else []),
            f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(
                asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST, check=True, cwd=folder
            )
            return target.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise Refused("report.not-printed", browser=program) from error


def _is_root() -> bool:
    """Whether this is the superuser's process, for whom browsers refuse to run in their sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
