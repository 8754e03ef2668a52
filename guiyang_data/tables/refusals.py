"""How a load, a query or a reading can be turned down. All are rules broken (422) for the faces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from guiyang_data.errors import RuleBroken

NOTHING_LOST = "原有数据没有变动。"


class LoadRefused(RuleBroken):
    """A file that cannot be taken in as a whole; the table keeps the version it had.

    ``reason``: Chinese, safe to show. When rows had been checked already: ``rows_read``, ``rows_refused``,
    ``reasons`` (count of cells by reason) and ``bad_rows_path`` (CSV of every refused cell).
    """

    code = "load_refused"

    def __init__(
        self,
        reason: str,
        *,
        rows_read: int = 0,
        rows_refused: int = 0,
        reasons: Mapping[str, int] | None = None,
        bad_rows_path: Path | None = None,
    ) -> None:
        # a name out of a file may hold what no database keeps
        super().__init__((reason + NOTHING_LOST).replace("\x00", "\ufffd"))
        self.reason = self.message
        self.rows_read = rows_read
        self.rows_refused = rows_refused
        self.reasons = dict(reasons or {})
        self.bad_rows_path = bad_rows_path


class StorageFailed(OSError):
    """Disk or memory did not suffice, or failed; the table keeps the version it had, and nothing half done stays."""


class UnknownColumn(RuleBroken):
    """A code that is not among the columns this reader may use."""

    code = "unknown_column"

    def __init__(self, code_asked: str) -> None:
        super().__init__(f"没有名为“{code_asked}”的信息项，或者您的授权不包含它。请对照信息项清单后重试。")
        self.code_asked = code_asked


class BadFilter(RuleBroken):
    """A filter whose operator or value does not fit the column."""

    code = "bad_filter"


class NoSuchVersion(RuleBroken):
    """The table has no such version: it was never written, or its folder is not there."""

    code = "no_such_version"

    def __init__(self, version: int) -> None:
        super().__init__(f"没有找到数据的第{version}版。请刷新后重试；仍然不行的，请联系大数据主管部门。")
        self.version = version
