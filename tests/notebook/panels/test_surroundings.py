"""Where a form is of no use, and whose machine it is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher, DisplayPublisher

from bw_magics.notebook.ask.surroundings import cannot_show_forms, whose_machine


@pytest.mark.parametrize(
    ("environment", "names", "expected"),
    [
        ({}, {}, False),
        ({"COLAB_RELEASE_TAG": "r"}, {}, True),
        ({"VSCODE_PID": "1"}, {}, True),
        ({"VSCODE_PID": "1", "JPY_SESSION_NAME": "n.ipynb"}, {}, False),
        ({}, {"__vsc_ipynb_file__": "n.ipynb"}, True),
    ],
)
def test_colab_and_vs_code_have_their_own_box(
    environment: dict[str, str], names: dict[str, str], expected: bool
) -> None:
    shell = SimpleNamespace(user_ns=names, display_pub=DisplayPublisher())

    assert cannot_show_forms(shell, environment) is expected


def test_captured_output_shows_no_form() -> None:
    shell = SimpleNamespace(user_ns={}, display_pub=CapturingDisplayPublisher())

    assert cannot_show_forms(shell, {})


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"BINDER_REPO_URL": "x", "JUPYTERHUB_USER": "jovyan"}, "%bw_demo"),
        ({"JUPYTERHUB_USER": "ada"}, "shared hub"),
        ({"COLAB_RELEASE_TAG": "r"}, "Google"),
    ],
)
def test_the_message_of_a_machine_that_is_not_yours(environment: dict[str, str], word: str) -> None:
    assert word in whose_machine(environment)
    assert "not yours" in whose_machine(environment)


def test_nothing_is_said_of_your_own() -> None:
    assert whose_machine({"PATH": "x"}) == ""
