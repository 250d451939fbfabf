"""Storage options at a real S3 server on loopback, and what pickles, repr and JSON of them hold."""

from __future__ import annotations

import json
import pickle
from importlib.metadata import PackageNotFoundError
from typing import Any

import cloudpickle
import dask.bag
import fsspec
import gcsfs
import pandas  # type: ignore[import-untyped]
import polars
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bw_magics import Vault
from bw_magics.demo.items.plain import NOTE, attachment, hidden, item, login
from bw_magics.errors import ExtraMissing, FieldNotFound, NotOffered, NotPickled, VaultLocked
from bw_magics.vault.item import Item
from tests.integrations.world import World, marker

pytestmark = pytest.mark.libraries


def test_the_options_show_masks(world: World, lake: Item) -> None:
    options = lake.storage_options("s3")

    assert options["secret"] == lake.password
    assert options["client_kwargs"] == {"region_name": "eu-central-1"}
    assert not world.found_in(repr(options), str(options), repr(lake.polars_options("s3")))


def test_pandas_dask_and_polars_read_with_them(world: World, lake: Item) -> None:
    options = lake.storage_options("s3")
    frame = pandas.read_csv("s3://lake/sales.csv", storage_options=options)

    with dask.config.set(scheduler="threads"):
        bag = dask.bag.read_text("s3://lake/sales.csv", storage_options=options)  # type: ignore[no-untyped-call]
        lines = bag.compute()
    query = polars.scan_csv("s3://lake/sales.csv", **lake.polars_options("s3"))

    assert frame["sales"].sum() == 30
    assert len(lines) == 3
    assert query.collect()["sales"].sum() == 30
    assert not world.found_in(repr(query), query.explain())


def test_a_block_makes_them_the_default_and_then_no_more(lake: Item) -> None:
    with lake.as_storage("s3"):
        assert pandas.read_csv("s3://lake/sales.csv")["sales"].sum() == 30
        with lake.as_storage("s3"):
            pass
        assert fsspec.filesystem("s3").storage_options["secret"] == lake.password

    assert "s3" not in fsspec.config.conf
    assert "secret" not in fsspec.filesystem("s3", anon=True).storage_options


def test_pickles_carry_no_value(world: World, lake: Item) -> None:
    files = fsspec.filesystem("s3", **lake.storage_options("s3"))
    with lake.as_storage("s3"):
        default = fsspec.filesystem("s3")
    query = polars.scan_csv("s3://lake/sales.csv", **lake.polars_options("s3"))

    for each in (files, default, files.open("lake/sales.csv"), lake.storage_options("s3")):
        for dumps in (pickle.dumps, cloudpickle.dumps):
            with pytest.raises(NotPickled):
                dumps(each)
    for write in (pickle.dumps, polars.LazyFrame.serialize):
        with pytest.raises(polars.exceptions.ComputeError, match="not pickled") as caught:
            write(query)
        assert not world.found_in(str(caught.value))


def test_a_changed_secret_gets_a_file_system_of_its_own(
    world: World, vault: Vault, lake: Item
) -> None:
    before = fsspec.filesystem("s3", **lake.storage_options("s3"))
    again = fsspec.filesystem("s3", **lake.storage_options("s3"))
    changed = lake.edit(password=marker("changed"))
    after = fsspec.filesystem("s3", **changed.storage_options("s3"))

    assert again is before
    assert after is not before
    assert after.storage_options["secret"] == changed.password


def test_json_of_a_file_system_holds_the_value(world: World, lake: Item) -> None:
    """What docs/integrations.md says leaks."""
    files = fsspec.filesystem("s3", **lake.storage_options("s3"))
    assert world.found_in(files.to_json())


def test_a_file_system_is_kept_past_a_lock(vault: Vault, lake: Item) -> None:
    """What docs/integrations.md says leaks."""
    files = fsspec.filesystem("s3", **lake.storage_options("s3"))
    vault.lock()

    assert files in type(files)._cache.values()
    assert files.exists("lake/sales.csv")


def key_file() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "0de3",
        "private_key": pem.decode(),
        "client_email": "notebooks@demo.example",
        "token_uri": "https://oauth.demo.example/token",
    }


@pytest.mark.parametrize("place", ["attachment", "notes"])
def test_gcsfs_takes_a_service_account_and_does_not_pickle_it(
    world: World, vault: Vault, place: str
) -> None:
    account = key_file()
    name, data = f"Google {place}", json.dumps(account)
    members: dict[str, Any] = {"notes": data}
    if place == "attachment":
        members = {"attachments": [attachment(name, "key.json", data.encode())]}
    world.add(item(NOTE, name, **members))
    vault.sync(force=True)

    options = vault[name].storage_options("gs")
    files = gcsfs.GCSFileSystem(**options)

    assert files.credentials.credentials.service_account_email == account["client_email"]
    assert account["private_key"][100:140] not in repr(options) + repr(files.storage_options)
    with pytest.raises(NotPickled):
        pickle.dumps(files)


# Bad input.


@pytest.mark.parametrize(
    ("name", "protocol", "error", "says"),
    [
        ("No password", "s3", FieldNotFound, "'No password' has no secret access key"),
        ("No password", "gs", FieldNotFound, "no key file"),
        ("Warehouse DB", "gs", FieldNotFound, "no key file"),
        ("Lake", "abfs", NotOffered, "s3 and gs"),
    ],
)
def test_an_item_that_does_not_say_enough_is_one_typed_error(
    world: World, vault: Vault, name: str, protocol: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        vault[name].storage_options(protocol)
    assert says in str(caught.value)
    assert not world.found_in(str(caught.value))


def test_access_keys_in_custom_fields_win_over_user_name_and_password(
    world: World, vault: Vault
) -> None:
    fields = [hidden("Access Key ID", "AKIAFIELD"), hidden("AWS_SECRET_ACCESS_KEY", marker("own"))]
    world.add(login("Both", "ada", marker("both"), label="Both", fields=fields))
    vault.sync(force=True)

    options = vault["Both"].storage_options("s3")

    assert (options["key"], options["secret"]) == ("AKIAFIELD", fields[1]["value"])


def test_a_locked_vault_and_a_missing_library_name_the_next_step(
    vault: Vault, lake: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(package: str) -> str:
        raise PackageNotFoundError(package)

    for found, says in ((lambda _: "2023.1", "too old"), (missing, "is not installed")):
        with monkeypatch.context() as patch:
            patch.setattr("bw_magics.adapters.extra.version", found)
            with pytest.raises(ExtraMissing, match=says), lake.as_storage("s3"):
                pass
    vault.lock()
    with pytest.raises(VaultLocked):
        lake.storage_options("s3")
