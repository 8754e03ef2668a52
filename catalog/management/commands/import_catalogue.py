from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog import services
from catalog.management.reports import WRONG_FILE, WRONG_PERSON, Report, acting, agency_of, opened
from catalog.models import InformationItem, SharingType
from catalog.records import ELEMENTS, Unreadable
from catalog.selectors import assignable_categories
from catalog.services import TARGETS, Whole
from catalog.services.import_entries import PROPOSED, SENSITIVITY
from guiyang_data.errors import DomainError, NotAllowed
from guiyang_data.timekeeping import now

DEFAULTS = ("category", "sharing_type", "update_cycle", "field", "is_open", "closed_ground", SENSITIVITY)


CAUTIOUS: dict[str, Any] = {"sharing_type": SharingType.CONDITIONAL.value, "is_open": False}
"""Of a draft whose file says neither: nobody sits before the shell to be asked, and silence gives nothing away."""


class Command(BaseCommand):
    help = (
        "Import a catalogue (XLSX, CSV, JSON) as drafts of an agency, as the page does; a repeat updates. All of it in "
        "one transaction: where a row is refused nothing is imported, unless --take-good-rows. "
        "Ends with 1 where the file or the mapping stands against it, with 2 where the agency or the account does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--agency", required=True, metavar="CODE", help="its unified social credit code")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help="JSON: column -> element; or an earlier report"
        )
        parser.add_argument(
            "--default",
            action="append",
            default=[],
            metavar="ELEMENT=VALUE",
            help=(
                "what new entries have where the file says nothing, in the words of the page: 共享类型=无条件共享, "
                "是否开放=是; without it 有条件共享 and 不开放, which the report tells"
            ),
        )
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen; change nothing")
        parser.add_argument("--report", required=True, type=Path, metavar="OUT.json")
        parser.add_argument("--take-good-rows", action="store_true", help="import the others where rows are refused")
        parser.add_argument(
            "--keep-codes", action="store_true", help="new entries keep their resource codes: to move between portals"
        )
        parser.add_argument("--by", metavar="USER", help="a data steward's account (else: the agency's system account)")

    def handle(self, *args: Any, **options: Any) -> None:
        report = Report(options["report"], file=options["file"].name, dry_run=options["dry_run"])
        with report.kept():
            agency = agency_of(options["agency"])
            report.add(agency={"code": agency.code, "name": agency.name})
            by = acting(options["by"])
            stated, said = _stated(options["mapping"])
            defaults = CAUTIOUS | said | dict(map(_default, options["default"]))
            with opened(options["file"]) as stream:
                whole = self._imported(
                    provider=agency,
                    uploaded=File(stream, name=options["file"].name),
                    by=by,
                    stated=stated,
                    defaults=defaults,
                    take_good_rows=options["take_good_rows"],
                    dry_run=options["dry_run"],
                    keep_codes=options["keep_codes"],
                )
            report.add(**_told(whole, dry_run=options["dry_run"]))
            if whole.stands_against is not None:
                raise CommandError(whole.stands_against.message, returncode=WRONG_FILE)
            self.stdout.write(_line(report.content))

    def _imported(self, **arguments: Any) -> Whole:
        try:
            return services.import_whole(at=now(), **arguments)
        except NotAllowed as error:
            raise CommandError(error.message, returncode=WRONG_PERSON) from error
        except DomainError as error:
            raise CommandError(error.message, returncode=WRONG_FILE) from error


def _stated(path: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the mapping file says of columns, and of defaults where it is a report."""
    if path is None:
        return {}, {}
    with opened(path) as stream:
        try:
            content = json.loads(stream.read().decode("utf-8-sig"))
        except ValueError as error:
            raise CommandError(f"{path} 不是 JSON 文件：{error}", returncode=WRONG_FILE) from error
    if not isinstance(content, dict):
        raise CommandError(f"{path} 应当是「列名：要素」的 JSON 对象。", returncode=WRONG_FILE)
    if not isinstance(content.get("mapping"), dict):
        return content, {}
    given = content.get("defaults") or {}
    return content["mapping"], {name: given[name] for name in DEFAULTS if name in given}


def _default(text: str) -> tuple[str, Any]:
    """A default as it stands on the command line: the element by its name or label, its value as a file has it."""
    name, _sign, words = text.partition("=")
    element = next((one for one in ELEMENTS if name.strip() in {one.name, one.label} and one.name in DEFAULTS), None)
    if name.strip() in {SENSITIVITY, "敏感性"}:
        return SENSITIVITY, _sensitivity(words.strip())
    if name.strip() == "category":
        return "category", _category(words.strip())
    if element is None:
        raise CommandError(
            f"没有可以规定缺省值的要素「{name}」。可以写：{'、'.join(DEFAULTS)}。", returncode=WRONG_FILE
        )
    try:
        return element.name, element.value(words)
    except Unreadable as wrong:
        raise CommandError(f"「{element.label}」{wrong}。", returncode=WRONG_FILE) from wrong


def _sensitivity(words: str) -> str:
    none = InformationItem.Sensitivity.NONE
    known = {PROPOSED: PROPOSED, "按平台的建议": PROPOSED, none.value: none.value, str(none.label): none.value}
    if words not in known:
        raise CommandError(f"敏感性的缺省值只能是：{'、'.join(known)}。", returncode=WRONG_FILE)
    return known[words]


def _category(code: str) -> str:
    if not assignable_categories().filter(pk=code).exists():
        raise CommandError(f"没有资源分类 {code}，应当是「目」或者「细目」的代码。", returncode=WRONG_FILE)
    return code


def _told(whole: Whole, *, dry_run: bool) -> dict[str, Any]:
    """The figures: what was done, or in a dry run what would be. Where something stands against it nothing was done."""
    seen, nothing = whole.seen, whole.stands_against is not None
    source = seen if dry_run or nothing else whole.job
    counts = {name: getattr(source, name) for name in ("created", "updated", "unchanged")}
    problems = [(one.fatal, _row(one.line, one.column, one.value, one.message)) for one in seen.problems]
    return {
        "state": "refused" if nothing else "tried" if dry_run else "imported",
        "message": "",
        "import": None if nothing or dry_run else whole.job.pk,
        "sha256": whole.job.sha256,
        "read": seen.rows,
        "lines": seen.lines,
        "items": seen.items,
        **(dict.fromkeys(counts, 0) if nothing and not dry_run else counts),
        "refused": source.refused,
        "refused_rows": [row for fatal, row in problems if fatal],
        "taken_with_remarks": [row for fatal, row in problems if not fatal],
        "mapping": dict(whole.mapping),
        "mapping_in_words": {column: TARGETS[target] for column, target in whole.mapping.items() if target},
        "defaults": dict(whole.defaults),
        "defaulted": dict(seen.defaulted),
        "proposed": [{"name": name, "sensitivity": mark, "items": number} for name, mark, number in seen.proposed],
        "to_decide": seen.unanswered(whole.defaults),
    }


def _row(line: int, column: str, value: str, reason: str) -> dict[str, Any]:
    return {"row": line, "column": column, "value": value, "reason": reason}


def _line(report: Mapping[str, Any]) -> str:
    words = "只作核对，没有改变任何内容。" if report["dry_run"] else "已导入为草稿。"
    counts = {"新建": "created", "更新": "updated", "没有变化": "unchanged", "不能导入": "refused"}
    told = "，".join(f"{label} {report[name]}" for label, name in counts.items())
    return f"读到 {report['read']} 个条目、{report['items']} 个信息项：{told}。{words}"
