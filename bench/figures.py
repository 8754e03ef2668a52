"""What was measured, on what, and how it is shown: as JSON and as a table."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured thing, over several rounds.

    ``values``: one number a round, in ``unit``. ``target``: what the number must stay below (or reach, for a count);
    None for a peer or a fact. ``facts``: what was counted besides, such as how many rows there were.
    """

    name: str
    unit: str
    values: Sequence[float]
    target: float | None = None
    peer: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """``reached`` or ``missed`` by the median; empty where there is no target."""
        if self.target is None:
            return ""
        return "reached" if self.middle < self.target else "missed"

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it: the fields, with least, median and most."""
        spread = {"min": min(self.values), "median": self.middle, "max": max(self.values)}
        return asdict(self) | spread | {"verdict": self.verdict}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def milliseconds(seconds: float) -> float:
    """Seconds as milliseconds, to a hundredth."""
    return round(seconds * 1000, 2)


def machine() -> dict[str, Any]:
    """The machine, and how busy it is with other things: the mean number of running processes of the last minute."""
    memory = next(line for line in Path("/proc/meminfo").read_text("ascii").splitlines() if line.startswith("MemTotal"))
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.split()[1]) / 1024 / 1024, 1),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The figures as lines of text, one a figure."""
    lines = [("figure", "unit", "min", "median", "max", "target", "")]
    for row in rows:
        name = f"  ({row['name']})" if row["peer"] else row["name"]
        target = "" if row["target"] is None else f"< {row['target']:g}"
        numbers = [f"{row[key]:,.2f}" for key in ("min", "median", "max")]
        lines.append((name, row["unit"], *numbers, target, row["verdict"]))
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
