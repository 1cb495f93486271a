"""Ways of moving a batch, one module each; the job's pair of dialects picks."""

from merger.migrate.movers.attached import BatchError, move_batch

__all__ = ["BatchError", "move_batch"]
