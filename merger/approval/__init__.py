"""Approvals: digests, keys, trust, signatures, policy, and the audit trail.

What others may use is named here. The cryptography is loaded when something is signed or verified.
"""

from merger.approval import trail, trail_text
from merger.approval.digest import (
    canonical_digest,
    canonical_json,
    digest_bytes,
    digest_file,
    digest_files,
    digest_path,
)
from merger.approval.keys import (
    Key,
    PublicKey,
    Signer,
    load_key,
    load_public,
    new_key,
    passphrase,
    public_file,
)
from merger.approval.models import moment
from merger.approval.policy import (
    Approval,
    ApprovalState,
    NotApproved,
    Policy,
    Reason,
    Refusal,
    approvals,
    require,
)
from merger.approval.signing import envelope_path, envelope_paths, sign
from merger.approval.statement import (
    JobSubject,
    MappingSubject,
    PlanSubject,
    Statement,
    Subject,
    job_subject,
    mapping_subject,
    plan_subject,
)
from merger.approval.tampering import Trial, try_tampering
from merger.approval.trust import Head, Person, Role, Trust, TrustedKey, add_person, load_trust, revoke_person

__all__ = [
    "Approval",
    "ApprovalState",
    "Head",
    "JobSubject",
    "Key",
    "MappingSubject",
    "NotApproved",
    "Person",
    "PlanSubject",
    "Policy",
    "PublicKey",
    "Reason",
    "Refusal",
    "Role",
    "Signer",
    "Statement",
    "Subject",
    "Trial",
    "Trust",
    "TrustedKey",
    "add_person",
    "approvals",
    "canonical_digest",
    "canonical_json",
    "digest_bytes",
    "digest_file",
    "digest_files",
    "digest_path",
    "envelope_path",
    "envelope_paths",
    "job_subject",
    "load_key",
    "load_public",
    "load_trust",
    "mapping_subject",
    "moment",
    "new_key",
    "passphrase",
    "plan_subject",
    "public_file",
    "require",
    "revoke_person",
    "sign",
    "trail",
    "trail_text",
    "try_tampering",
]
