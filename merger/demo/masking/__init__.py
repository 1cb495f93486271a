"""Masked copies of production systems for rehearsals: the same shapes, counts and dirt, and no real person.

`copy_like(path, folder, …)` writes one and answers a `Copied`. What is masked and what stays is told in
docs/testing-guide.md; `roles` decides it, `masks` makes the masks, `proof` looks for people in the result.
"""

from merger.demo.masking.like import REPORT, copy_like
from merger.demo.masking.model import Copied

__all__ = ["REPORT", "Copied", "copy_like"]
