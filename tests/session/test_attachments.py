"""Attachments, from a real server over TLS to bytes, text, JSON and private files."""

from __future__ import annotations

import json
import os
import pickle
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from bw_magics.crypto import SymmetricKey, encrypt_file
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.stored.stored_vault import StoredVault
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    FieldNotFound,
    NotPickled,
    Redirected,
    RepromptRequired,
    RequestRefused,
    Unreadable,
    UsageMistake,
    VaultLocked,
)
from bw_magics.secret import MASK, SecretBytes
from bw_magics.session.storage import private_files
from bw_magics.vault.attachment import Attachment
from tests.client.conftest import ScriptedServer, answer
from tests.session.conftest import Begin, Session

ITEM, NAME = "Forecasting service account", "service-account.json"
MEMORY = Path("/dev/shm")


def plain(session: Session, item: str = ITEM, name: str = NAME) -> bytes:
    """What the demo's author put into an attachment."""
    for entry in session.server.account_items(session.account):
        for file in entry["attachments"]:
            if (entry["name"], file["fileName"]) == (item, name):
                return bytes(file["contents"])
    raise AssertionError("the demo vault has changed")


def attached(session: Session, item: str = ITEM, name: str = NAME) -> Attachment:
    return session.vault[item].attachment(name)


def stored(session: Session) -> StoredVault:
    return session.server._service.vault(session.account)


def paths(session: Session) -> tuple[str, str]:
    """Where the API describes the attachment, and where its file is."""
    item, file = session.vault[ITEM], attached(session)
    return f"/api/ciphers/{item.id}/attachment/{file.id}", f"/attachments/{item.id}/{file.id}"


def change_file(session: Session, data: bytes) -> None:
    stored(session).files[attached(session).id] = data


def placed(session: Session) -> set[Path]:
    """The folders of decrypted files that there are now."""
    files: Any = session.vault._contents().files
    return set(files._placed._folders if files._placed is not None else ())


def test_contents_come_as_bytes_text_json_and_file(demo: DemoServer, begin: Begin) -> None:
    session = begin(demo).enter()
    file, expected = attached(session), plain(session)

    assert file.read() == expected
    assert file.text() == expected.decode()
    assert file.json() == json.loads(expected)
    assert file.open().read() == expected
    with file.as_file() as path:
        assert path.read_bytes() == expected
        assert path.name == NAME
    assert attached(session, name="über uns.txt").text() == "Grüße\n"
    assert attached(session, "Cloud keys", "bucket-policy.json").json()


def test_accounts_with_encryption_v2_have_their_attachments(begin: Begin) -> None:
    compared = 0
    with DemoServer(iterations=5_000, encryption=2) as server:
        for number in range(len(server.accounts)):
            session = begin(server, number).enter()
            files = [(item, file) for item in session.vault.items() for file in item.attachments]
            compared += len(files)
            for item, file in files:
                assert item.attachment(file.id).read() == plain(session, item.name, file.name)
            session.vault.logout()
    assert compared


def test_the_token_goes_to_the_api_and_not_to_the_file(unlocked: Session) -> None:
    described, file = paths(unlocked)
    attached(unlocked).read()

    assert unlocked.server.requests == [("GET", described), ("GET", file)]


def test_bytes_do_not_show_themselves_and_are_announced(unlocked: Session) -> None:
    value = attached(unlocked).read()
    secret = plain(unlocked).decode()

    assert isinstance(value, SecretBytes)
    for shown in (repr(value), str(value), f"{value}", repr([value]), repr({"key": value})):
        assert MASK in shown
        assert "private_key" not in shown
    assert secret in unlocked.announced
    with pytest.raises(NotPickled, match="not pickled"):
        pickle.dumps(value)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(attached(unlocked))


@pytest.mark.parametrize("way", ["as_file", "save"])
def test_what_goes_into_a_file_is_announced_before(
    unlocked: Session, tmp_path: Path, way: str
) -> None:
    secret = plain(unlocked).decode()
    if way == "save":
        attached(unlocked).save(tmp_path / "file")
    else:
        with attached(unlocked).as_file():
            assert secret in unlocked.announced
    assert secret in unlocked.announced


def test_bytes_that_are_not_text_are_announced_as_base64(unlocked: Session) -> None:
    import base64

    data = bytes(range(256))
    key = stored_key(unlocked)
    change_file(unlocked, encrypt_file(key, data))

    assert attached(unlocked).read() == data
    assert base64.b64encode(data).decode() in unlocked.announced


def test_json_hides_what_is_secret_and_shows_what_is_known_not_to_be(unlocked: Session) -> None:
    found: Any = attached(unlocked).json()

    assert MASK in repr(found["private_key"])
    assert repr(found["project_id"]) == "'demo-forecasting'"
    assert repr(found["token_uri"]).startswith("'https://")
    assert found["private_key"] in unlocked.announced
    assert found["project_id"] not in unlocked.announced


def test_an_attachment_is_found_by_id_name_and_name_ignoring_case(unlocked: Session) -> None:
    item = unlocked.vault[ITEM]
    for name in (NAME, NAME.upper(), item.attachment(NAME).id):
        assert item.attachment(name).name == NAME
    with pytest.raises(FieldNotFound, match=NAME) as caught:
        item.attachment("service")
    assert "'service'" not in str(caught.value)
    with pytest.raises(FieldNotFound, match="none"):
        unlocked.vault["Warehouse DB"].attachment(NAME)


# Keys.


def stored_key(session: Session) -> SymmetricKey:
    """The key of the attachment, as the demo stores it under the item's own."""
    from bw_magics.crypto import AttachmentKey, EncString, ItemKey

    vault = stored(session)
    record = vault.items[session.vault[ITEM].id]
    item_key = ItemKey(vault.owner_key(None).decrypt(EncString.parse(record["key"])))
    wrapped = record["attachments"][attached(session).id]["key"]
    return AttachmentKey(item_key.decrypt(EncString.parse(wrapped)))


@pytest.mark.parametrize("owner", ["item", "user"])
def test_old_attachments_without_a_key_are_under_that_of_the_item_or_its_owner(
    unlocked: Session, owner: str
) -> None:
    from bw_magics.crypto import EncString, ItemKey

    vault, item = stored(unlocked), unlocked.vault[ITEM]
    record = vault.items[item.id]
    key: Any = vault.owner_key(None)
    if owner == "item":
        key = ItemKey(key.decrypt(EncString.parse(record["key"])))
    change_file(unlocked, encrypt_file(key, b"from before 2018"))
    record["attachments"][attached(unlocked).id]["key"] = None
    vault.touch(record)
    unlocked.vault.sync()

    assert attached(unlocked).read() == b"from before 2018"


def test_a_changed_file_gives_nothing_at_all(unlocked: Session, tmp_path: Path) -> None:
    key = stored_key(unlocked)
    target = tmp_path / "file"
    for position in (0, 1, 20, 49, 5000):
        good = bytearray(encrypt_file(key, b"x" * 10_000))
        good[position] ^= 1
        change_file(unlocked, bytes(good))
        for way in (
            attached(unlocked).read,
            attached(unlocked).json,
            lambda: attached(unlocked).as_file().__enter__(),
            lambda: attached(unlocked).save(target),
        ):
            with pytest.raises(Unreadable) as caught:
                way()
            assert caught.value.remedy
        assert list(tmp_path.iterdir()) == []
    assert placed(unlocked) == set()
    assert not any("xxxx" in secret for secret in unlocked.announced)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 1024 * 1024 - 1, 1024 * 1024, 20 * 1024 * 1024])
def test_every_size_arrives_whole(unlocked: Session, size: int, tmp_path: Path) -> None:
    data = os.urandom(1024) * (size // 1024) + b"x" * (size % 1024)
    change_file(unlocked, encrypt_file(stored_key(unlocked), data))

    assert attached(unlocked).read() == data
    attached(unlocked).save(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == data


def test_a_wrapped_key_that_cannot_be_read_is_told(unlocked: Session) -> None:
    vault = stored(unlocked)
    record = vault.items[unlocked.vault[ITEM].id]
    entry = record["attachments"][attached(unlocked).id]
    entry["key"] = entry["key"][:-6] + "AAAAA="
    vault.touch(record)
    unlocked.vault.sync()

    with pytest.raises(Unreadable, match="key of an attachment"):
        attached(unlocked).read()


# Limits, refusals, progress.


def test_a_file_above_the_limit_is_not_even_asked_for(unlocked: Session) -> None:
    unlocked.vault.attachment_limit = 100

    with pytest.raises(AnswerUnusable, match="limit"):
        attached(unlocked).read()
    assert unlocked.server.requests == []

    unlocked.vault.attachment_limit = 0
    assert attached(unlocked).read()


def test_a_server_that_understates_the_size_does_not_get_past_the_limit(unlocked: Session) -> None:
    change_file(unlocked, b"x" * 100_000)
    unlocked.vault.attachment_limit = 50_000

    with pytest.raises(AnswerUnusable, match="limit"):
        attached(unlocked).read()


@pytest.mark.parametrize(
    ("where", "fault", "error"),
    [
        (0, Fault(status=404, body=b"{}"), RequestRefused),
        (0, Fault(status=200, body=b'{"object": "attachment"}'), AnswerUnusable),
        (0, Fault(status=200, body=b'{"url": "/attachments/x"}'), AnswerUnusable),
        (1, Fault(status=302, headers={"Location": "https://x.example/"}), Redirected),
        (1, Fault(status=403), RequestRefused),
        (1, Fault(cut=60), AnswerUnusable),
        (1, Fault(status=200, body=b"<html>"), Unreadable),
    ],
    ids=["gone", "no address", "no host", "redirect", "expired", "cut off", "no such file"],
)
def test_what_goes_wrong_is_one_typed_error(
    unlocked: Session, where: int, fault: Fault, error: type[BitwardenError]
) -> None:
    unlocked.fault(paths(unlocked)[where], fault)

    with pytest.raises(error) as caught:
        attached(unlocked).read()

    assert type(caught.value) is error
    assert caught.value.remedy
    assert "token=" not in str(caught.value)
    assert attached(unlocked).read() == plain(unlocked), "the next try is a new one"


def test_an_expired_token_is_renewed_and_not_sent_along(unlocked: Session) -> None:
    described, file = paths(unlocked)
    unlocked.fault(described, Fault(status=401))

    assert attached(unlocked).read()
    assert unlocked.asked(described) == 2
    assert unlocked.asked(file) == 1


def test_a_slow_download_tells_how_far_it_is(unlocked: Session) -> None:
    unlocked.fault(paths(unlocked)[1], Fault(delay=1.3))
    attached(unlocked).read()

    assert any(re.search(r": 0 of \d+ bytes", said) for said in unlocked.waits)


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A second TLS host with an authority of its own, as a cloud's object storage is."""
    import ssl

    authority = trustme.CA()
    pem = tmp_path / "storage.pem"
    pem.write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server = ScriptedServer(context)
    yield server
    server.close()


def test_a_presigned_address_on_another_host_works_and_sees_no_token(
    storage: ScriptedServer, session: Session
) -> None:
    session.enter().settle()
    signed = f"https://127.0.0.1:{storage.port}/container/file?sv=2026-01-01&sig=c2lnbmF0dXJl%3D"
    described, _ = paths(session)
    session.fault(described, Fault(status=200, body=json.dumps({"url": signed}).encode()))
    storage.answers(answer(200, stored(session).files[attached(session).id], kind=None))

    assert attached(session).read() == plain(session)

    (request,) = storage.requests
    assert request.target.endswith("sig=c2lnbmF0dXJl%3D")
    assert request.header("Authorization") is None
    assert request.header("Bitwarden-Client-Name") is None
    assert request.header("Device-Type") is None


# Locking.


def test_nothing_can_be_read_after_the_lock(unlocked: Session) -> None:
    file = attached(unlocked)
    unlocked.vault.lock()
    unlocked.server.requests.clear()

    for way in (file.read, file.json, lambda: file.as_file().__enter__()):
        with pytest.raises(VaultLocked):
            way()
    assert unlocked.server.requests == []


def test_an_item_with_reprompt_keeps_its_files_until_it_is_confirmed(unlocked: Session) -> None:
    vault = stored(unlocked)
    record = vault.items[unlocked.vault[ITEM].id]
    record["reprompt"] = 1
    vault.touch(record)
    unlocked.vault.sync()

    with pytest.raises(RepromptRequired):
        attached(unlocked).read()
    unlocked.vault.confirm(
        password=unlocked.account.master_password, item_id=unlocked.vault[ITEM].id
    )
    assert attached(unlocked).read() == plain(unlocked)


# Files.


def test_a_file_is_private_in_memory_and_gone_after_the_block(unlocked: Session) -> None:
    with attached(unlocked).as_file() as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        if os.path.ismount(MEMORY):
            assert path.is_relative_to(MEMORY)
        folder = path.parent
        assert placed(unlocked) == {folder}
    assert not folder.exists()
    assert placed(unlocked) == set()


def test_a_file_is_gone_when_the_block_ends_with_an_error(unlocked: Session) -> None:
    with pytest.raises(ZeroDivisionError), attached(unlocked).as_file() as path:
        raise ZeroDivisionError
    assert not path.parent.exists()


@pytest.mark.parametrize("end", ["lock", "logout"])
def test_a_file_is_gone_at_the_lock(unlocked: Session, end: str) -> None:
    with attached(unlocked).as_file() as path, attached(unlocked).as_file() as other:
        assert path != other
        getattr(unlocked.vault, end)()
        assert not path.exists()
        assert not other.parent.exists()


def test_a_lock_while_a_file_is_written_leaves_none() -> None:
    files = private_files.PrivateFiles()

    def pieces() -> Iterator[bytes]:
        yield b"canary"
        files.forget()
        yield b"canary"

    with pytest.raises(VaultLocked), files.place("key", pieces(), 12):
        raise AssertionError("not reached")
    assert files._folders == set()


def test_without_storage_in_memory_it_is_a_private_temporary_file(
    unlocked: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_files, "_MEMORY", tmp_path / "missing")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with attached(unlocked).as_file() as path:
        assert path.is_relative_to(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("key.json", "key.json"),
        ("../../.ssh/authorized_keys", "_.._.ssh_authorized_keys"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "attachment"),
        ("", "attachment"),
        ("a\0b\nc", "a_b_c"),
        ("c:\\key", "c__key"),
        ("ü" * 300 + ".pem", "ü" * 98 + ".pem"),
    ],
)
def test_a_name_from_the_vault_is_never_more_than_the_name_of_a_file(name: str, safe: str) -> None:
    assert private_files.safe_name(name) == safe


SCRIPT = """
import os, sys
from bw_magics.session.storage.private_files import PrivateFiles
block = PrivateFiles().place("canary.txt", iter([b"canary"]), 6)
print(block.__enter__(), flush=True)
{}
"""


def placed_by_another(ending: str) -> Path:
    """Where a process placed a file before it ended."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(ending)], capture_output=True, text=True, timeout=60
    )
    return Path(ended.stdout.strip())


@pytest.mark.parametrize("ending", ["sys.exit(3)", "1 / 0", "pass"])
def test_a_file_is_gone_at_the_end_of_the_process(ending: str) -> None:
    path = placed_by_another(ending)
    assert path.name == "canary.txt"
    assert not path.parent.exists()


@pytest.mark.skipif(not os.path.ismount(MEMORY), reason="no storage in memory here")
def test_what_a_killed_process_left_is_removed_by_the_next_file(unlocked: Session) -> None:
    path = placed_by_another("os.kill(os.getpid(), 9)")
    assert path.read_bytes() == b"canary"
    os.utime(path.parent, (1, 1))

    with attached(unlocked).as_file() as own:
        os.utime(own.parent, (1, 1))
        assert not path.parent.exists()
        with attached(unlocked).as_file():
            assert own.exists(), "a file that is in use stays"


def test_a_forked_child_leaves_the_file_to_its_parent(unlocked: Session) -> None:
    with attached(unlocked).as_file() as path:
        child = os.fork()
        if child == 0:
            unlocked.vault.lock()
            os._exit(0 if path.exists() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert path.exists()


def test_a_saved_file_is_private_and_replaces_an_older_one(
    unlocked: Session, tmp_path: Path
) -> None:
    file, expected = attached(unlocked), plain(unlocked)
    target = tmp_path / "new folder" / "key.json"

    assert file.save(target) is False
    assert target.read_bytes() == expected
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700

    target.write_text("older")
    target.chmod(0o644)
    assert file.save(str(target)) is True
    assert target.read_bytes() == expected
    assert stat.S_IMODE(target.stat().st_mode) == 0o600

    file.save(f"{tmp_path}/another/")
    assert (tmp_path / "another" / NAME).read_bytes() == expected
    file.save(tmp_path)
    assert (tmp_path / NAME).read_bytes() == expected
    assert len(list(tmp_path.iterdir())) == 3, "no draft is left"


def test_where_nothing_can_be_written_is_one_typed_error(unlocked: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for target in (tmp_path / "file" / "x", "/proc/none/key.json"):
        with pytest.raises(UsageMistake) as caught:
            attached(unlocked).save(target)
        assert str(target) not in str(caught.value)
