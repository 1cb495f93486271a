"""Whether the tables and columns of a campaign are still what they were: databases tell of their change less
clearly than of other things, or not at all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from merger.errors import InputError, MergerError, Refused
from merger.migrate.campaign import Campaign
from merger.migrate.fingerprints import schema_digest
from merger.migrate.model import Plan
from merger.migrate.workbench import Workbench
from merger.systems.stores import Store
from merger.systems.stores.failures import failure_of

Schemas = Mapping[str, str]
"""The digest of the tables of each system, as `schema_digest` has it."""
WHILE_MOVED = "migrate.tables-changed"
SINCE_PLAN = "migrate.tables-differ"
WHILE_PLANNED = "migrate.tables-moved-on"


def planned(campaign: Campaign, plan: Plan) -> Schemas:
    """What a plan saw."""
    sources = {name: one.schema_ for name, one in plan.source_fingerprints.items()}
    return {campaign.job.target.system: plan.target_schema} | sources


def seen(campaign: Campaign, target: Store, sources: Mapping[str, Store]) -> Schemas:
    """What open databases have."""
    found = {one.system: schema_digest(sources[one.system], one.profile) for one in campaign.sources}
    return {campaign.job.target.system: schema_digest(target, campaign.target.profile)} | found


def require_same_tables(campaign: Campaign, known: Schemas, key: str = WHILE_MOVED) -> None:
    """Raises MergerError `key` where a system's tables are not what is `known` of them."""
    changed = []
    with Workbench(campaign) as bench:
        target = campaign.job.target.system
        if schema_digest(bench.target, campaign.target.profile) != known[target]:
            changed.append(target)
        for source in campaign.sources:
            with bench.tables(source) as store:
                if schema_digest(store, source.profile) != known[source.system]:
                    changed.append(source.system)
    if changed:
        raise MergerError(key, what=", ".join(changed)) from None


@contextmanager
def explained(campaign: Campaign, known: Schemas, key: str = WHILE_MOVED) -> Iterator[None]:
    """Raises MergerError `key` for what fails within the block, where tables have changed."""
    try:
        yield
    except (InputError, Refused):
        raise
    except Exception as error:
        failed = failure_of(error)
        if failed is None or not failed.transient:
            require_same_tables(campaign, known, key)
        raise
