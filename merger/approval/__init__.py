"""Approvals: digests, keys, trust, signatures, policy, and the audit trail.

What others may use is named here. The cryptography is loaded when something is signed or verified.
"""

from merger.approval import trail, trail_text
from merger.approval.certificates import Certificate, certificate, load_certificate
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
    load_key,
    load_public,
    new_key,
    passphrase,
    public_file,
)
from merger.approval.models import moment
from merger.approval.people import Head, Person, Role, Trust, TrustedKey
from merger.approval.policy import (
    Approval,
    ApprovalState,
    NotApproved,
    Policy,
    Reason,
    Refusal,
    approvals,
    judged,
    require,
)
from merger.approval.public import PublicKey, Signer
from merger.approval.signers import open_signer
from merger.approval.signing import envelope_path, envelope_paths, place, sign
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
from merger.approval.token_uri import TokenUri, is_uri, read_uri
from merger.approval.tokens import OnToken, Token, TokenFound, list_tokens, open_token, token_public
from merger.approval.trust import (
    add_person,
    change_authorities,
    describe_person,
    load_trust,
    revoke_person,
)
from merger.approval.withdrawal import is_withdrawal, place_withdrawal, withdraw, withdrawal_path

__all__ = [
    "Approval",
    "ApprovalState",
    "Certificate",
    "Head",
    "JobSubject",
    "Key",
    "MappingSubject",
    "NotApproved",
    "OnToken",
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
    "Token",
    "TokenFound",
    "TokenUri",
    "Trust",
    "TrustedKey",
    "add_person",
    "approvals",
    "canonical_digest",
    "canonical_json",
    "certificate",
    "change_authorities",
    "describe_person",
    "digest_bytes",
    "digest_file",
    "digest_files",
    "digest_path",
    "envelope_path",
    "envelope_paths",
    "is_uri",
    "is_withdrawal",
    "job_subject",
    "judged",
    "list_tokens",
    "load_certificate",
    "load_key",
    "load_public",
    "load_trust",
    "mapping_subject",
    "moment",
    "new_key",
    "open_signer",
    "open_token",
    "passphrase",
    "place",
    "place_withdrawal",
    "plan_subject",
    "public_file",
    "read_uri",
    "require",
    "revoke_person",
    "sign",
    "token_public",
    "trail",
    "trail_text",
    "withdraw",
    "withdrawal_path",
]
