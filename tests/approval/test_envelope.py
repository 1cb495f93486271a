from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope

from merger.approval.envelope import _signed_bytes


@given(st.text(), st.binary())
def test_what_is_signed_is_what_others_sign_by_dsse(payload_type, payload):
    assert _signed_bytes(payload_type, payload) == Envelope(payload, payload_type, {}).pae()
