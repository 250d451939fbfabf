"""In workers, which inherit the environment with the key: the key goes to the server of the kernel,
and nowhere where that cannot be known.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import CredentialsConflict
from tests.notebook.conftest import Notebook
from tests.notebook.test_meant_servers import ACCESS_TOKEN
from tests.notebook.test_same_server_again import KEY, TOKEN
from tests.notebook.test_same_server_again import only_key as only_key
from tests.session.conftest import eventually

LOGIN = f"import os\nfrom bw_magics import bw_session\nbw_session.login({KEY})"
WORK = {
    "the vault of the process": "from bw_magics.session.process_vault import process\n"
    "process().vault().logout()",
    "a login": LOGIN,
}
TOKEN_WORK = "from bw_magics.session.process_vault import process\nprocess().machine().logout()"
POOL = "import multiprocessing\npool = multiprocessing.get_context({!r}).Pool(1)\nrun = pool.apply"
EXECUTOR = (
    "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\n"
    "context = multiprocessing.get_context({!r})\n"
    "pool = ProcessPoolExecutor(1, mp_context=context)\n"
    "run = lambda *asked: pool.submit(asked[0], *asked[1]).result()"
)
JOBLIB = (
    "import joblib\n"
    "def run(function, arguments):\n"
    "    joblib.Parallel(2, pre_dispatch=1)([(function, arguments, {})] * 2)"
)
DASK = (
    "from distributed import Client\n"
    "client = Client(n_workers=1, threads_per_worker=1, dashboard_address=None)\n"
    "run = lambda *asked: client.submit(asked[0], *asked[1], pure=False).result()"
)
WORKERS = {
    "spawn": POOL.format("spawn"),
    "forkserver": POOL.format("forkserver"),
    "fork": POOL.format("fork"),
    "an executor": EXECUTOR.format("spawn"),
}
OTHERS = {
    "joblib": JOBLIB,
    "an executor of loky": "import joblib.externals.loky\n" + EXECUTOR.format("loky"),
    "a nanny": DASK,
}
END = (
    "import joblib.externals.loky\n"
    "joblib.externals.loky.get_reusable_executor().shutdown(kill_workers=True)\n"
    "if 'client' in vars(): client.shutdown()\n"
    "elif hasattr(pool := vars().get('pool'), 'shutdown'): pool.shutdown()\n"
    "elif pool is not None: pool.terminate(); pool.join()\n"
)


def wait_until_idle(server: DemoServer) -> None:
    """Waits until no thread of the server answers: of one that closes a connection at the moment
    of a fork, the child would keep the lock of OpenSSL, and wait for it for ever.
    """
    assert server._listener is not None
    server._listener.hang_up()
    eventually(
        lambda: all("process_request" not in thread.name for thread in threading.enumerate())
    )


@pytest.fixture
def kernel(only_key: DemoServer, notebook: Notebook) -> Iterator[Notebook]:
    """A notebook whose workers start as those of a kernel, with a server that it does not know."""
    vars(notebook.shell.user_module)["__spec__"] = None
    yield notebook
    notebook(END)


@pytest.mark.parametrize("how", ["%bw config server {url}", "%bw_login --server {url}"])
@pytest.mark.parametrize("workers", WORKERS.values(), ids=WORKERS)
@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_a_worker_knows_the_server_of_its_kernel(
    only_key: DemoServer, kernel: Notebook, how: str, work: str, workers: str
) -> None:
    kernel(f"{how.format(url=only_key.url)}\n%bw_logout")
    only_key.requests.clear()
    wait_until_idle(only_key)
    came = kernel.attempt(f"{workers}\nrun(exec, ({work!r}, {{}}))")
    assert ("POST", TOKEN) in only_key.requests, came.text


@pytest.mark.parametrize("workers", OTHERS.values(), ids=OTHERS)
def test_a_worker_of_another_library_knows_it_too(
    only_key: DemoServer, kernel: Notebook, workers: str
) -> None:
    kernel(f"%bw config server {only_key.url}")
    only_key.requests.clear()
    came = kernel.attempt(f"{workers}\nrun(exec, ({LOGIN!r}, {{}}))")
    assert ("POST", TOKEN) in only_key.requests, came.text


EARLY = {
    **{f"a login, {name}": (LOGIN, workers) for name, workers in (WORKERS | OTHERS).items()},
    **{name: (work, WORKERS["spawn"]) for name, work in WORK.items()},
    "a token": (TOKEN_WORK, WORKERS["spawn"]),
}


@pytest.mark.parametrize(("work", "workers"), EARLY.values(), ids=EARLY)
def test_a_worker_that_began_before_its_kernel_named_a_server_stops(
    only_key: DemoServer,
    kernel: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    work: str,
    workers: str,
) -> None:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", ACCESS_TOKEN)
    kernel(f"{workers}\nrun(exec, ('', {{}}))")
    kernel(f"%bw config server {only_key.url}")
    came = kernel.attempt(f"run(exec, ({work!r}, {{}}))")
    assert isinstance(came.error, CredentialsConflict), came.text
    assert "this process is a worker" in came.error.fact
    assert "us, eu or its address" in str(came.error.remedy)


def test_a_worker_logs_in_where_its_environment_names_the_server(
    only_key: DemoServer, kernel: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BW_SERVER", only_key.url)
    only_key.requests.clear()
    came = kernel.attempt(f"{POOL.format('spawn')}\nrun(exec, ({LOGIN!r}, {{}}))")
    assert ("POST", TOKEN) in only_key.requests, came.text


def test_a_worker_stops_where_the_last_line_of_its_kernel_named_no_server(
    only_key: DemoServer, kernel: Notebook
) -> None:
    kernel(f"%bw_login --server {only_key.url}\n%bw_logout")
    assert kernel.attempt("%bw_login --server vault.bitwarden.con").error is not None
    only_key.requests.clear()
    came = kernel.attempt(f"{POOL.format('spawn')}\nrun(exec, ({LOGIN!r}, {{}}))")
    assert isinstance(came.error, CredentialsConflict), came.text
    assert "could not be read" in came.error.fact
    assert ("POST", TOKEN) not in only_key.requests


def test_a_key_of_a_worker_leaves_the_server_of_its_kernel_to_others(
    only_key: DemoServer, kernel: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", ACCESS_TOKEN)
    kernel(f"%bw config server {only_key.url}")
    only_key.faults[TOKEN] = [Fault(status=503)] * 4
    first = f"try:\n    exec({LOGIN!r})\nexcept Exception:\n    pass\n"
    kernel.attempt(f"{POOL.format('spawn')}\nrun(exec, ({first + TOKEN_WORK!r}, {{}}))")
    assert only_key.requests.count(("POST", TOKEN)) > 1
