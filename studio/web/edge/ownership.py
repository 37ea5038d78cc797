"""Whose are the files that Gradio took in, and its sessions: whoever brought them, and nobody else's.

Gradio itself asks only whether someone knows the path or the session's name. What is remembered here has a bound: what
was not used for the longest time is forgotten first, and must then be uploaded again.
"""

from __future__ import annotations

from collections import OrderedDict

MOST = 20_000
"""Files and sessions that are remembered at most: some megabytes of memory."""


class Sessions:
    """Who may speak in a session, and hear what it is told: who came with its name first."""

    def __init__(self, most: int = MOST) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._most = most

    def claim(self, name: str, owner: str) -> bool:
        """Whether the session is ``owner``'s; a new one becomes so."""
        if self._owners.setdefault(name, owner) != owner:
            return False
        self._owners.move_to_end(name)
        while len(self._owners) > self._most:
            self._owners.popitem(last=False)
        return True

    def has(self, name: str, owner: str) -> bool:
        """Whether the session is known, and ``owner``'s."""
        return self._owners.get(name) == owner


class UploadOwners:
    """Who may use which uploaded file. The same content lies at the same path, so a file may have several owners."""

    def __init__(self, most: int = MOST) -> None:
        self._entries: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._most = most

    def add(self, path: str, owner: str) -> None:
        self._entries[path, owner] = None
        self._entries.move_to_end((path, owner))
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def has(self, path: str, owner: str) -> bool:
        if (path, owner) not in self._entries:
            return False
        self._entries.move_to_end((path, owner))
        return True
