"""References in OmegaConf and Hydra, and everything that they write."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError

from bw_magics import Vault
from bw_magics.demo.items.plain import login
from bw_magics.integrations.omegaconf import register
from bw_magics.secret import Secret
from tests.integrations.world import World, marker

NESTED = {
    "db": {
        "password": "${bw:Warehouse DB/password}",
        "url": "postgresql://analyst:${bw:Work/Warehouse DB/password}@db.demo.example",
        "token": "${bw:bw://Warehouse DB/token}",
        "again": "${db.password}",
    }
}


@pytest.fixture(autouse=True)
def resolver(vault: Vault) -> None:
    register()


@pytest.fixture
def config() -> DictConfig:
    return OmegaConf.create(NESTED)


def test_a_reference_is_resolved_at_each_access(world: World, config: DictConfig) -> None:
    assert config.db.password == world.password
    assert isinstance(config.db.password, Secret)
    assert config.db.token == world.token
    assert config.db.again == world.password
    assert config.db.url == f"postgresql://analyst:{world.password}@db.demo.example"
    assert type(config.db.url) is str, "a text that contains a reference shows its secret"
    assert not world.found_in(repr(config), str(config), OmegaConf.to_yaml(config))


@pytest.mark.parametrize("name", ["a, b", "it's", "Größe #1: {x} [y]", "100%", "1234", "a = b"])
def test_any_name_can_be_written_in_quotes(world: World, vault: Vault, name: str) -> None:
    password = marker("odd")
    world.add(login(name, "ada", password, label=name))
    vault.sync(force=True)
    quoted = name.replace("'", "\\'").replace("%", "%25")

    config = OmegaConf.create({"x": f"${{bw:'{quoted}/password'}}"})

    assert config.x == password
    with pytest.warns(UserWarning, match="written in place"):
        again = OmegaConf.create(OmegaConf.to_yaml(config, resolve=True))
    assert again.x == password


def test_saving_resolved_writes_the_reference_and_warns(
    world: World, config: DictConfig, tmp_path: Path
) -> None:
    stream = io.StringIO()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        OmegaConf.save(config, tmp_path / "config.yaml", resolve=True)
        OmegaConf.save(config, stream, resolve=True)

    warned = "\n".join(str(each.message) for each in caught)
    assert "The reference ${bw:Warehouse DB/password} was written in place" in warned
    assert not world.found_in(stream.getvalue(), warned, folders=[tmp_path])
    again = OmegaConf.load(tmp_path / "config.yaml")
    assert again.db.url == config.db.url
    assert again.db.again == world.password


def test_resolving_in_place_gives_plain_text_that_saving_writes(
    world: World, config: DictConfig
) -> None:
    """What docs/integrations.md says leaks."""
    OmegaConf.resolve(config)

    assert type(config.db.password) is str
    assert world.found_in(OmegaConf.to_yaml(config))


def test_a_structured_configuration_takes_it(world: World) -> None:
    @dataclass
    class Database:
        port: int = 5432
        password: str = "${bw:Warehouse DB/password}"

    config = OmegaConf.structured(Database)

    assert config.password == world.password
    assert OmegaConf.to_object(config) == Database(5432, world.password)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${bw:Warehouse BD/password}", "Warehouse DB"),
        ("${bw:Warehouse DB/pasword}", "password"),
        ("${bw:Twin/password}", "2 items fit"),
        ("${bw:only a name}", "names an item, and no field of it"),
        ("${bw:a, b/password}", "in quotes"),
        ("${bw:1234}", "in quotes"),
    ],
)
def test_a_mistake_is_omegaconfs_error_with_our_sentence(
    world: World, text: str, says: str
) -> None:
    config = OmegaConf.create({"x": text})
    with pytest.raises(InterpolationResolutionError) as caught:
        _ = config.x
    assert says in str(caught.value)
    assert not world.found_in(str(caught.value))


PROGRAM = """\
import hydra
from hydra.utils import instantiate
from bw_magics.integrations.omegaconf import register

register()

class Client:
    def __init__(self, password):
        self.password = password

@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config):
    client = instantiate(config.client)
    print("the length is", len(client.password), len(config.client.password))

main()
"""


@pytest.mark.libraries
def test_hydra_instantiates_with_it_and_writes_only_references(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/config.yaml").write_text(
        "client:\n  _target_: __main__.Client\n  password: ${bw:Warehouse DB/password}\n"
    )
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    where = f"hydra.run.dir={tmp_path}/outputs"

    ran = world.python(str(program), where, "hydra.verbose=true")
    shown = world.python("-W", "ignore", str(program), "--cfg", "job", "--resolve")

    assert f"the length is {len(world.password)} {len(world.password)}" in ran.stdout
    assert "${bw:Warehouse DB/password}" in shown.stdout
    assert (tmp_path / "outputs/.hydra/config.yaml").exists()
    written = [tmp_path, world.folder]
    assert not world.found_in(ran.stdout, ran.stderr, shown.stdout, shown.stderr, folders=written)
