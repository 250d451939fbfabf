"""A real dlt pipeline whose source and destination get secrets from the vault."""

from __future__ import annotations

from typing import Any

import pytest

from bw_magics import Vault
from tests.integrations.world import World

KEYS = {
    "sources.api_token": "bw://Warehouse DB/token",
    "nightly.sources.token": "bw://Warehouse DB/password",
    "misspelt": "bw://Warehouse BD/password",
}


def made(references: dict[str, str]) -> Any:
    """Makes the provider; dlt takes long to import."""
    from bw_magics.integrations.dlt import BitwardenProvider

    return BitwardenProvider(references)


def test_a_key_is_found_with_its_sections_and_pipeline(world: World, vault: Vault) -> None:
    from dlt.common.typing import TSecretStrValue

    provider = made(KEYS)

    found = provider.get_value("api_token", TSecretStrValue, None, "sources")
    assert found == (world.token, "sources.api_token")
    assert provider.get_value("token", str, "nightly", "sources")[0] == world.password
    assert provider.get_value("token", str, None, "sources") == (None, "sources.token")
    assert provider.supports_secrets
    assert not world.found_in(repr(provider), repr(found))


def test_a_mistake_is_dlts_error_with_our_sentence(vault: Vault) -> None:
    from dlt.common.configuration.exceptions import ConfigurationException

    with pytest.raises(ConfigurationException, match="Warehouse DB"):
        made(KEYS).get_value("misspelt", str, None)


def test_a_key_without_a_reference_asks_no_vault() -> None:
    """Nobody is logged in."""
    import dlt

    assert made(KEYS).get_value("else", str, None) == (None, "else")
    assert made({}).is_empty
    assert dlt.secrets is not None


def test_what_dlt_hands_out_is_still_a_secret(world: World, vault: Vault) -> None:
    import dlt
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

    dlt.secrets.register_provider(made(KEYS))
    try:
        found = dlt.secrets["sources.api_token"]
        assert found == world.token
        assert not world.found_in(repr(found), repr(dlt.secrets))
    finally:
        Container()[PluggableRunContext].reload_providers()


PROGRAM = """\
import logging, sys
import dlt
from bw_magics.integrations.dlt import BitwardenProvider

logging.basicConfig(level="DEBUG")
dlt.secrets.register_provider(BitwardenProvider({
    "sources.api_token": "bw://Warehouse DB/token",
    "destination.duckdb.credentials.password": "bw://Warehouse DB/password",
}))

@dlt.resource
def sales(api_token: str = dlt.secrets.value):
    yield {"month": 1, "length": len(api_token)}

pipeline = dlt.pipeline("nightly", destination=dlt.destinations.duckdb("sales.duckdb"),
                        dataset_name="loaded", pipelines_dir="pipelines", progress="log")
print(pipeline.run(sales()))
print(repr(pipeline), pipeline.last_trace.asstr(verbosity=2))
with pipeline.sql_client() as client:
    print("length", [tuple(row) for row in client.execute_sql("select length from sales")])
"""


@pytest.mark.libraries
def test_a_pipeline_loads_and_writes_no_secret(world: World) -> None:
    program = world.folder / "program.py"
    program.write_text(PROGRAM)
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "DEBUG"}

    done = world.python(str(program), variables=quiet)

    assert f"length [({len(world.token)},)]" in done.stdout
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])
