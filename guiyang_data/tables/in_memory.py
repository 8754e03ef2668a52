"""Connections for a few short questions: to make a database in memory takes longer than to answer them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import duckdb


@contextmanager
def short_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a database in memory that this process keeps, with one thread.

    Whatever is made there must be temporary: it is this connection's alone, and gone with it. So is what is registered.
    """
    with _kept(os.getpid()).cursor() as connection:
        yield connection


@lru_cache(maxsize=1)
def _kept(process: int) -> duckdb.DuckDBPyConnection:
    """The database of a process: a child that was forked from one with a database makes its own."""
    return duckdb.connect(":memory:", config={"threads": 1})
