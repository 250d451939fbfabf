"""The official CLI, used as a person has to: one process a step."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.demo_process import DemoProcess
from benchmarks.process import ROOT, Run, bare_environment, run

INSTALLED = ROOT / "tests" / "interop" / "node_modules" / ".bin" / "bw"


@dataclass(frozen=True, slots=True)
class Steps:
    """The three processes from nothing to one password."""

    login: Run
    unlock: Run
    get: Run

    @property
    def wall(self) -> float:
        """Seconds by the clock, of all three."""
        return self.login.wall + self.unlock.wall + self.get.wall

    @property
    def cpu(self) -> float:
        """Seconds of CPU, of all three."""
        return self.login.cpu + self.unlock.cpu + self.get.cpu


class OfficialCli:
    """The `bw` at a path; `version` is what it says of itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with tempfile.TemporaryDirectory() as home:
            self.version = run([path, "--version"], self._environment(Path(home))).output

    @classmethod
    def find(cls, path: Path | None = None) -> OfficialCli | None:
        """The one at `path`, else the pinned one that the tests install, else the one on PATH."""
        if path is None:
            on_path = shutil.which("bw")
            path = INSTALLED if INSTALLED.exists() else Path(on_path) if on_path else None
        return None if path is None else cls(path)

    def first_secret(self, demo: DemoProcess, name: str, password: str) -> Steps:
        """Login, unlock and one password, with a data folder of its own.

        Naming the server is not timed. Raises `RuntimeError` where the password is not the right
        one.
        """
        with tempfile.TemporaryDirectory() as home:
            environment, login, unlock = self._unlock(demo, Path(home))
            get = run([self.path, "get", "password", name], environment)
        if get.output != password:
            raise RuntimeError("bw gave another password than the one in the vault.")
        return Steps(login, unlock, get)

    def unlocked(self, demo: DemoProcess, home: Path) -> dict[str, str]:
        """Logs in and unlocks with the data folder below `home`; the environment to go on in."""
        environment, _, _ = self._unlock(demo, home)
        return environment

    def _unlock(self, demo: DemoProcess, home: Path) -> tuple[dict[str, str], Run, Run]:
        environment = {**self._environment(home), **demo.environment}
        run([self.path, "config", "server", demo.url], environment)
        login = run([self.path, "login", "--apikey"], environment)
        unlock = run([self.path, "unlock", "--passwordenv", "BW_PASSWORD", "--raw"], environment)
        environment["BW_SESSION"] = unlock.output
        return environment, login, unlock

    @staticmethod
    def _environment(home: Path) -> dict[str, str]:
        folder = str(home / "bw")
        return {
            **bare_environment(home),
            "BITWARDENCLI_APPDATA_DIR": folder,
            "BW_NOINTERACTION": "true",
        }
