"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table


@dataclass(frozen=True)
class Visitor:
    """Who asks."""

    id: str
    network: str | None = None
    """``203.0.113.7/32``, ``2001:db8:1:2::/64``; None when it is not known."""

    @classmethod
    def of(cls, who: str | Visitor) -> Visitor:
        """Who is named by id alone, from a network that is not known."""
        return who if isinstance(who, Visitor) else cls(who)

    def owns(self, table: Table) -> ColumnElement[bool]:
        """What counts as the visitor's: the own rows, and those of the same network."""
        mine = table.c.owner == self.id
        return mine if self.network is None else mine | (table.c.network == self.network)
