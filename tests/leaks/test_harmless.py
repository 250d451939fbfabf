"""Masking damages nothing: with the worst passwords a vault can hold, protocol, prompts, numbers,
addresses and plots stay whole.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoAccount
from bw_magics.demo.items.plain import PlainVault, login

from .conftest import own_folders
from .kernel import Kernel, Messages, vault_server

WORDS = ("password", "postgres", "status", "us-east-1", "123456")
# As user names and hosts of their items these are never secret.
OWN_NAMES = ("svc-warehouse-etl", "db.warehouse.example")

FETCH = """
import io, json, logging, sys
for item in bw_session.items():
    assert item.password
"""
ACCOUNT = DemoAccount(
    name="Ada Demo",
    email="ada@demo.example",
    client_secret="harmless-client-secret-1",
    master_password="correct-horse-battery-harmless",
    kdf=Pbkdf2(5000),
    contents=PlainVault(
        items=[
            *(login(f"Item {word}", "ada", word) for word in WORDS),
            login("Warehouse login", OWN_NAMES[0], OWN_NAMES[0]),
            login("Warehouse host", "ada", OWN_NAMES[1], ((f"https://{OWN_NAMES[1]}/x", 0),)),
        ]
    ),
)

CELLS = {
    "words": "print('status password postgres us-east-1', 'the password is: secret')",
    "numbers": "print(123456, 0.123456, 123456.7, [1234567, 123456], '123456')",
    "JSON": "from IPython.display import JSON; JSON({'status': 'password', 'n': 123456})",
    "addresses": "print('postgresql+psycopg://postgres@db.us-east-1.example/status?password=x')",
    "own names": f"print({OWN_NAMES!r})",
    "an error": "raise ValueError('status 123456: password of postgres')",
    "a table": "import pandas as pd; pd.DataFrame({'password': [123456], 'status': ['postgres']})",
    "a plot": (
        "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt\n"
        "from IPython.display import Image, SVG\n"
        "plt.rcParams['svg.hashsalt'] = 'x'; figure, axes = plt.subplots()\n"
        "axes.plot([123456, 2]); axes.set_title('status password')\n"
        "f = io.StringIO(); figure.savefig(f, format='svg', metadata={'Date': None})\n"
        "SVG(f.getvalue())"
    ),
    "a picture": (
        "f = io.BytesIO(); figure.savefig(f, format='png', metadata={'Software': None})\n"
        "Image(f.getvalue())"
    ),
    "logging": "logging.getLogger('status').error('password 123456')",
    "a page": "'status'.join?",
    "the next cell": "get_ipython().set_next_input('password = status + 123456')",
}


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Kernel]]:
    """The guard off in the first, on in the second."""
    folder = tmp_path_factory.mktemp("harmless")
    with vault_server(folder, ACCOUNT) as environment:
        kernels = []
        for redact in (False, True):
            home = own_folders(folder / str(redact))
            variables = {**environment, **home}
            log = folder / f"{redact}.log"
            kernels.append(Kernel(variables, log, redact=redact, fetch=FETCH))
        yield kernels
        for kernel in kernels:
            kernel.close()


def shown(messages: Messages) -> list[tuple[str, Any]]:
    """Everything a kernel sent, without what differs from run to run; streams joined."""
    kept: list[tuple[str, Any]] = []
    streams: dict[str, str] = {}
    for message in messages.all:
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            streams[content["name"]] = streams.get(content["name"], "") + content["text"]
        else:
            content = re.sub(
                r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27,}|ipykernel_\d+", "…", repr(content)
            )
            kept.append((kind, content))
    kept += streams.items()
    return sorted(kept)


def test_the_values_are_known_to_be_unmaskable_and_that_was_said(kernels: list[Kernel]) -> None:
    said = kernels[1].start.text

    assert "Item password / password is not masked in outputs" in said
    assert "not masked" not in kernels[0].start.text


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_shows_the_same_with_the_guard_as_without(name: str, kernels: list[Kernel]) -> None:
    without, with_guard = (shown(kernel.run(CELLS[name])) for kernel in kernels)

    assert with_guard == without


FORCED = ("status", "password", "idle", "stdout", "display_data", "execute_reply", "IPython")


@pytest.fixture(scope="module")
def forced(kernels: list[Kernel]) -> Kernel:
    """The guard made to mask words of the protocol, against its own rules."""
    kernel = kernels[1]
    kernel.run("from bw_magics.notebook.extension import registered")
    guard = "registered(get_ipython()).guard"
    kernel.run(f"for word in {FORCED}: {guard}._matcher.learn(word)\n{guard}._install()")
    return kernel


def test_even_words_of_the_protocol_do_not_change_the_protocol(forced: Kernel) -> None:
    came = forced.run("print('status')")
    kinds = {message["header"]["msg_type"] for message in came.all}
    texts = [m["content"] for m in came.all if m["header"]["msg_type"] == "stream"]

    assert {"status", "execute_input", "stream", "execute_reply"} <= kinds
    assert [content["name"] for content in texts] == ["stdout"] * len(texts)
    assert "".join(itertools.chain(content["text"] for content in texts)).startswith("[REDACTED]")


def test_a_prompt_stays_masked_with_password_as_a_password(forced: Kernel) -> None:
    came = forced.run("import getpass; answer = getpass.getpass('Type it: ')", answers=("typed",))
    [request] = [m["content"] for m in came.all if m["header"]["msg_type"] == "input_request"]

    assert request == {"prompt": "Type it: ", "password": True}
    assert "typed" not in came.text
    assert "True" in forced.run("answer == 'typed'").text


def test_a_display_is_updated_by_its_id_whatever_that_is_called(forced: Kernel) -> None:
    came = forced.run(
        "from IPython.display import display, update_display\n"
        "display(1, display_id='password'); update_display(2, display_id='password')"
    )
    ids = [m["content"]["transient"] for m in came.all if "transient" in m["content"]]

    assert ids == [{"display_id": "password"}] * 2


def test_a_widget_still_is_one(forced: Kernel) -> None:
    came = forced.run("import ipywidgets as w; x = w.IntSlider(description='n'); x.value = 5; x")
    opened = [m for m in came.all if m["header"]["msg_type"] == "comm_open"]
    updated = [m for m in came.all if m["header"]["msg_type"] == "comm_msg"]

    assert any(m["content"]["data"]["state"]["_model_name"] == "IntSliderModel" for m in opened)
    assert {m["content"]["data"]["method"] for m in updated} == {"update"}
