from __future__ import annotations

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto.uri_checksum import uri_checksum, uri_fits


@given(st.text(max_size=80))
def test_a_checksum_is_the_sha256_of_the_uri_and_fits_it(uri: str) -> None:
    checksum = uri_checksum(uri)

    assert base64.b64decode(checksum) == hashlib.sha256(uri.encode()).digest()
    assert uri_fits(uri, checksum)


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_else_fits(uri: str, other: str) -> None:
    assert uri_fits(uri, uri_checksum(other)) == (uri == other)
    assert not uri_fits(uri, other)
    assert not uri_fits(uri, "")
