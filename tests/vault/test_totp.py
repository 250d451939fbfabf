"""One-time codes: the published answers, RFC 6238, and seeds that are none."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import Unreadable
from bw_magics.secret import Secret
from bw_magics.vault.totp import Totp
from tests.vault.conftest import Writer

BESIDE = Path(__file__).parents[3] / "shared" / "vectors.json"
PATH = Path(os.environ.get("BW_MAGICS_VECTORS") or BESIDE)


def published() -> list[Any]:
    if not PATH.is_file():
        reason = "the published vectors are not beside the checkout"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason))]
    vectors = json.loads(PATH.read_text(encoding="utf-8"))["vectors"]
    return [pytest.param(v, id=v["id"]) for v in vectors if v["category"] == "totp"]


@pytest.mark.vectors
@pytest.mark.parametrize("vector", published())
def test_the_published_codes(vector: dict[str, Any]) -> None:
    given = vector["inputs"]
    assert Totp.parse(given["totp"]).code(given["unix_time"]) == vector["expected"]["code"]


# RFC 6238, appendix B: the seeds are the digits 1 to 0 repeated, in base32.
SHA1 = "GEZDGNBVGY3TQOJQ" * 2
SHA256 = (SHA1 + "GEZDGNBVGY3TQOJQ" * 2)[:52]
SHA512 = ("GEZDGNBVGY3TQOJQ" * 7)[:103]


@pytest.mark.parametrize(
    ("algorithm", "seed", "moment", "code"),
    [
        ("SHA1", SHA1, 59, "94287082"),
        ("SHA1", SHA1, 20000000000, "65353130"),
        ("SHA256", SHA256, 59, "46119246"),
        ("SHA256", SHA256, 1111111109, "68084774"),
        ("SHA512", SHA512, 59, "90693936"),
        ("SHA512", SHA512, 2000000000, "38618901"),
    ],
)
def test_rfc_6238(algorithm: str, seed: str, moment: int, code: str) -> None:
    uri = f"otpauth://totp/x?secret={seed}&digits=8&algorithm={algorithm}"
    assert Totp.parse(uri).code(moment) == code


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("jbsw y3dp-ehpk 3pxp", "JBSWY3DPEHPK3PXP"),
        (" JBSWY3DPEHPK3PXP==\n", "JBSWY3DPEHPK3PXP"),
        ("OTPAUTH://TOTP/a:b?Secret=JBSWY3DPEHPK3PXP&issuer=a", "JBSWY3DPEHPK3PXP"),
        ("otpauth://totp/?secret=JBSWY3DPEHPK3PXP&digits=x&period=-1", "JBSWY3DPEHPK3PXP"),
        ("otpauth://totp/?secret=JBSWY3DPEHPK3PXP&algorithm=sha-1", "JBSWY3DPEHPK3PXP"),
    ],
)
def test_seeds_are_read_as_official_clients_do(text: str, same: str) -> None:
    assert Totp.parse(text).code(0) == Totp.parse(same).code(0)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (" otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=8", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=8"),
        ("\u00a0steam://GEZDGNBVGY3TQOJQ", "steam://GEZDGNBVGY3TQOJQ"),
        ("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA-256", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA256"),
        ("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm= SHA256%20", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA256"),
    ],
)  # fmt: skip
def test_a_misread_seed_gives_the_code_of_its_service(text: str, same: str) -> None:
    """Official clients take the whole text for a seed, and the algorithm for SHA1."""
    assert Totp.parse(text).code(1796022743) == Totp.parse(same).code(1796022743)


SEED = "WQIQ25BRKZYCJVYP"


@pytest.mark.parametrize(
    ("parameters", "moment", "code"),
    [
        ("period=86400", 1796022743, "627954"),
        ("period=7200", 1796022755, "709371"),
        ("digits=11", 1796022766, "0616358735"),
        ("digits=10", 1796022776, "0616358735"),
        ("digits=9", 1796022787, "896646845"),
        ("secret=PIUDISEQYA", 1796022839, "675224"),
        ("period=99999999999", 1796022877, "381459"),
    ],
)
def test_odd_parameters_give_the_code_that_bw_shows(
    parameters: str, moment: int, code: str
) -> None:
    """Shown by bw 2026.6.0 within a few seconds of that moment."""
    totp = Totp.parse(f"otpauth://totp/x?secret={SEED}&{parameters}")
    assert code in {totp.code(moment + later) for later in range(15)}


@pytest.mark.parametrize(
    ("parameters", "period", "digits"),
    [
        ("period=0", 1, 6),
        ("period=060", 60, 6),
        ("period=4294967295", 4294967295, 6),
        ("period=4294967296", 30, 6),
        ("period=-5", 30, 6),
        ("period=1.5", 30, 6),
        ("period=", 30, 6),
        ("digits=08", 30, 8),
        ("digits=99", 30, 10),
        ("digits=x", 30, 6),
        ("digits=7&digits=8", 30, 8),
        ("digits=%2B8", 30, 8),
        ("digits=+8", 30, 6),
        ("digits=%208", 30, 6),
        ("digits=%D9%A8", 30, 6),
        ("PERIOD=60&Digits=7", 60, 7),
        ("period=60#period=90", 60, 6),
    ],
)
def test_numbers_are_read_as_the_official_sdk_reads_them(
    parameters: str, period: int, digits: int
) -> None:
    totp = Totp.parse(f"otpauth://totp/x?secret={SEED}&{parameters}")
    assert (totp.period, totp.digits) == (period, digits)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"otpauth://totp/x?secret={SEED}&algorithm=MD5", "algorithm"),
        (f"otpauth://totp/x?secret={SEED}&algorithm=SHA3-256", "algorithm"),
        (f"otpauth://totp/x?secret={SEED}&digits=0", "digits"),
        (f"otpauth://totp/Team #1:ada?secret={SEED}", "%23"),
        (f"otpauth://totp/a#b?issuer=c&SECRET={SEED}", "%23"),
        ("otpauth://totp/x?issuer=c", "secret"),
        ("otpauth://totp/x?secret=", "secret"),
        ("otpauth://totp/x?secret=0189", "secret"),
        (f"otpauth://[totp/x?secret={SEED}", "valid otpauth URI"),
        (f"otpauth://hotp/Acme:ada?secret={SEED}&counter=5", "HOTP"),
        (f"OTPAUTH://HOTP/x?secret={SEED}", "HOTP"),
        (f" otpauth://hotp?secret={SEED}&counter=0", "HOTP"),
        (f"otpauth-migration://offline?data={SEED}", "export of Google Authenticator"),
        (f"https://h.example/x?secret={SEED}", "neither otpauth:// nor steam://"),
        (f"totp://x?secret={SEED}", "neither otpauth:// nor steam://"),
    ],
)
def test_what_has_no_code_names_the_parameter(text: str, named: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Totp.parse(text)
    assert named in str(caught.value)
    assert SEED not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text", ["", "1", "otpauth://totp/x", "steam://", "otpauth://totp/?secret=AAAA&algorithm=MD5"]
)
def test_what_is_not_a_seed_is_unreadable_without_being_repeated(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Totp.parse(text)
    assert not text or text not in str(caught.value)


@given(st.text(), st.integers(0, 2**40))
def test_any_text_gives_a_code_or_the_typed_error(text: str, moment: int) -> None:
    for seed in (text, f"otpauth://totp/?{text}", f"steam://{text}"):
        try:
            totp = Totp.parse(seed)
        except Unreadable:
            continue
        assert len(totp.code(moment)) == totp.digits
        assert 1 <= totp.seconds_left(moment) <= totp.period


def test_its_repr_has_no_seed() -> None:
    assert "JBSW" not in repr(Totp.parse("JBSWY3DPEHPK3PXP"))


def test_an_items_code_is_a_secret(writer: Writer) -> None:
    item = writer.item(writer.login("Hub", totp="steam://JBSWY3DPEHPK3PXP"))
    code = item.totp
    assert isinstance(code, Secret)
    assert isinstance(item.totp_seed, Secret)
    assert len(code) == 5
    assert item.get("totp") == item.totp
