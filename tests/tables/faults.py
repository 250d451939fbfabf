"""The table of faults: what goes wrong, and what the vault is in the middle of."""

from __future__ import annotations

import gzip
import os
import socket
import time as real_time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from bw_magics.client import transport
from bw_magics.demo import Fault
from bw_magics.session.accounts import api_key_account as account_module
from tests.tables.stage import REVISION, SYNC, TOKEN, WAREHOUSE, Json, Stage

Cause = Callable[[Stage], object]

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
_SHARED = "Production warehouse"


def at(path: str, *faults: Fault) -> Cause:
    return lambda stage: stage.fault(path, *faults)


def status(path: str, code: int, **headers: str) -> Cause:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return at(path, *[Fault(status=code, headers=named)] * 9)


def body(path: str, data: bytes, kind: dict[str, str] = JSON, **more: str) -> Cause:
    headers = kind | {name.replace("_", "-"): value for name, value in more.items()}
    return at(path, *[Fault(status=200, headers=headers, body=data)] * 9)


def certificate(kind: Any) -> Cause:
    def cause(stage: Stage) -> None:
        stage.undo.callback(stage.server.show_certificate, "good")
        stage.server.show_certificate(kind)

    return cause


def slow(path: str) -> Cause:
    def cause(stage: Stage) -> None:
        stage.patch(transport, "LOGIN_READ", 0.3)
        stage.patch(transport, "API_READ", 0.3)
        stage.fault(path, *[Fault(delay=1.5)] * 3)

    return cause


def trickling(path: str) -> Cause:
    def cause(stage: Stage) -> None:
        stage.patch(transport, "LOGIN_TOTAL", 0.0)
        stage.patch(transport, "API_TOTAL", 0.0)

    return cause


def address(text: str) -> Cause:
    def cause(stage: Stage) -> None:
        stage.address = text

    return cause


def nobody_listens(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stage.address = f"localhost:{listener.getsockname()[1]}"


def proxy(stage: Stage) -> None:
    stage.address = "vault.demo-networks.example"
    stage.undo.callback(os.environ.pop, "HTTPS_PROXY", None)
    os.environ["HTTPS_PROXY"] = "http://127.0.0.1:1"  # nobody listens there


def wrong_secret(stage: Stage) -> None:
    stage.client_secret = "demoSecretThatIsNotTheRightOne"


def kdf(**costs: int) -> Cause:
    """Both places that say how the key is derived."""

    def token(answer: Json) -> None:
        for name in ("Key", "Kdf", "KdfIterations", "KdfMemory", "KdfParallelism"):
            answer.pop(name, None)
        answer["UserDecryptionOptions"]["MasterPasswordUnlock"]["Kdf"] = costs

    def sync(answer: Json) -> None:
        answer["userDecryption"]["masterPasswordUnlock"]["kdf"] = costs

    def cause(stage: Stage) -> None:
        stage.change(TOKEN, token)
        stage.change(SYNC, sync)

    return cause


def wrapped(key: str) -> Cause:
    """The user key is wrapped as `key` says."""

    def token(answer: Json) -> None:
        answer.pop("Key", None)
        answer["UserDecryptionOptions"]["MasterPasswordUnlock"]["MasterKeyEncryptedUserKey"] = key

    def sync(answer: Json) -> None:
        answer["userDecryption"]["masterPasswordUnlock"]["masterKeyEncryptedUserKey"] = key

    def cause(stage: Stage) -> None:
        stage.change(TOKEN, token)
        stage.change(SYNC, sync)

    return cause


def altered(change: Callable[[Stage, Json], object]) -> Cause:
    """A sync in which something is altered."""
    return lambda stage: stage.change(SYNC, lambda answer: change(stage, answer))


def field(name: str, path: str, change: Callable[[str], str]) -> Cause:
    """One encrypted text of one item is altered."""

    def alter(stage: Stage, answer: Json) -> None:
        *parents, last = path.split(".")
        place = stage.item(answer, name)
        for parent in parents:
            place = place[parent]
        place[last] = change(place[last])

    return altered(alter)


def spoiled(text: str) -> str:
    head, _, mac = text.rpartition("|")
    return f"{head}|{'A' * (len(mac) - 1)}="


def retyped(number: int) -> Callable[[str], str]:
    return lambda text: f"{number}.{text.partition('.')[2]}"


def without_mac(text: str) -> str:
    return f"0.{text.partition('.')[2].rpartition('|')[0]}"


def swapped(first: str, second: str) -> Cause:
    """The passwords of two items change places."""

    def alter(stage: Stage, answer: Json) -> None:
        one, two = stage.item(answer, first)["login"], stage.item(answer, second)["login"]
        one["password"], two["password"] = two["password"], one["password"]

    return altered(alter)


def twice(stage: Stage, answer: Json) -> None:
    answer["ciphers"].append(stage.item(answer, WAREHOUSE))


def strange_neighbours(_: Stage, answer: Json) -> None:
    answer["ciphers"] += [None, 7, [], {}, {"id": 1}, {"id": "x", "type": 99, "name": "nonsense"}]


def shared_key(_: Stage, answer: Json) -> None:
    for organization in answer["profile"]["organizations"]:
        organization["key"] = "4." + "A" * 344


def private_key(_: Stage, answer: Json) -> None:
    profile = answer["profile"]
    spoilt = spoiled(profile["privateKey"])
    profile["privateKey"] = spoilt
    profile["accountKeys"]["publicKeyEncryptionKeyPair"]["wrappedPrivateKey"] = spoilt


def new_stamp(_: Stage, answer: Json) -> None:
    answer["profile"]["securityStamp"] = "another"


def clock(seconds: float) -> Cause:
    """This computer's clock jumps, as after a sleep or when it is set."""

    def cause(stage: Stage) -> None:
        jumped = SimpleNamespace(
            time=lambda: real_time.time() + seconds,
            monotonic=real_time.monotonic,
            sleep=real_time.sleep,
        )
        stage.patch(account_module, "time", jumped)

    return cause


def rotated(stage: Stage) -> None:
    stage.undo.callback(setattr, stage.account, "client_secret", stage.account.client_secret)
    stage.server.rotate_api_key(stage.account)
    status(REVISION, 401)(stage)


def restarted(stage: Stage) -> None:
    stage.server.stop()
    stage.server.start()


def gone(stage: Stage) -> None:
    stage.undo.callback(stage.server.start)
    stage.server.stop()


# 1,100 MiB in as many members of one gzip file: more than any answer may have.
_ZEROS = gzip.compress(bytes(10 * 1024 * 1024), 9) * 110
_PACKED = gzip.compress(b'{"access_token": "a.b.c"}')
_ELSEWHERE = "https://elsewhere.demo.example/"

# (what goes wrong, what the vault is about to do, how it is brought about)
ROWS: list[tuple[str, str, Cause]] = [
    ("429 with Retry-After", "login", status(TOKEN, 429, Retry_After="7")),
    ("429 without Retry-After", "login", status(TOKEN, 429)),
    ("429 with a Retry-After of nonsense", "login", status(TOKEN, 429, Retry_After="soon")),
    *[(f"status {code}", "login", status(TOKEN, code)) for code in range(500, 505)],
    ("403 of a firewall", "login", status(TOKEN, 403, Content_Type="text/html")),
    ("404", "login", status(TOKEN, 404)),
    ("redirect to another host", "login", status(TOKEN, 302, Location=_ELSEWHERE)),
    ("the API key is refused", "login", wrong_secret),
    ("slow: no answer in time", "login", slow(TOKEN)),
    ("slow: the answer never ends", "login", trickling(TOKEN)),
    ("cut off in the middle", "login", at(TOKEN, Fault(cut=40))),
    ("announced longer than it is", "login", at(TOKEN, Fault(length=99_999))),
    ("announced shorter than it is", "login", at(TOKEN, Fault(length=100))),
    ("connection reset", "login", at(TOKEN, Fault(reset=True))),
    ("a web page in place of JSON", "login", body(TOKEN, b"<html>Sign in</html>", HTML)),
    ("an empty answer", "login", body(TOKEN, b"")),
    ("JSON without a token", "login", body(TOKEN, b"{}")),
    ("JSON that is not an object", "login", body(TOKEN, b"[1, 2]")),
    ("invalid UTF-8", "login", body(TOKEN, b'{"access_token": "\xff\xfe"}')),
    ("a gzip bomb", "login", body(TOKEN, _ZEROS, Content_Encoding="gzip")),
    ("gzip that is cut off", "login", body(TOKEN, _PACKED[:-9], Content_Encoding="gzip")),
    ("a packing nobody asked for", "login", body(TOKEN, b"x", Content_Encoding="br")),
    ("certificate expired", "login", certificate("expired")),
    ("certificate not yet valid", "login", certificate("not yet valid")),
    ("certificate of another host", "login", certificate("other host")),
    ("certificate of an unknown authority", "login", certificate("untrusted")),
    ("nobody listens", "login", nobody_listens),
    ("unknown host name", "login", address("no-such-host.invalid")),
    ("the proxy refuses", "login", proxy),
    ("KDF: too few iterations", "unlock", kdf(KdfType=0, kdfType=0, Iterations=10, iterations=10)),
    (
        "KDF bomb: iterations",
        "unlock",
        kdf(KdfType=0, kdfType=0, Iterations=10**9, iterations=10**9),
    ),
    (
        "KDF bomb: memory",
        "unlock",
        kdf(
            KdfType=1,
            kdfType=1,
            Iterations=3,
            iterations=3,
            Memory=10**6,
            memory=10**6,
            Parallelism=1,
            parallelism=1,
        ),
    ),
    ("KDF of an unknown kind", "unlock", kdf(KdfType=9, kdfType=9, Iterations=1, iterations=1)),
    ("user key downgraded to type 0", "unlock", wrapped("0." + "A" * 22 + "==|" + "A" * 108)),
    ("user key of type 1", "unlock", wrapped("1.AAAA|AAAA|AAAA")),
    ("user key that is not an EncString", "unlock", wrapped("nonsense")),
    ("429 at a sync", "sync", status(REVISION, 429, Retry_After="7")),
    ("503 at a sync", "sync", status(REVISION, 503)),
    ("403 at a sync", "sync", status(SYNC, 403)),
    ("404 for the revision date", "sync", status(REVISION, 404)),
    ("token refused once", "sync", at(REVISION, Fault(status=401))),
    ("token refused always", "sync", status(REVISION, 401)),
    ("token refused, API key rotated", "sync", rotated),
    ("account deleted", "sync", body(REVISION, b"-1")),
    ("security stamp changed", "sync", altered(new_stamp)),
    ("server restarted", "sync", restarted),
    ("server gone", "sync", gone),
    ("clock an hour and a day ahead", "sync", clock(25 * 3600)),
    ("clock a day behind", "sync", clock(-24 * 3600)),
    ("slow sync", "sync", slow(SYNC)),
    ("sync cut off", "sync", at(SYNC, Fault(cut=5_000))),
    ("sync announced longer", "sync", at(SYNC, Fault(length=9_999_999))),
    ("sync with its connection reset, twice", "sync", at(SYNC, *[Fault(reset=True)] * 2)),
    ("sync redirected", "sync", status(SYNC, 307, Location=_ELSEWHERE)),
    ("sync is a web page", "sync", body(SYNC, b"<html>", HTML)),
    ("sync is not a vault", "sync", body(SYNC, b'{"object": "list"}')),
    ("sync with invalid UTF-8", "sync", body(SYNC, b'{"profile": {"id": "\xff"}}')),
    ("sync as a gzip bomb", "sync", body(SYNC, _ZEROS, Content_Encoding="gzip")),
    ("duplicate ids", "sync", altered(twice)),
    ("items that make no sense", "sync", altered(strange_neighbours)),
    ("a tampered MAC", "read", field(WAREHOUSE, "login.password", spoiled)),
    ("a type downgraded to 0", "read", field(WAREHOUSE, "login.password", without_mac)),
    ("an unknown type", "read", field(WAREHOUSE, "login.password", retyped(9))),
    ("a text that is not an EncString", "read", field(WAREHOUSE, "login.password", lambda _: "x")),
    ("a tampered name", "read", field(WAREHOUSE, "name", spoiled)),
    ("the organisation's key tampered", "sync", altered(shared_key)),
    ("the private key tampered", "sync", altered(private_key)),
]

# These need items with keys of their own: they are tried with the second account.
OWN_KEYS: list[tuple[str, str, Cause]] = [
    ("passwords of two items with own keys swapped", "read", swapped(WAREHOUSE, "Compiler farm")),
    ("an item's own key tampered", "read", field(WAREHOUSE, "key", spoiled)),
]
