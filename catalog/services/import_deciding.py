"""What whoever imports a catalogue decides, and what stands against it: columns, rows, what the file leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import CatalogImport, Field, UpdateCycle
from catalog.selectors import assignable_categories
from catalog.services.import_entries import PROPOSED, SENSITIVITY, Problem
from catalog.services.import_outcomes import Outcome
from catalog.services.import_words import TARGETS
from catalog.workflow import COMPILE
from guiyang_data.accounts.models import Agency
from guiyang_data.errors import RuleBroken

OF_DEPARTMENTS = "303"
"""The 项 of municipal and county departments, where a catalogue belongs that names no category."""
DECIDED = {"sharing_type": "共享类型", "is_open": "是否向社会开放"}
"""What has no usual default: nothing is shared without conditions, or opened, because a file is silent."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an import would do: entries, what becomes of them, what is wrong in them, and the first drafts.

    ``rows`` counts entries, ``lines`` what the file has, ``items`` the information items it states.
    ``first``: some of the entries that are new or changed. ``defaulted``: of how many new entries the file does not
    say an element, which then has the default. ``proposed``: names of new items that are personal and of which the file
    does not say it, with the sensitivity that the portal proposes and how many items are called so, the most first.
    """

    rows: int
    lines: int
    items: int
    created: int
    updated: int
    unchanged: int
    refused: int
    problems: tuple[Problem, ...]
    first: tuple[Outcome, ...]
    defaulted: Mapping[str, int]
    proposed: tuple[tuple[str, str, int], ...] = ()

    def unanswered(self, defaults: Mapping[str, Any]) -> list[str]:
        """The elements that whoever imports has to decide on, and has not."""
        return [name for name in DECIDED if self.defaulted.get(name) and defaults.get(name) in (None, "")]


def usual_defaults(provider: Agency) -> dict[str, Any]:
    """What holds where a file says nothing: as the agency had it the last time, else the plainest values.

    Whether something is shared without conditions, or opened, is not among it: that is decided anew for each file. How
    items are marked of which it says nothing is proposed anew for each, too.
    """
    done = CatalogImport.objects.filter(provider=provider, state=CatalogImport.State.DONE).order_by("-pk")
    last = done.values_list("defaults", flat=True).first() or {}
    plain = {
        "update_cycle": UpdateCycle.IRREGULAR.value,
        "field": Field.OTHER.value,
        "closed_ground": None,
    }
    known = {name: value for name, value in last.items() if name in plain}
    return {**plain, **known, SENSITIVITY: PROPOSED, "category": last.get("category") or _usual_category(provider)}


def _usual_category(provider: Agency) -> str:
    """The 目 of departments that bears the agency's name, else the first of them (综合)."""
    found = list(assignable_categories().order_by("pk"))
    departments = [category for category in found if category.pk.startswith(OF_DEPARTMENTS)] or found
    named = (category for category in departments if category.name in provider.name)
    chosen = next(named, departments[0] if departments else None)
    return chosen.pk if chosen else ""


def check_mapping(job: CatalogImport, mapping: Mapping[str, str]) -> None:
    """Raise RuleBroken where the mapping names what the file has not, an element twice, or no title."""
    foreign = [column for column in mapping if column not in job.columns]
    if foreign:
        message = f"文件里没有这些列：{'、'.join(foreign)}。文件的列是：{'、'.join(job.columns)}。请改正对应关系。"
        raise RuleBroken(message, basis=COMPILE, fields={"mapping": message})
    taken = [target for target in mapping.values() if target]
    twice = {target for target in taken if taken.count(target) > 1}
    if twice:
        names = "、".join(TARGETS[target] for target in sorted(twice))
        message = f"有不止一列对应到「{names}」。请只保留一列，其余改为「不导入」。"
        raise RuleBroken(message, basis=COMPILE, fields={"mapping": message})
    if "title" not in taken:
        message = "还没有指明哪一列是资源名称。请选择后再导入。"
        raise RuleBroken(message, basis=COMPILE, fields={"mapping": message})


def check_answers(seen: Preview, defaults: Mapping[str, Any], *, take_good_rows: bool) -> None:
    """Raise RuleBroken with everything that whoever imports has to decide first.

    That no row is good, or some are not and nobody said to leave them out; and where the file leaves open how something
    is shared or opened, and nobody has said it.
    """
    if seen.refused == seen.rows:
        raise RuleBroken("没有一行可以导入。请核对各列的对应关系，或者改正文件后重新上传。", basis=COMPILE)
    told: dict[str, str] = {}
    if seen.refused and not take_good_rows:
        told["take_good_rows"] = (
            f"有 {seen.refused} 行不能导入，因此什么都没有导入。"
            "请改正文件后重新上传，或者勾选「有问题的行不导入，其余照常导入」。"
        )
    for name in seen.unanswered(defaults):
        told[name] = f"有 {seen.defaulted[name]} 个条目没有写明「{DECIDED[name]}」，什么都没有导入。请选择按哪一种。"
    if told:
        raise RuleBroken("".join(told.values()), basis=COMPILE, fields=told)
