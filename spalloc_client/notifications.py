"""Notifications that nobody has asked for yet, in bounded memory."""

from collections import deque

from spalloc_client.wire import Notification

MOST = 1024
"""How many are kept one by one; what comes on top is merged."""

_MERGEABLE = ("jobs_changed", "machines_changed")


class NotificationQueue:
    """Keeps notifications in their order; a flood of them is merged instead of being kept or lost.

    A notification is a hint that something changed. So when more than `most` wait, the newcomers are merged into
    one of each kind, which is handed out last and names every job or machine once. Kinds that this client
    does not know cannot be merged; of those, the oldest waiting notification gives way.

    Parameters
    ----------
    most
        How many notifications are kept one by one.
    """

    __slots__ = ("_merged", "_most", "_waiting")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting: deque[Notification] = deque()
        self._merged: dict[str, dict[object, None]] = {}

    def put(self, notification: Notification) -> None:
        """Add one that arrived."""
        if len(self._waiting) < self._most and not self._merged:
            self._waiting.append(notification)
        elif not self._merge(notification):
            self._waiting.append(notification)
            if len(self._waiting) > self._most:
                self._waiting.popleft()

    def take(self) -> Notification | None:
        """Return the oldest, or None if there is none."""
        if self._waiting:
            return self._waiting.popleft()
        for kind in self._merged:
            return {kind: list(self._merged.pop(kind))}
        return None

    def _merge(self, notification: Notification) -> bool:
        """Add its ids to those merged of its kind; say whether that could be done."""
        for kind in _MERGEABLE:
            ids = notification.get(kind)
            if isinstance(ids, list) and all(isinstance(one, int | str) for one in ids):
                self._merged.setdefault(kind, {}).update(dict.fromkeys(ids))
                return True
        return False
