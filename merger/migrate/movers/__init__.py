"""Ways of moving a batch, one module each; the job's pair of dialects picks."""

from merger.migrate.movers.attached import move_batch

__all__ = ["move_batch"]
