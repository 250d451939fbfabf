"""A login depends on its access token only; everything else is read as far as it is there."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.answer import Answer
from bw_magics.client import ApiKey, Login, log_in
from bw_magics.client.claims import read_claims
from bw_magics.client.identity import read_login
from bw_magics.crypto import Argon2id, EncString, Pbkdf2, UserKey
from bw_magics.errors import AnswerUnusable, BitwardenError, EncStringMalformed, KdfRefused
from bw_magics.settings import Server
from tests.client.conftest import DEVICE, USER_ID, Connect, Serve, answer

SERVER = Server.parse("https://vault.example.org")
WRAPPED = UserKey.generate().encrypt_text("x" * 64)
OTHER = UserKey.generate().encrypt_text("y" * 64)
EMAIL = "someone@example.org"
ASKED = 1_800_000_000.0


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl"


CLAIMS = {"sub": "claimed-id", "email": EMAIL, "name": "Some One", "sstamp": "STAMP", "exp": 1}

UNLOCK = {
    "Kdf": {"KdfType": 1, "Iterations": 3, "Memory": 64, "Parallelism": 4},
    "MasterKeyEncryptedUserKey": WRAPPED,
    "Salt": "Salt@example.org",
}
LEGACY = {"Key": OTHER, "Kdf": 0, "KdfIterations": 600_000}


def read(claims: object = CLAIMS, **members: Any) -> Login:
    answer = Answer({"access_token": token(claims), **members})
    return read_login(answer, server=SERVER, user_id=USER_ID, asked=ASKED)


def lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: lower(part) for name, part in value.items()}
    return value


def test_the_answer_of_an_official_server_is_read_in_full() -> None:
    login = read(
        expires_in=3600,
        token_type="Bearer",
        scope="api",
        **LEGACY,
        PrivateKey="2.old",
        AccountKeys={"publicKeyEncryptionKeyPair": {"wrappedPrivateKey": "2.new"}},
        ForcePasswordReset=True,
        UserDecryptionOptions={"HasMasterPassword": True, "MasterPasswordUnlock": UNLOCK},
    )
    assert login.expires_at == ASKED + 3600
    assert (login.email, login.name) == (EMAIL, "Some One")
    assert (login.user_id, login.security_stamp) == ("claimed-id", "STAMP")
    assert login.unlock is not None
    assert login.unlock.kdf == Argon2id(3, 64, 4)
    assert login.unlock.salt == "Salt@example.org"
    assert login.unlock.wrapped_user_key == EncString.parse(WRAPPED)
    assert login.unlock_problem is None
    assert login.private_key == "2.new"
    assert login.has_master_password
    assert not login.uses_key_connector
    assert login.force_password_reset


@pytest.mark.parametrize("spell", [dict, lower], ids=["PascalCase", "camelCase"])
def test_both_spellings_are_the_same(spell: Any) -> None:
    members = spell(
        {
            **LEGACY,
            "PrivateKey": "2.old",
            "ForcePasswordReset": True,
            "UserDecryptionOptions": {"HasMasterPassword": True, "MasterPasswordUnlock": UNLOCK},
        }
    )
    login = read(**members)
    assert login.unlock is not None
    assert login.unlock.salt == "Salt@example.org"
    assert login.private_key == "2.old"
    assert login.force_password_reset


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(None, id="no options"),
        pytest.param({"HasMasterPassword": True, "MasterPasswordUnlock": None}, id="null block"),
        pytest.param({"MasterPasswordUnlock": {**UNLOCK, "Kdf": None}}, id="block without kdf"),
        pytest.param({"MasterPasswordUnlock": "text"}, id="block is text"),
        pytest.param(
            {"MasterPasswordUnlock": {**UNLOCK, "MasterKeyEncryptedUserKey": "2.broken"}},
            id="broken key in the block",
        ),
    ],
)
def test_older_servers_give_the_legacy_members(options: object) -> None:
    login = read(**LEGACY, UserDecryptionOptions=options)
    assert login.unlock is not None
    assert login.unlock.kdf == Pbkdf2(600_000)
    assert login.unlock.salt == EMAIL
    assert login.unlock.wrapped_user_key == EncString.parse(OTHER)
    assert login.unlock_problem is None


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        pytest.param({**LEGACY, "Key": "2.nothing"}, EncStringMalformed, id="broken key"),
        pytest.param({**LEGACY, "Kdf": 7}, KdfRefused, id="unknown kdf"),
        pytest.param({"Kdf": 0, "KdfIterations": 600_000}, None, id="no key"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_what_cannot_unlock_does_not_stop_the_login(
    members: dict[str, Any], problem: type[BitwardenError] | None
) -> None:
    login = read(**members)
    assert login.unlock is None
    assert login.access_token
    assert (None if login.unlock_problem is None else type(login.unlock_problem)) is problem


@pytest.mark.parametrize(
    ("members", "has_password", "key_connector"),
    [
        pytest.param({}, True, False, id="not said"),
        pytest.param(
            {"UserDecryptionOptions": {"HasMasterPassword": False}}, False, False, id="none"
        ),
        pytest.param({"ApiUseKeyConnector": True}, False, True, id="key connector"),
        pytest.param(
            {"UserDecryptionOptions": {"KeyConnectorOption": {"KeyConnectorUrl": "https://k"}}},
            False,
            True,
            id="key connector as option",
        ),
        pytest.param(
            {"ApiUseKeyConnector": True, "UserDecryptionOptions": {"HasMasterPassword": True}},
            True,
            True,
            id="both",
        ),
    ],
)
def test_whether_there_is_a_master_password(
    members: dict[str, Any], has_password: bool, key_connector: bool
) -> None:
    login = read(**members)
    assert (login.has_master_password, login.uses_key_connector) == (has_password, key_connector)


@pytest.mark.parametrize(
    ("members", "claims", "seconds"),
    [
        pytest.param({"expires_in": 7200}, CLAIMS, 7200, id="said"),
        pytest.param({"expires_in": "7200"}, CLAIMS, 7200, id="said as text"),
        pytest.param({}, {"exp": ASKED + 900}, 900, id="from the token"),
        pytest.param({}, {}, 3600, id="not said"),
        pytest.param({"expires_in": 0}, {}, 3600, id="zero"),
        pytest.param({"expires_in": -5}, {}, 3600, id="negative"),
        pytest.param({"expires_in": 10**18}, {}, 30 * 24 * 3600, id="for ever"),
    ],
)
def test_when_the_token_ends(members: dict[str, Any], claims: object, seconds: int) -> None:
    assert read(claims, **members).expires_at == ASKED + seconds


@pytest.mark.parametrize("text", ["a.b.c", "opaque", "a..c", "a.W10.c", "....", "a." + "!" * 9])
def test_a_token_that_is_not_a_jwt_still_logs_in(text: str) -> None:
    login = read_login(Answer({"access_token": text}), server=SERVER, user_id=USER_ID, asked=ASKED)
    assert login.access_token == text
    assert (login.email, login.name, login.security_stamp) == (None, None, None)
    assert login.user_id == USER_ID


def test_neither_login_nor_key_shows_or_pickles_itself(api_key: ApiKey) -> None:
    import copy
    import pickle

    login = read(**LEGACY, PrivateKey="2.private")
    for value in (login, api_key):
        assert repr(value) == str(value) == f"<{type(value).__name__}>"
        for refuse in (pickle.dumps, copy.copy, copy.deepcopy, type(value).__getstate__):
            with pytest.raises(TypeError, match="not pickled"):
                refuse(value)


def test_the_clock_is_read_before_the_request(
    serve: Serve, connect: Connect, api_key: ApiKey
) -> None:
    server = serve(answer(200, {"access_token": "a.b.c", "expires_in": 100}))
    before = time.time()
    login = log_in(connect(server.server), server.server, DEVICE, api_key)
    (asked,) = server.requests
    assert before + 100 <= login.expires_at <= asked.time + 100


NAMES = [
    *("Key", "key", "Kdf", "kdf", "KdfIterations", "KdfMemory", "kdfType", "Salt", "exp", "sub"),
    *("UserDecryptionOptions", "MasterPasswordUnlock", "AccountKeys", "expires_in", "email"),
    *("masterKeyWrappedUserKey", "publicKeyEncryptionKeyPair", "HasMasterPassword", "Iterations"),
]

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([WRAPPED, "2.a|b|c", "0", "1e5"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), VALUES)
def test_any_answer_with_a_token_logs_in(members: dict[str, Any], claims: object) -> None:
    login = read(claims, **members)
    assert login.expires_at > ASKED
    for value in (login.email, login.user_id, login.name, login.security_stamp, login.private_key):
        assert value is None or (isinstance(value, str) and value)


@given(st.none() | st.text() | st.integers() | st.lists(st.text()))
def test_a_token_is_visible_ascii_and_anything_else_is_one_error(value: object) -> None:
    answer = Answer({"access_token": value})
    if isinstance(value, str) and value.isascii() and value.isprintable() and value.strip():
        value = value.replace(" ", "_")
        answer = Answer({"access_token": value})
        login = read_login(answer, server=SERVER, user_id=USER_ID, asked=ASKED)
        assert login.access_token == value
        return
    with pytest.raises(AnswerUnusable):
        read_login(answer, server=SERVER, user_id=USER_ID, asked=ASKED)


@given(st.text() | st.binary().map(lambda b: f"e30.{base64.urlsafe_b64encode(b).decode()}.x"))
def test_claims_of_anything_are_an_answer(text: str) -> None:
    assert isinstance(read_claims(text), Answer)


@given(st.dictionaries(st.text(max_size=8), st.text() | st.integers(-(2**53), 2**53) | st.none()))
def test_claims_are_what_the_payload_says(claims: dict[str, object]) -> None:
    payload = base64.urlsafe_b64encode(msgspec.json.encode(claims)).decode()
    for text in (f"h.{payload}.s", f"h.{payload.rstrip('=')}.s", f"h.{payload}"):
        assert read_claims(text).members == claims


def test_deeply_nested_claims_are_none() -> None:
    payload = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    assert not read_claims(f"h.{payload}.s")
