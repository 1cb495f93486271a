"""Losing the connection at the k-th call into a driver, the same each time."""

from merger.testing.losses.calls import ERRORS, KINDS, WAYS, Counted, Loss, lose

__all__ = ["ERRORS", "KINDS", "WAYS", "Counted", "Loss", "lose"]
