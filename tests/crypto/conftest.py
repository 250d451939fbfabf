"""Key pairs made once, and a Hypothesis profile for slow machines."""

from __future__ import annotations

import pytest

from bw_magics.crypto import PrivateKey


@pytest.fixture(scope="session")
def private_key() -> PrivateKey:
    return PrivateKey.generate()


@pytest.fixture(scope="session")
def other_private_key() -> PrivateKey:
    return PrivateKey.generate()
