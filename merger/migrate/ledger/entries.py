"""Runs and rows as the ledger remembers them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One run as the ledger remembers it. `hash_form`: of its rows' hashes."""

    id: str
    job: str
    kind: str
    state: str
    plan_sha256: str
    started: str
    ended: str | None
    seconds: float
    verification: str | None
    hash_form: int


@dataclass(frozen=True)
class Kept:
    """One row as the ledger remembers it. `state`: moved, updated or withdrawn; `target` is a dataset of the
    target; `changed_by` is the last run that changed it after it was moved."""

    system: str
    dataset: str
    source_key: str
    target: str
    target_key: object
    run: str
    merged: bool
    state: str
    changed_by: str | None
