"""Batches done by workers: bounded, retried by type of error, surviving killed workers.

`run_all` drives any standard `concurrent.futures.Executor`; `executors` makes the usual ones.
"""

from merger.migrate.batching.driver import WorkerKilled, run_all
from merger.migrate.batching.executors import Inline, processes, threads, warm
from merger.migrate.batching.retries import Retries, transient

__all__ = [
    "Inline",
    "Retries",
    "WorkerKilled",
    "processes",
    "run_all",
    "threads",
    "transient",
    "warm",
]
