"""By which ways of supply a right lets something be read (第十五条)."""

from __future__ import annotations

from guiyang_data.errors import NotAllowed
from guiyang_data.ledger.services import subject_of
from sharing.models import WayOfSupply
from sharing.rights import Right
from sharing.workflow import OWN_DUTIES

PAGE = "page"
"""A page of rows; the other kinds are files of all of them."""


def ways_for(kind: str) -> frozenset[str]:
    """By which ways of supply something is read so: looking up and calling show pages, downloading gives files."""
    return frozenset({WayOfSupply.QUERY, WayOfSupply.INTERFACE} if kind == PAGE else {WayOfSupply.DOWNLOAD})


def is_by_way(right: Right, fits: frozenset[str]) -> bool:
    """Whether the right is supplied by one of these ways; a taking, and a grant that names no way, by all."""
    ways = set(right.grant.ways) if right.grant is not None else set()
    return not ways or bool(ways & fits)


def require_way(right: Right, fits: frozenset[str]) -> None:
    """Raise NotAllowed where a grant names its ways of supply, and none of these is among them."""
    if right.grant is not None and not is_by_way(right, fits):
        granted = "、".join(str(WayOfSupply(way).label) for way in WayOfSupply.values if way in right.grant.ways)
        message = f"这一授权的提供方式是{granted}，不能以这种方式读取。需要其他方式的，请重新申请。"
        raise NotAllowed(message, basis=OWN_DUTIES, subject=subject_of(right.access), verb="read")
