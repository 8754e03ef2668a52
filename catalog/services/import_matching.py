"""Which column of a foreign catalogue is which element: by its name, else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from catalog.services.import_files import SourceTable
from catalog.services.import_values import as_cycle, as_day, as_opening, as_sharing_type
from guiyang_data.tables.columns import header_key

TARGETS: dict[str, str] = {
    "title": "资源名称",
    "abstract": "资源摘要",
    "department": "原提供部门（记入备注）",
    "category": "资源分类",
    "field": "领域",
    "industry": "行业（并入关键字）",
    "keywords": "关键字",
    "update_cycle": "更新周期",
    "sharing_type": "共享类型",
    "sharing_condition": "共享条件",
    "opening": "是否开放、开放条件",
    "format_type": "格式类型",
    "items": "信息项名称",
    "published_on": "原发布日期（记入备注）",
    "updated_on": "原更新日期（记入备注）",
    "contact": "联系科室",
    "contact_phone": "联系电话",
    "spatial_scope": "空间范围",
    "time_scope": "时间范围",
    "source_key": "来源标识（网址或者编号，再次导入时据此更新）",
}
"""What a column can be taken as."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "title": (
        "标题",
        "资源名称",
        "资源名",
        "信息资源名称",
        "数据资源名称",
        "数据集名称",
        "目录名称",
        "資料集名稱",
        "资源标题",
        "名称",
        "title",
        "資料名稱",
    ),
    "abstract": (
        *("摘要", "资源摘要", "信息资源摘要", "摘要信息", "数据简介", "简介", "描述", "资源描述", "数据摘要"),
        *("目录描述", "摘要说明", "主要字段说明", "description", "abstract", "資料集描述"),
    ),
    "department": (
        *("提供方", "数据提供方", "资源提供方", "信息资源提供方", "提供单位", "来源部门", "提供部门", "机构分类"),
        *(
            "数源单位",
            "责任部门",
            "发布机构",
            "所属部门",
            "提供机关",
            "提供机構",
            "資料提供機關",
            "提供機關名稱",
            "department",
            "資料集提供機關",
            "資料來源",
        ),
    ),
    "category": ("资源分类", "信息资源分类", "分类代码", "目录分类"),
    "field": (
        "数据主题",
        "领域",
        "重点领域",
        "所属领域",
        "领域名称",
        "所属主题",
        "主题",
        "主题名称",
        "服務分類",
        "category",
        "分類及編號",
    ),
    "industry": ("行业", "所属行业", "数据领域", "行业分类", "industry"),
    "keywords": ("关键字", "关键词", "标签", "主题词", "tags", "keywords", "標籤/關鍵字"),
    "update_cycle": ("更新周期", "更新频率", "更新频度", "更新週期", "更新頻率", "update_frequency"),
    "sharing_type": ("共享类型", "共享属性", "共享方式类型"),
    "sharing_condition": ("共享条件",),
    "opening": ("开放条件", "开放类型", "开放属性", "公开属性", "是否开放", "是否向社会开放", "is_open"),
    "format_type": ("数据格式", "资源格式", "下载格式", "格式", "格式类型", "信息资源格式", "檔案格式", "data_formats"),
    "items": ("信息项", "信息项名称", "数据项", "字段", "字段名称", "主要字段", "主要欄位說明"),
    "published_on": (
        *("发布时间", "发布日期", "数据集创建时间", "创建时间", "上架日", "上架日期", "首次发布时间"),
        *("建立日期", "publish_time"),
    ),
    "updated_on": (
        *("更新时间", "更新日期", "数据集更新时间", "最后更新时间", "詮釋資料更新時間"),
        *("最後更新時間", "update_time"),
    ),
    "contact": ("联系科室", "联系人", "提供機關聯絡人姓名"),
    "contact_phone": ("联系电话", "部门电话", "联系方式", "电话", "提供機關聯絡人電話", "telephone"),
    "spatial_scope": ("空间范围", "行政区划", "地区"),
    "time_scope": ("时间范围", "数据时间"),
    "source_key": (
        *("详情页网址", "网址", "链接", "地址", "url", "资源代码", "目录编码", "標識", "資料集識別碼"),
        "資料連結網址",
    ),
}

ADDRESS = re.compile(r"https?://\S+")
PHONE = re.compile(r"0\d{2,3}-?\d{7,8}|1\d{10}")
SHARE = 0.8
"""How much of a column must look like a thing for the column to be taken as it."""


def _is_day(text: str) -> bool:
    return as_day(text) is not None


CONTENT: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("source_key", ADDRESS.fullmatch),
    ("contact_phone", PHONE.fullmatch),
    ("update_cycle", lambda text: as_cycle(text)),
    ("opening", lambda text: as_opening(text)),
    ("sharing_type", lambda text: as_sharing_type(text)),
    ("published_on", _is_day),
    ("updated_on", _is_day),
)
"""What a value of a column without a known name would have to look like; each element is given once."""


def propose(table: SourceTable, remembered: Mapping[str, str] | None = None) -> dict[str, str]:
    """For each column the element it is taken as, or empty; each element at most once.

    ``remembered``: what was decided for a file with the same columns before.
    """
    if remembered and set(remembered) == set(table.columns):
        return {column: remembered[column] for column in table.columns}
    mapping = _by_name(table.columns)
    for column in table.columns:
        if not mapping[column]:
            mapping[column] = _by_content(table.values(column), set(mapping.values()))
    return mapping


def _by_name(columns: Sequence[str]) -> dict[str, str]:
    known = {
        header_key(name): (target, place) for target, names in SYNONYMS.items() for place, name in enumerate(names)
    }
    mapping = dict.fromkeys(columns, "")
    best: dict[str, tuple[int, str]] = {}
    for column in columns:
        target, place = known.get(header_key(column), ("", 0))
        if target and (target not in best or place < best[target][0]):
            best[target] = (place, column)
    for target, (_place, column) in best.items():
        mapping[column] = target
    return mapping


def _by_content(values: Sequence[str], taken: set[str]) -> str:
    if not values:
        return ""
    for target, fits in CONTENT:
        if target not in taken and sum(1 for value in values if fits(value)) >= SHARE * len(values):
            return target
    return ""
