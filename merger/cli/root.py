"""The tree of commands: where each one is."""

from merger.cli.base import Group

root = Group(
    "merger",
    {
        "mapping": "merger.cli.mapping:mapping",
        "agency": "merger.cli.agency:agency",
        "resolve": "merger.cli.resolve:resolve",
        "address": "merger.cli.address:address",
        "service": "merger.cli.service:service",
        "recode": "merger.cli.recode:recode",
        "vintage": "merger.cli.recode:vintage",
        "aggregate": "merger.cli.recode:aggregate",
        "profile": "merger.cli.profile:profile",
        "check": "merger.cli.plan:check",
        "plan": "merger.cli.plan:plan",
        "show": "merger.cli.show:show",
        "holds": "merger.cli.holds:holds",
        "keys": "merger.cli.keys:keys",
        "trust": "merger.cli.trust:trust",
        "sign": "merger.cli.approve:sign",
        "approvals": "merger.cli.approve:approvals",
        "apply": "merger.cli.apply:apply",
        "verify": "merger.cli.verify:verify",
        "rollback": "merger.cli.apply:rollback",
        "runs": "merger.cli.runs:runs",
        "find": "merger.cli.runs:find",
        "report": "merger.cli.show:report",
        "handover": "merger.cli.show:handover",
        "worklist": "merger.cli.runs:worklist",
        "audit": "merger.cli.audit:audit",
        "review": "merger.cli.review:review",
        "accounts": "merger.cli.review:accounts",
        "demo": "merger.cli.demo:demo",
    },
)
