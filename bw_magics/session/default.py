"""`bw_session`: the one vault of this process, for notebooks and plain programs alike."""

from __future__ import annotations

from bw_magics.session.presented import PresentedVault

bw_session = PresentedVault()
