"""`NotPickled`: the error for a secret that is about to be pickled.

`bw_magics.errors` has it, too, and imports it only then: most programs pickle nothing.
"""

from __future__ import annotations

from pickle import PicklingError

from bw_magics.base_error import BitwardenError


class NotPickled(BitwardenError, PicklingError):
    """A secret is not pickled.

    It is not a `TypeError`: Ray shows the object itself in the error that it makes from one.
    """
