"""The SQL that makes net changes of two sides: rows as they were, rows as they are."""

from __future__ import annotations

from collections.abc import Sequence

from guiyang_data.tables.selecting import Selection

NET = "net"
"""A table of ``_place`` (1, 2, 3 …), ``_change``, the row's values ``r0`` … and an update's earlier ones ``b0`` …."""


def by_key(chosen: Selection, old: str, new: str, keys: Sequence[str]) -> str:
    """Rows of one key on both sides belong together. ``old``, ``new``: from where, and which."""
    width = len(chosen.columns)
    one, other = (_keyed(chosen, side, keys) for side in (old, new))
    places = range(len(keys))
    same = " AND ".join(f"o.k{place} = n.k{place}" for place in places)
    order = ", ".join(f"coalesce(n.k{place}, o.k{place})" for place in places)
    differs = " OR ".join(f"o.v{place} IS DISTINCT FROM n.v{place}" for place in range(width))
    rows = ", ".join(f"CASE WHEN n.there THEN n.v{place} ELSE o.v{place} END AS r{place}" for place in range(width))
    before = ", ".join(f"CASE WHEN o.there AND n.there THEN o.v{place} END AS b{place}" for place in range(width))
    return (
        f"SELECT row_number() OVER (ORDER BY {order}) AS _place, "  # noqa: S608 - codes hold letters, digits, underscores
        "CASE WHEN o.there IS NULL THEN 'insert' WHEN n.there IS NULL THEN 'delete' ELSE 'update' END AS _change, "
        f"{rows}, {before} FROM ({one}) o FULL JOIN ({other}) n ON {same} "
        f"WHERE o.there IS NULL OR n.there IS NULL OR {differs} ORDER BY 1"
    )


def _keyed(chosen: Selection, side: str, keys: Sequence[str]) -> str:
    names = ", ".join(f'"{key}" AS k{place}' for place, key in enumerate(keys))
    return f"SELECT true AS there, {names}, {_values(chosen)} {side}"


def by_row(chosen: Selection, old: str, new: str) -> str:
    """Rows are told by their values alone; the same row may stand several times on either side."""
    names = [f"v{place}" for place in range(len(chosen.columns))]
    listed = ", ".join(names)
    rows = ", ".join(f"{name} AS r{place}" for place, name in enumerate(names))
    # a null of the same type, for callers who ask for an earlier image that there is none of
    before = ", ".join(f"CASE WHEN false THEN {name} END AS b{place}" for place, name in enumerate(names))
    counted = (
        f"SELECT {listed}, sum(side) AS more FROM ("  # noqa: S608 - codes hold letters, digits, underscores
        f"SELECT -1 AS side, {_values(chosen)} {old} UNION ALL SELECT 1 AS side, {_values(chosen)} {new}) "
        f"GROUP BY {listed} HAVING sum(side) <> 0"
    )
    return (
        f"SELECT row_number() OVER (ORDER BY more > 0, {listed}) AS _place, "  # noqa: S608
        f"CASE WHEN more > 0 THEN 'insert' ELSE 'delete' END AS _change, {rows}, {before} "
        f"FROM ({counted}), UNNEST(range(CAST(abs(more) AS BIGINT))) ORDER BY 1"
    )


def _values(chosen: Selection) -> str:
    return ", ".join(f"{value} AS v{place}" for place, value in enumerate(chosen.expressions))
