"""The Tab key of a shell: it asks `Completion`, which the first Tab imports."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bw_magics.notebook.complete.completion import Completion
    from bw_magics.session.vault import Vault

IDENTIFIER = "bw_magics"

_HOOKED = r".*bw[_:\s]"


def install(shell: Any, vault: Vault) -> None:
    """Adds a matcher to a shell's completer; before IPython 8.6, a hook."""

    @cache
    def completion() -> Completion:
        from bw_magics.notebook.complete.completion import Completion

        return Completion(shell, vault)

    try:
        from IPython.core.completer import context_matcher
    except ImportError:

        def hook(shell: Any, event: Any) -> list[str]:
            return completion().hook(shell, event)

        shell.set_hook("complete_command", hook, re_key=_HOOKED)
        return

    @context_matcher(identifier=IDENTIFIER)  # type: ignore[untyped-decorator] # IPython's own
    def matcher(context: Any) -> Any:
        return completion().match(context)

    shell.Completer.custom_matchers.append(matcher)


def uninstall(shell: Any) -> None:
    """Removes the matcher or the hook."""
    matchers = getattr(shell.Completer, "custom_matchers", [])
    for matcher in list(matchers):
        if getattr(matcher, "matcher_identifier", None) == IDENTIFIER:
            matchers.remove(matcher)
    patterns = getattr(shell.strdispatchers.get("complete_command"), "regexs", {})
    for pattern in list(patterns):
        if pattern.pattern == _HOOKED:
            del patterns[pattern]
