"""Made-up systems of three old provinces, the platform that takes them over, and the job over them.

`write_demo(folder, rows, seed)` writes a folder that the command line runs on; `generate` only the
databases; `personal_values` yields what no plan, ledger, log or report may hold. Everything is invented
but the administrative units; how the data are made is told in `data/README.md`.
"""

from merger.demo.personal import personal_values
from merger.demo.rehearsal import rehearse_rollback
from merger.demo.write import generate, write_demo

__all__ = ["generate", "personal_values", "rehearse_rollback", "write_demo"]
