"""The lines of `%bw_status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.session.clock import clock_time
from bw_magics.session.status import Status

if TYPE_CHECKING:
    from bw_magics.session.machine.secrets_manager import MachineStatus


def describe(status: Status) -> list[str]:
    """Describes a status in lines: the state, its reason, the server, the age, the next step."""
    if status.state == "unauthenticated":
        return [f"unauthenticated: {status.reason}. Next: {status.next_step}"]
    first: str = status.state
    if status.state == "locked":
        first += f": {status.reason}. Next: {status.next_step}"
    elif status.items is not None:
        first += f" · {_count(status.items, 'item')}"
        if status.unreadable:
            first += f", {status.unreadable} of them unreadable"
    lines = [first, f"server: {status.server} · API key from {status.source}"]
    if status.is_unconfirmed and status.synced_at is not None:
        lines.append(f"kept at {clock_time(status.synced_at)}; the server has not answered yet")
    elif status.is_syncing:
        lines.append("syncing now")
    elif status.synced_at is not None:
        lines.append(f"Last synced at {clock_time(status.synced_at)}")
    if status.state == "unlocked":
        lines.append(auto_lock(status))
    if status.problem:
        lines.append(f"problem: {status.problem}")
    return lines


def auto_lock(status: Status) -> str:
    """Describes when an unlocked vault locks itself."""
    at = status.locks_at
    return "Auto-lock: off" if at is None else f"locks at {clock_time(at)} if idle"


def describe_machine(status: MachineStatus | None) -> list[str]:
    """Describes the Secrets Manager in lines; none where nobody has logged in to it."""
    if status is None or not status.is_logged_in:
        reason = status.reason if status is not None else None
        return [f"Secrets Manager: logged out, {reason}"] if reason else []
    first = "Secrets Manager: logged in"
    if status.secrets is not None:
        projects = _count(status.projects or 0, "project")
        first += f" · {_count(status.secrets, 'secret')} in {projects}"
    lines = [first, f"  server: {status.server} · access token from {status.source}"]
    if status.synced_at is not None:
        lines.append(f"  Last synced at {clock_time(status.synced_at)}")
    if status.problem:
        lines.append(f"  problem: {status.problem}")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
