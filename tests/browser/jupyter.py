"""A real Jupyter server and a real browser, and everything that either of them keeps."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import nbformat
from nbformat import v4
from playwright.sync_api import Browser, Locator, Page, WebSocket

# Other work may share the machine: nothing here is in a hurry.
PATIENCE = 120_000
TOKEN = "a-token-for-tests"

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# ipykernel 7 can miss a request that comes while it sends a reply, until somebody connects to it
# (ipython/ipykernel#1554), with any notebook and without any extension; a person reloads the page.
# Here a second connection is made when a kernel that is not busy has left a cell, or the first
# request of all, alone for so long.
_AWAKENING = """
(() => {
    window.awakenings = 0;
    let since = null;
    setInterval(() => {
        const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
        const is_waiting = [...document.querySelectorAll(".jp-InputPrompt")].some(
            (prompt) => prompt.textContent.includes("[*]"));
        if (!kernel || kernel.status === "busy" || (kernel.status === "idle" && !is_waiting)) {
            since = null;
            return;
        }
        since = since ?? Date.now();
        if (Date.now() - since < 10000) return;
        since = null;
        window.awakenings += 1;
        const { wsUrl, token } = kernel.serverSettings;
        const socket = new WebSocket(`${wsUrl}api/kernels/${kernel.id}/channels?token=${token}`);
        setTimeout(() => socket.close(), 2000);
    }, 1000);
})();
"""
_CONTEXT = "window.jupyterapp.shell.currentWidget?.sessionContext"
_SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosaveInterval": 3600},
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
}


def chromium() -> str | None:
    """Where the browser is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


# JupyterLab whose server runs the cells, beside real-time collaboration, which it needs.
SERVER_SIDE = ("jupyterlab", "jupyter-server-nbmodel", "jupyter-collaboration", "anywidget")


def environment_of(packages: Sequence[str], folder: Path) -> str:
    """Makes an environment with these packages; returns its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "environment")], check=True)
    python = str(folder / "environment" / "bin" / "python")
    install = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*install, *packages], check=True)
    return python


def free_settings(folder: Path, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes JupyterLab's settings, as a person would have made them."""
    merged = {name: dict(values) for name, values in _SETTINGS.items()}
    for name, values in settings.items():
        merged.setdefault(name, {}).update(values)
    for name, values in merged.items():
        path = folder / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


@dataclass
class JupyterServer:
    """A running server, with folders of its own."""

    url: str
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def work(self) -> Path:
        """Where its notebooks are."""
        return self.folder / "work"

    def settings(self, settings: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Replaces JupyterLab's settings; takes effect where a page is loaded."""
        folder = self.folder / "settings"
        shutil.rmtree(folder, ignore_errors=True)
        free_settings(folder, settings or {})

    def write(self, name: str, cells: Sequence[str], kernel: str = "python3") -> Path:
        """A notebook with these cells."""
        metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
        notebook = v4.new_notebook(
            cells=[v4.new_code_cell(source) for source in cells], metadata=metadata
        )
        path = self.work / name
        nbformat.write(notebook, path)
        return path

    def kept(self) -> dict[str, bytes]:
        """Every file that server, kernels and front end have written, by its name."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        }


@contextmanager
def jupyter_server(
    folder: Path,
    *,
    environment: Mapping[str, str],
    options: Sequence[str] = (),
    python: str = sys.executable,
) -> Iterator[JupyterServer]:
    """Starts `jupyter lab`, logging at DEBUG; ends it with its kernels."""
    for name in ("work", "settings", "home", "runtime"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    variables = {
        # Under pytest kernels would leave file descriptors alone.
        **{name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "HOME": str(folder / "home"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        **environment,
    }
    command = [
        *(python, "-m", "jupyterlab", "--no-browser", "--debug"),
        *(f"--ServerApp.root_dir={folder / 'work'}", "--ServerApp.port=0"),
        *(f"--IdentityProvider.token={TOKEN}", "--ServerApp.allow_root=True"),
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        *("--ServerApp.open_browser=False", "--LabApp.extension_manager=readonly"),
        *options,
    ]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder / "work",
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = JupyterServer(_address(folder / "runtime", process, log), folder, log, process)
        server.settings()
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(120)


def _address(runtime: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                url = str(json.loads(path.read_text())["url"])
                with urlopen(f"{url}api/status?token={TOKEN}", timeout=20):
                    return url
            except (OSError, ValueError, KeyError):
                pass
        time.sleep(0.2)
    raise RuntimeError(f"The Jupyter server did not start:\n{log.read_text()[-2000:]}")


@dataclass
class NotebookPage:
    """A notebook, open in the browser, and every websocket frame of its page."""

    page: Page
    server: JupyterServer
    path: Path
    front_end: str = "lab"
    frames: list[bytes] = field(default_factory=list, repr=False)

    @classmethod
    def open(
        cls,
        browser: Browser,
        server: JupyterServer,
        path: Path,
        front_end: str = "lab",
        *,
        before: str = "",
    ) -> NotebookPage:
        """Opens a notebook and waits until its kernel is ready. `before` is a script that every
        page runs first.
        """
        context = browser.new_context(viewport={"width": 1100, "height": 800})
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        opened = cls(page, server, path, front_end)
        page.on("websocket", opened._listen)
        page.add_init_script(_AWAKENING)
        if before:
            page.add_init_script(before)
        opened.load()
        return opened

    def load(self, *, idle: bool = True) -> None:
        """Loads the page, or loads it again; waits for the kernel unless it is known to be busy."""
        route = "lab/tree" if self.front_end == "lab" else "notebooks"
        query = f"token={TOKEN}" + ("&reset" if self.front_end == "lab" else "")
        self.page.goto(f"{self.server.url}{route}/{self.path.name}?{query}")
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached")
        self.page.wait_for_function("() => window.jupyterapp !== undefined")
        if idle:
            self._until_idle()

    @property
    def awakenings(self) -> int:
        """How often the kernel had to be woken up since the page was loaded."""
        number: int = self.page.evaluate("window.awakenings")
        return number

    def close(self) -> None:
        """Ends the kernel and closes the page."""
        self._ended("window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
        self.page.context.close()

    def run_all(self) -> None:
        """Run → Run All Cells."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells'); null")

    def run_cell(self, number: int) -> None:
        """Clicks into a cell and runs it."""
        self.cell(number).locator(".cm-content").first.click()
        self.page.keyboard.press("Control+Enter")

    def interrupt(self) -> None:
        """■"""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:interrupt-kernel'); null")

    def trust(self) -> None:
        """Trust Notebook, in the command palette, and the dialog's own button."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:trust'); null")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def save(self) -> dict[str, Any]:
        """Saves the notebook; what is in the file then."""
        self._ended("window.jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_timeout(300)
        saved: dict[str, Any] = json.loads(self.path.read_text())
        return saved

    def _ended(self, begun: str) -> None:
        """Waits for a promise of the page, which may wait for a dialog that nobody answers: two
        saves at once can lead to one.
        """
        self.page.evaluate(
            f"""() => {{
                window.bwEnd = null;
                Promise.resolve({begun}).then(
                    () => {{ window.bwEnd = "done"; }},
                    (error) => {{ window.bwEnd = String(error); }},
                );
            }}"""
        )
        self.page.wait_for_function("() => window.bwEnd !== null")
        assert self.page.evaluate("window.bwEnd") == "done", begun

    def cell(self, number: int) -> Locator:
        """A code cell, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def text(self, number: int) -> str:
        """What a cell shows below its source."""
        return self.cell(number).locator(".jp-Cell-outputWrapper").inner_text().strip()

    def wait_for_text(self, number: int, text: str) -> None:
        """Waits until a cell shows it."""
        self.cell(number).locator(".jp-Cell-outputWrapper").get_by_text(text).first.wait_for()

    @property
    def form(self) -> Locator:
        """The masked form."""
        return self.page.locator("form.bw-card")

    @property
    def stdin_box(self) -> Locator:
        """The front end's own box."""
        return self.page.locator(".jp-Stdin-input").last

    def screenshot(self, name: str) -> None:
        """Saves a picture for a person who wants to look."""
        folder = Path(__file__).parents[1] / "artifacts"
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")

    def wait_until_idle(self) -> None:
        """Waits until the kernel runs nothing and the page shows it."""
        self.page.wait_for_function(
            f"() => {_CONTEXT}?.session?.kernel?.status === 'idle'"
            f" && {_CONTEXT}.session.kernel.connectionStatus === 'connected'"
        )

    def _until_idle(self) -> None:
        self.page.wait_for_function(
            """() => {
                const widget = window.jupyterapp.shell.currentWidget;
                const kernel = widget?.sessionContext?.session?.kernel;
                return kernel && kernel.connectionStatus === "connected"
                    && ["idle", "busy"].includes(kernel.status);
            }"""
        )

    def _listen(self, socket: WebSocket) -> None:
        def keep(frame: str | bytes) -> None:
            self.frames.append(frame.encode() if isinstance(frame, str) else frame)

        socket.on("framesent", keep)
        socket.on("framereceived", keep)
