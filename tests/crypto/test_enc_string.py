from __future__ import annotations

import base64
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.crypto import EncString
from bw_magics.crypto.enc_string import LONGEST
from bw_magics.errors import EncryptionUnsupported, EncStringMalformed

IV = b"i" * 16
MAC = b"m" * 32
DATA = b"d" * 16


def written(number: int | str, *parts: bytes) -> str:
    return f"{number}." + "|".join(base64.b64encode(part).decode() for part in parts)


blocks = st.integers(1, 8).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n))
ivs = st.binary(min_size=16, max_size=16)
macs = st.binary(min_size=32, max_size=32)
enc_strings = st.one_of(
    st.builds(lambda data, iv: EncString(0, data, iv), blocks, ivs),
    st.builds(lambda data, iv, mac: EncString(2, data, iv, mac), blocks, ivs, macs),
    st.builds(
        lambda number, data, mac: EncString(number, data, mac=mac),
        st.sampled_from([5, 6]),
        st.binary(min_size=1, max_size=512),
        macs,
    ),
    st.builds(
        lambda number, data: EncString(number, data),
        st.sampled_from([3, 4, 7]),
        st.binary(min_size=1, max_size=512),
    ),
)
nearly = st.text(alphabet=string.digits + string.ascii_letters + "+/=|.", max_size=200)


@given(enc_strings)
def test_what_is_written_reads_back_the_same(value: EncString) -> None:
    assert EncString.parse(str(value)) == value


@given(st.one_of(st.text(max_size=200), nearly, nearly.map(lambda text: f"2.{text}")))
@example("")
@example(".")
@example("2.")
@example("2.||")
@example("2.====|====|====")
@example("٢.AAAA")
@example("2.\ud800")
@example("9" * 5000 + ".")
def test_any_text_parses_or_is_refused_with_a_typed_error(text: str) -> None:
    try:
        value = EncString.parse(text)
    except (EncStringMalformed, EncryptionUnsupported):
        return
    assert EncString.parse(str(value)) == value


@given(st.text(min_size=12, alphabet=string.ascii_letters))
def test_a_refusal_never_repeats_the_text(text: str) -> None:
    for refused in (text, f"2.{text}", f"2.{text}!|{text}", f"250.{text}"):
        with pytest.raises((EncStringMalformed, EncryptionUnsupported)) as caught:
            EncString.parse(refused)

        assert text not in repr(caught.value)


@pytest.mark.parametrize("number", [1, 8, 100, 999])
def test_a_type_that_is_not_read_is_named(number: int) -> None:
    with pytest.raises(EncryptionUnsupported, match=rf"\b{number}\b"):
        EncString.parse(written(number, IV, DATA, MAC))


def test_an_unknown_type_is_named_with_any_body() -> None:
    with pytest.raises(EncryptionUnsupported):
        EncString.parse("12.not base64 at all!")


@pytest.mark.parametrize("head", ["", "02", "00", "+2", "-2", " 2", "2 ", "2_0", "0x2", "1000"])
def test_a_type_is_a_plain_number(head: str) -> None:
    with pytest.raises(EncStringMalformed):
        EncString.parse(written(head, IV, DATA, MAC))


@pytest.mark.parametrize("text", ["", "AAAA|AAAA", "AAAA|AAAA|AAAA"])
def test_text_of_before_2018_without_a_type_is_refused(text: str) -> None:
    with pytest.raises(EncStringMalformed):
        EncString.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        written(2, IV, DATA),
        written(2, IV, DATA, MAC, b""),
        written(2, IV, DATA, MAC, MAC),
        written(2, IV[:-1], DATA, MAC),
        written(2, IV + b"i", DATA, MAC),
        written(2, IV, DATA[:-1], MAC),
        written(2, IV, DATA + b"d", MAC),
        written(2, IV, b"", MAC),
        written(2, IV, DATA, MAC[:-1]),
        written(2, IV, DATA, MAC + b"m"),
        written(2, IV, DATA, b""),
        written(2, b"", DATA, MAC),
        written(0, IV),
        written(0, IV, DATA, MAC),
        written(0, IV, DATA[:-1]),
        written(0, IV, b""),
        written(0, IV[:-1], DATA),
        written(3, b""),
        written(4, DATA, MAC),
    ],
)
def test_parts_have_their_exact_lengths(text: str) -> None:
    with pytest.raises(EncStringMalformed):
        EncString.parse(text)


@pytest.mark.parametrize("spoilt", ["\n", " ", "-", "_", "!", "\0", "é"])
def test_base64_is_read_strictly(spoilt: str) -> None:
    text = written(2, IV, DATA, MAC)

    with pytest.raises(EncStringMalformed):
        EncString.parse(text[:10] + spoilt + text[10:])


def test_padding_may_not_be_missing() -> None:
    with pytest.raises(EncStringMalformed):
        EncString.parse(written(2, IV, DATA, MAC).rstrip("="))


def test_a_value_longer_than_any_server_accepts_is_refused_unread() -> None:
    with pytest.raises(EncStringMalformed, match="longer"):
        EncString.parse("2." + "A" * LONGEST)


def test_the_repr_shows_the_type_and_no_contents() -> None:
    assert repr(EncString(2, DATA, IV, MAC)) == "EncString(type=2, 16 bytes)"
