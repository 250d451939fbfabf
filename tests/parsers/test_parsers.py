"""For any text a parser gives a value or a typed error: nothing else ever gets out."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import BitwardenError
from tests.parsers.mutation import mutated
from tests.parsers.parsers import PARSERS


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_what_it_was_made_for(name: str) -> None:
    parser, corpus = PARSERS[name]
    problems = 0
    for data in corpus:
        try:
            parser(data)
        except BitwardenError:
            problems += 1
    assert problems == 0 or name in ("blob", "COSE Sign1", "COSE Encrypt0"), "a sound beginning"


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_anything_is_a_value_or_a_typed_error(name: str, data: st.DataObject) -> None:
    parser, corpus = PARSERS[name]
    seed = data.draw(st.integers(0, 2**32))
    whole = data.draw(st.sampled_from([*corpus, b""]))
    written = mutated(whole, random.Random(seed)) if whole else data.draw(st.binary(max_size=60))
    with suppress(BitwardenError):
        parser(written)
