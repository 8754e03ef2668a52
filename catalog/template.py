"""The blank form of a catalogue to fill in: XLSX with lists to choose from and what each column means, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from catalog import records, sheets
from catalog.selectors import assignable_categories

HINTS: Mapping[str, tuple[str, str]] = {
    "资源名称": ("必填", "一个条目一个名称，同一文件里不重复。再次导入时据此认出同一条目。"),
    "资源分类": ("选填", "从列表选择，或者只写分类代码；资源代码由它生成。不填的按导入时选的缺省值。"),
    "资源摘要": ("提交前必填", "装的是什么数据、主要有哪些信息项、覆盖什么范围。不填的先用资源名称。"),
    "领域": ("选填", "第二十条列明的十九个领域，或者其他民生。"),
    "关键字": ("选填", "用顿号分开。"),
    "格式分类": ("选填", "不填的为电子表格。"),
    "格式类型": ("提交前必填", "例如 CSV、XLSX。不填的为 CSV。"),
    "共享类型": ("选填", "不填的按导入时选的缺省值。"),
    "共享条件": ("有条件共享的，提交前必填", "可以共享给谁、用于什么、范围多大。"),
    "不予共享的依据": ("不予共享的，提交前必填", "法律、行政法规或者党中央、国务院政策依据。"),
    "共享方式": ("选填", "不填的为共享平台。"),
    "是否开放": ("选填", "不填的按导入时选的缺省值。"),
    "开放条件": ("选填", "没有条件的不填。"),
    "不开放的情形": ("不开放的，提交前必填", "第十八条第一款只有这四项。"),
    "不开放的依据": ("不开放的，提交前必填", "第四项须写出法律或者法规的名称和条款，用书名号。"),
    "更新周期": ("选填", "不填的按导入时选的缺省值。"),
    "空间范围": ("选填", "例如贵阳市、云岩区。"),
    "时间范围": ("选填", "例如 2020 年至今。"),
    "来源系统": ("选填", "数据出自哪个信息系统。"),
    "联系科室": ("选填", "写科室，不写个人姓名。"),
    "联系电话": ("选填", "写办公电话，不写个人手机号码。"),
    "关联资源代码": ("选填", "用顿号分开。"),
    "备注": ("选填", ""),
    "允许的问题行比例": (
        "选填",
        "百分之几，例如 5。汇聚时退回的行超过它，整批不入库。不填的为 100：有一行通过就入库。",
    ),
    "信息项名称": ("提交前至少一项", "一行一个信息项，第二项起另起一行，条目的各列不用再填。"),
    "字段名": ("选填", "字母、数字和下划线，以字母开头。不填的由平台编号。"),
    "数据类型": ("选填", "不填的为字符型。"),
    "长度": ("选填", "字符型写最多几个字，数值型写最多几位。"),
    "计量单位": ("选填", "例如公里、万元。"),
    "信息项说明": ("选填", "这一项是什么意思。"),
    "必填": ("选填", "写「是」的，汇聚时不能空着。"),
    "主键": ("选填", "写「是」的，用它认出同一行。"),
    "值域": ("选填", "只能取哪些值，用顿号分开。"),
    "唯一": ("选填", "写「是」的，各行的值不能相同，空着的不计。逻辑型、备注型不能用。"),
    "最小值": ("选填", "含本数。只用于数值、货币、整型和日期类，日期写成 2026-01-31。"),
    "最大值": ("选填", "同上。"),
    "格式规则": ("选填", "正则表达式（RE2），整个值都要符合，例如 1\\d{10}。只用于字符型、备注型、通用型。"),
    "校验码": ("选填", "从列表选择，按国家标准核对位数和校验码。只用于字符型。"),
    "引用的资源代码": ("选填", "值必须在另一条目中有的，写该条目的资源代码。"),
    "引用的字段名": ("填了上一列的必填", "该条目主键的字段名。只能引用本机关的或者无条件共享的现行条目。"),
    "敏感性": ("选填", "不填的为非敏感。"),
    "信息项分级": ("选填", "不填的为一般数据 1 级；条目的分级取其中最高的。"),
    "采集机关": ("选填", "由其他机关采集的，写该机关全称；不填的由提供机关采集。"),
    "采集机关代码": ("选填", "采集机关的统一社会信用代码；填了代码的可以不填名称。"),
}
"""For each column: whether it must be filled in, and with what."""


def columns() -> list[str]:
    """What a person fills in, in the order of an export."""
    return [label for label in (*records.entry_columns(), *records.item_columns()) if label in HINTS]


def as_csv() -> bytes:
    """The header alone, as a spreadsheet opens it."""
    text = io.StringIO()
    csv.writer(text).writerow(columns())
    return text.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """The header with lists to choose from, and a sheet that says what each column means."""
    categories = [f"{category.pk} {category.name}" for category in assignable_categories()]
    book = sheets.workbook_of(columns(), {records.CATEGORY: categories})
    sheets.explain(book, ((label, *HINTS[label]) for label in columns()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FORMATS = {"xlsx": as_xlsx, "csv": as_csv}
