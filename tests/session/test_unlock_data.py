"""What a login or sync may leave out or say otherwise: no login depends on an optional answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bw_magics.crypto import MasterPasswordUnlock, UserKey
from bw_magics.demo import DemoServer
from bw_magics.errors import BitwardenError, KdfRefused, NoWayToUnlock, WrongMasterPassword
from tests.session.conftest import WAREHOUSE, Begin, Session

Json = dict[str, Any]
Change = Callable[[Json], object]


def answering(
    server: DemoServer, *, token: Change = bool, unlock: Change = bool, profile: Change = bool
) -> None:
    """The same server, with something changed in its answers before they are sent."""
    shape = server._service.shape

    def changed(name: str, change: Change) -> None:
        original = getattr(shape, name)

        def answer(*arguments: Any, **named: Any) -> Json:
            answer: Json = original(*arguments, **named)
            change(answer)
            return answer

        setattr(shape, name, answer)

    changed("token", token)
    changed("unlock", unlock)
    changed("profile", profile)


def without(*names: str) -> Change:
    return lambda answer: [answer.pop(name, None) for name in names]


def null(*names: str) -> Change:
    return lambda answer: answer.update(dict.fromkeys(names))


LEGACY = ("Key", "Kdf", "KdfIterations", "KdfMemory", "KdfParallelism", "PrivateKey")


@pytest.mark.parametrize("number", [0, 1], ids=["PBKDF2", "Argon2id"])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"token": without("UserDecryptionOptions")}, id="no options"),
        pytest.param({"token": null("UserDecryptionOptions", "AccountKeys")}, id="nulls"),
        pytest.param({"token": without("AccountKeys")}, id="no AccountKeys"),
        pytest.param({"token": without("AccountKeys", "PrivateKey")}, id="no private key at all"),
        pytest.param({"token": without(*LEGACY)}, id="no legacy members"),
        pytest.param({"token": without(*LEGACY, "UserDecryptionOptions")}, id="only the sync's"),
        pytest.param({"unlock": dict.clear}, id="only the token's"),
        pytest.param({"profile": without("accountKeys")}, id="profile without accountKeys"),
        pytest.param({"profile": without("email", "securityStamp")}, id="profile without e-mail"),
        pytest.param({"token": without("expires_in", "token_type", "scope")}, id="no lifetime"),
    ],
)
def test_an_optional_answer_may_be_missing(
    demo: DemoServer, begin: Begin, number: int, changes: dict[str, Change]
) -> None:
    answering(demo, **changes)
    session = begin(demo, number)
    session.login()
    session.unlock()
    assert session.password in (WAREHOUSE, "demo-warehouse-grace")
    with pytest.raises(WrongMasterPassword):
        session.vault.confirm(password="made-up")


def test_an_old_server_knows_only_the_legacy_members(begin: Begin) -> None:
    with DemoServer(style="vaultwarden", iterations=5_000) as server:
        answering(
            server,
            token=without("UserDecryptionOptions", "AccountKeys"),
            unlock=dict.clear,
            profile=without("accountKeys"),
        )
        session = begin(server).enter()
        assert session.password == WAREHOUSE
        assert session.vault["Production warehouse"].password == "demo-production-password"


NO_WAY: dict[str, tuple[Change, str]] = {
    "nothing": (without(*LEGACY, "UserDecryptionOptions"), "no master password that could unlock"),
    "Key Connector": (
        lambda answer: (
            without(*LEGACY, "UserDecryptionOptions")(answer),
            answer.update(ApiUseKeyConnector=True),
        ),
        "Key Connector",
    ),
}


@pytest.mark.parametrize(("token", "reason"), NO_WAY.values(), ids=NO_WAY)
def test_an_account_without_a_way_to_unlock_raises_the_reason(
    session: Session, token: Change, reason: str
) -> None:
    answering(session.server, token=token, unlock=dict.clear)
    session.login()
    with pytest.raises(NoWayToUnlock, match=reason):
        session.unlock(password="whatever")
    assert session.state == "locked"


@pytest.mark.parametrize(
    ("kdf", "named"),
    [
        ({"KdfType": 0, "Iterations": 4_999}, "PBKDF2 iterations"),
        ({"KdfType": 0, "Iterations": 2_000_001}, "PBKDF2 iterations"),
        ({"KdfType": 1, "Iterations": 1, "Memory": 16, "Parallelism": 1}, "Argon2id iterations"),
        ({"KdfType": 1, "Iterations": 2, "Memory": 15, "Parallelism": 1}, "memory"),
        ({"KdfType": 1, "Iterations": 2, "Memory": 1025, "Parallelism": 1}, "memory"),
        ({"KdfType": 1, "Iterations": 2, "Memory": 16, "Parallelism": 17}, "parallelism"),
        ({"KdfType": 7, "Iterations": 1}, "kind 7"),
    ],
)
def test_key_derivation_outside_its_bounds_is_refused_before_any_work(
    session: Session, monkeypatch: pytest.MonkeyPatch, kdf: Json, named: str
) -> None:
    def token(answer: Json) -> None:
        without(*LEGACY)(answer)
        answer["UserDecryptionOptions"]["MasterPasswordUnlock"]["Kdf"] = kdf

    def derive(self: MasterPasswordUnlock, *, password: str) -> None:
        pytest.fail("work was done")

    monkeypatch.setattr(MasterPasswordUnlock, "derive", derive)
    answering(session.server, token=token, unlock=dict.clear)
    session.login()
    with pytest.raises(KdfRefused, match=named) as caught:
        session.unlock()
    assert caught.value.remedy
    assert session.state == "locked"
    assert not [text for text in session.waits if "MiB" in text]


def test_much_memory_is_announced_first(session: Session) -> None:
    kdf = {"KdfType": 1, "Iterations": 2, "Memory": 300, "Parallelism": 2}

    def token(answer: Json) -> None:
        answer["UserDecryptionOptions"]["MasterPasswordUnlock"]["Kdf"] = kdf

    answering(session.server, token=token, unlock=dict.clear)
    session.login()
    with pytest.raises(WrongMasterPassword):
        session.unlock()
    assert any("takes 300 MiB of memory" in text for text in session.waits)


def test_a_server_that_wraps_anew_with_every_answer_ends_in_an_error(session: Session) -> None:
    def unlock(answer: Json) -> None:
        other = UserKey.generate()
        answer["masterKeyEncryptedUserKey"] = str(other.encrypt(b"k" * 64))
        session.server.touch(session.account)

    session.login()
    session.settle()
    answering(session.server, unlock=unlock)
    session.server.touch(session.account)
    session.vault.sync()
    with pytest.raises(BitwardenError, match="master password is wrong"):
        session.unlock()
