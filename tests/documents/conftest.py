"""Examples run in a notebook as those of tests/notebook do."""

from __future__ import annotations

from tests.notebook.conftest import ipython as ipython
from tests.notebook.conftest import known as known
from tests.notebook.conftest import notebook as notebook
from tests.notebook.conftest import server as server
from tests.notebook.conftest import shared_server as shared_server
from tests.notebook.conftest import shell as shell
from tests.notebook.conftest import trusted as trusted
