"""urllib: `item.adapt("urllib")` is an opener that logs in at the item's address as its user.

A package of somebody else's, as docs/integrations.md describes it.
"""

import urllib.request

from bw_magics import Item


def opener(item: Item, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """Makes an opener that sends user name and password to the item's address only."""
    passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
    passwords.add_password(
        None,
        item.uri or "",
        item.username or "",
        item.password or "",
        is_authenticated=True,
    )
    return urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords), *handlers)
