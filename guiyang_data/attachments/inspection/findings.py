"""What an inspection can find in a file, in words, and what has to become of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from guiyang_data.personal import BANK_CARD, MOBILE, RESIDENT_ID, masked, numbers_in, text_masked

TOOL = "1"
"""Version of the inspection: raised whenever it finds more or other things than before."""
MOST_FINDINGS = 200
NOT_CHECKED, UNREAD_PICTURE = "not-checked", "unread-picture"
CLEANABLE = frozenset({"xlsx", "docx", "pdf", "png", "jpg", "jpeg"})
"""Extensions of which a cleaned copy can be made."""
PERSONAL = frozenset({RESIDENT_ID, MOBILE, BANK_CARD})
"""Findings that are numbers of persons."""

WORDS: dict[str, str] = {
    RESIDENT_ID: "居民身份证号",
    MOBILE: "手机号码",
    BANK_CARD: "银行卡号",
    "hidden-sheet": "隐藏的工作表",
    "hidden-rows": "隐藏的行",
    "filtered-rows": "筛选后看不到的行",
    "hidden-columns": "隐藏的列",
    "comments": "批注",
    "external-links": "指向其他文件的链接",
    "connections": "外部数据连接",
    "hidden-names": "隐藏的名称",
    "cached-rows": "数据透视表带有的原始数据",
    "embedded-files": "嵌入的文件",
    "tracked-changes": "修订痕迹",
    "hidden-text": "隐藏的文字",
    "author": "作者、单位等属性",
    "annotations": "注释",
    "scripts": "脚本",
    "hidden-layers": "关闭的图层",
    "earlier-versions": "文件里保留的以前版本",
    "location": "拍摄位置",
    "photo-data": "拍摄信息",
    UNREAD_PICTURE: "图片里的文字没有检查",
    NOT_CHECKED: "没有检查",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found: ``code`` of ``WORDS``, ``place`` in the file, how many (rows in a table, else occurrences).

    ``sample``: one of them, masked where it is a number of a person. ``is_hidden``: a reader does not see it at once.
    """

    code: str
    place: str
    count: int = 1
    sample: str = ""
    is_hidden: bool = False

    @property
    def must_go(self) -> bool:
        """Whether nothing but another file helps: a number of a person where nobody sees it."""
        return must_go(self.code, is_hidden=self.is_hidden)

    def as_dict(self) -> dict[str, Any]:
        """For the answer of the inspecting process."""
        return asdict(self)


def must_go(code: str, *, is_hidden: bool) -> bool:
    """Numbers of persons in hidden places cannot be confirmed by anyone."""
    return is_hidden and code in PERSONAL


@dataclass(kw_only=True)
class Findings:
    """Collects what is found, like things at one place as one finding."""

    prefix: str = ""
    found: dict[tuple[str, str, bool], Finding] = field(default_factory=dict)

    def add(self, code: str, place: str, *, count: int = 1, sample: str = "", is_hidden: bool = True) -> None:
        """Note ``count`` things at a place."""
        if count <= 0:
            return
        place = text_masked(f"{self.prefix}{place}")[:200]
        key = (code, place, is_hidden)
        before = self.found.get(key)
        if before is None and len(self.found) >= MOST_FINDINGS:
            key, before = self._overflow(code, is_hidden)
            place = key[1]
        total = count + (before.count if before else 0)
        sample = before.sample if before and before.sample else text_masked(sample)[:80]
        self.found[key] = Finding(code=code, place=place, count=total, sample=sample, is_hidden=is_hidden)

    def _overflow(self, code: str, is_hidden: bool) -> tuple[tuple[str, str, bool], Finding | None]:
        key = (code, f"{self.prefix}其他位置", is_hidden)
        return key, self.found.get(key)

    def read(self, text: str, place: str, *, is_hidden: bool, once: bool = False) -> None:
        """Look for numbers of persons in a text; ``once``: a row counts once for each kind, however many it holds."""
        seen: set[str] = set()
        for kind, number in numbers_in(text):
            if once and kind in seen:
                continue
            seen.add(kind)
            self.add(kind, place, sample=masked(number), is_hidden=is_hidden)

    def read_each(self, texts: Iterable[str], place: str, *, is_hidden: bool) -> None:
        """The same for several texts."""
        for text in texts:
            self.read(text, place, is_hidden=is_hidden)

    def inside(self, prefix: str) -> Findings:
        """The same collection for a file within the file."""
        return Findings(prefix=f"{self.prefix}{prefix}", found=self.found)

    def all(self) -> list[Finding]:
        """Everything found: what must go first, then what nobody sees, then the rest."""
        return sorted(
            self.found.values(), key=lambda one: (not one.must_go, one.code != NOT_CHECKED, not one.is_hidden)
        )


class Unreadable(Exception):
    """A file, or a part of one, that cannot be read; the message says why (Chinese, without full stop)."""
