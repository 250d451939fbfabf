"""`%bw_scan`: known secrets, searched for in notebooks, files, histories and git."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import PROFILE, argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY
from bw_magics.shown import harmless

if TYPE_CHECKING:
    from bw_magics.scan.hit import Hit
    from bw_magics.scan.scan import Scan
    from bw_magics.secret import Secret

# So many lines are shown; the list that the magic returns has all.
_MOST_SHOWN = 200
# So many problems and skipped items are told.
_MOST_TOLD = 10


class Hits(list["Hit"]):
    """The hits of a scan. Shows itself as lines; no hit holds a value."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        lines = [str(hit) for hit in self[:_MOST_SHOWN]]
        if len(self) > _MOST_SHOWN:
            lines.append(f"… and {len(self) - _MOST_SHOWN:,} more")
        printer.text("\n".join(map(harmless, lines)))


@REGISTRY.add
class ScanMagics(VaultMagics):
    """`%bw_scan`."""

    @magic_arguments()
    @argument("paths", metavar="PATH", nargs="*", help="files and folders; this folder by default")
    @argument("--git", action="store_true", help="also every object of the git repository")
    @argument("--history", action="store_true", help="also IPython's history")
    @argument("--fix", action="store_true", help="empty the outputs with a hit, after asking")
    @argument(
        "--remember",
        action="store_true",
        help="keep fingerprints, for python -m bw_magics.scan without a vault",
    )
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_scan(self, line: str) -> object:
        """Search notebooks, files, histories and git for secrets of the vault: %bw_scan --git

        It searches for every secret of the unlocked vault, in every form that the output guard
        knows: in sources, outputs, attachments and metadata of notebooks, in checkpoints, text and
        databases. A hit names file, cell, output, line or commit, and item and field, never the
        value. Folders of packages (node_modules, environments) are left out.

        --fix empties the outputs with a hit and leaves sources to you. A secret that was found was
        readable there: change it in any case.
        """
        from bw_magics.scan.known import KnownValues, values_of
        from bw_magics.scan.places import history_folder
        from bw_magics.scan.scan import Scan

        arguments = self.arguments(self.bw_scan, line)
        if arguments.fix and not self.session.can_ask(arguments):
            raise UsageMistake("--fix asks first, and nobody is there to ask.", "Leave it out.")
        skipped: list[str] = []
        values = list(values_of(self.session.vault(arguments), skipped=skipped.append))
        if arguments.remember:
            self._remember(values)
        scan = Scan(KnownValues(values), self.session.progress)
        paths = [Path(path).expanduser() for path in arguments.paths]

        def search() -> None:
            if paths or not (arguments.git or arguments.history):
                scan.paths(paths or [Path()])
            if arguments.history:
                scan.history(history_folder())
            if arguments.git:
                scan.repository(next((path for path in paths if path.is_dir()), Path()))

        self.session.waiting(search)
        self._tell(f"not searched for: {text}" for text in skipped)
        self._tell(f"not searched: {problem}" for problem in scan.problems)
        found = f"{len(scan.hits):,} found" if scan.hits else "nothing found"
        sign = "⚠" if scan.hits else "✓"
        self.session.say(f"{sign} {scan.summary} for {scan.values:,} values: {found}")
        if arguments.fix and scan.notebooks:
            self._fix(scan, arguments)
        return Hits(scan.hits) if scan.hits else None

    def _remember(self, values: list[Secret]) -> None:
        from bw_magics.scan.fingerprints import Fingerprints, make_key
        from bw_magics.scan.places import FINGERPRINTS, KEY

        key = make_key(KEY)
        made, left_out = Fingerprints.of(values, key)
        made.save(FINGERPRINTS, key)
        self.session.say(f"✓ {made.count:,} fingerprints in {FINGERPRINTS}, their key in {KEY}")
        if left_out:
            self.session.say(
                f"{len(left_out):,} values have none, because they could be guessed: "
                f"{', '.join(sorted(left_out)[:_MOST_TOLD])}{', …' * (len(left_out) > _MOST_TOLD)}"
            )

    def _fix(self, scan: Scan, arguments: Arguments) -> None:
        count = len(scan.notebooks)
        what = "1 notebook" if count == 1 else f"{count} notebooks"
        answer = input(f"Empty the outputs with a hit in {what}? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            self.session.say("nothing was changed")
            return
        for path in scan.empty_outputs():
            self.session.say(f"✓ emptied: {path}")

    def _tell(self, texts: Iterable[str]) -> None:
        lines = list(texts)
        for text in lines[:_MOST_TOLD]:
            self.session.say(text)
        if len(lines) > _MOST_TOLD:
            self.session.say(f"… and {len(lines) - _MOST_TOLD:,} more like that")
