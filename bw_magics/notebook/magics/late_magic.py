"""`LateMagics`: the magics of a shell. A module of the index is imported when one is first used."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from bw_magics.notebook.magics.index import INDEX
from bw_magics.notebook.registry import REGISTRY

if TYPE_CHECKING:
    from bw_magics.notebook.magics.base import VaultMagics
    from bw_magics.notebook.magics.shell_session import ShellSession


class LateMagics:
    """The magics of one shell, made from the registered classes, and what they share."""

    def __init__(self, shell: Any, session: ShellSession) -> None:
        self.session = session
        self._shell = shell
        self._made: dict[str, list[VaultMagics]] = {}
        self._making = RLock()

    def register(self) -> None:
        """Registers every magic with the shell; for one of the index, what stands in for it."""
        tables = self._shell.magics_manager.magics
        for module, magics in INDEX.items():
            for magic in magics:
                table = tables["cell" if magic.startswith("%%") else "line"]
                name = magic.lstrip("%")
                table[name] = LateMagic(self, name, f"{__package__}.{module}")
        self._make("", REGISTRY.unexpected)

    def remove(self) -> None:
        """Takes all of them out of the shell."""
        made = [each for several in self._made.values() for each in several]
        for table in self._shell.magics_manager.magics.values():
            for name, magic in list(table.items()):
                late = magic if isinstance(magic, LateMagic) else None
                if late.of is self if late else getattr(magic, "__self__", None) in made:
                    del table[name]
        for each in made:
            self._shell.configurables.remove(each)
            del self._shell.magics_manager.registry[type(each).__name__]

    def found(self, name: str, module: str) -> Any:
        """Gives the magic of that name itself."""
        with self._making:
            if module not in self._made:
                self._make(module, REGISTRY.of(module))
            return next(getattr(each, name) for each in self._made[module] if hasattr(each, name))

    def _make(self, module: str, kinds: tuple[type, ...]) -> None:
        made = self._made[module] = [kind(self._shell, self.session) for kind in kinds]
        self._shell.register_magics(*made)


class LateMagic:
    """What stands in for a magic until it is used; then the magic takes its place."""

    def __init__(self, of: LateMagics, name: str, module: str) -> None:
        self.of = of
        self._name = name
        self._module = module

    @property
    def __doc__(self) -> str | None:  # type: ignore[override] # of each magic
        """The text of the magic, which `%magic` shows."""
        found: str | None = self.of.found(self._name, self._module).__doc__
        return found

    def __call__(self, *arguments: str) -> Any:
        """Runs the magic."""
        return self.of.found(self._name, self._module)(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of.found(self._name, self._module), name)
