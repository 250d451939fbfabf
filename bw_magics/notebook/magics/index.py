"""`INDEX`: the magics of each module here, as they are called.

`python -m tests.documents.generated` writes it. Loading the extension registers these names, and
imports no module that is named here. Help, completion and documentation keep this order.
"""

INDEX: dict[str, tuple[str, ...]] = {
    "session": (
        "%bw_login",
        "%bw_unlock",
        "%bw_status",
        "%bw_sync",
        "%bw_lock",
        "%bw_logout",
    ),
    "reading": (
        "%bw_get",
        "%bw_list",
    ),
    "writing": (
        "%bw_create",
        "%bw_edit",
    ),
    "filing": (
        "%bw_delete",
        "%bw_restore",
        "%bw_archive",
        "%bw_move",
    ),
    "rotating": ("%bw_rotate",),
    "connect": ("%bw_connect",),
    "environment": (
        "%bw_env",
        "%%bw_env",
    ),
    "checking": (
        "%bw_needs",
        "%bw_check",
        "%%bw_needs",
    ),
    "log": ("%bw_log",),
    "scanning": ("%bw_scan",),
    "generator": ("%bw_generate",),
    "api_key": ("%bw_apikey",),
    "demo": ("%bw_demo",),
    "bw": (
        "%bw",
        "%bw_config",
    ),
    "asked": (),
    "attachment": (),
    "base": (),
    "cell_scope": (),
    "commands": (),
    "failed_lookup": (),
    "finding": (),
    "for_ever": (),
    "generator_options": (),
    "index": (),
    "late_magic": (),
    "machine_writing": (),
    "settings": (),
    "shell_session": (),
    "typed_needs": (),
    "wanted": (),
}
