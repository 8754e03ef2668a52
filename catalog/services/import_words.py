"""The words by which files of other portals call the elements of the guide, and the element that a header means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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
    "sharing_basis": "不予共享的依据",
    "sharing_method": "共享方式",
    "opening": "是否开放",
    "opening_condition": "开放条件",
    "closed_ground": "不开放的情形",
    "closed_basis": "不开放的依据",
    "format_class": "格式分类",
    "format_type": "格式类型",
    "items": "信息项名称",
    "item_code": "信息项的字段名",
    "item_data_type": "信息项的数据类型",
    "item_length": "信息项的长度",
    "item_unit": "信息项的计量单位",
    "item_meaning": "信息项的说明",
    "item_required": "信息项是否必填",
    "item_is_key": "信息项是否主键",
    "item_code_list": "信息项的值域",
    "item_is_unique": "信息项是否唯一",
    "item_minimum": "信息项的最小值",
    "item_maximum": "信息项的最大值",
    "item_pattern": "信息项的格式规则",
    "item_check_digits": "信息项的校验码",
    "item_reference_code": "信息项引用的资源代码",
    "item_reference_item": "信息项引用的字段名",
    "item_sensitivity": "信息项的敏感性",
    "item_grade": "信息项的分级",
    "item_collector_name": "信息项的采集机关",
    "item_collector_code": "信息项的采集机关代码",
    "published_on": "原发布日期（记入备注）",
    "updated_on": "原更新日期（记入备注）",
    "contact": "联系科室",
    "contact_phone": "联系电话",
    "spatial_scope": "空间范围",
    "time_scope": "时间范围",
    "source_system": "来源系统",
    "related_codes": "关联资源代码",
    "note": "备注",
    "bad_share_limit": "允许的问题行比例",
    "source_key": "来源标识（网址或者编号，再次导入时据此更新）",
    "resource_code": "资源代码",
    "provider_code": "提供机关代码",
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
    "sharing_basis": ("不予共享的依据", "不予共享依据", "不共享依据"),
    "sharing_method": ("共享方式", "共享途径"),
    "opening": ("开放类型", "开放属性", "公开属性", "是否开放", "是否向社会开放", "是否公开", "is_open"),
    "opening_condition": ("开放条件",),
    "closed_ground": ("不开放的情形", "不开放情形"),
    "closed_basis": ("不开放的依据", "不开放依据", "不予开放依据"),
    "format_class": ("格式分类", "信息资源格式分类", "资源格式分类"),
    "format_type": ("数据格式", "资源格式", "下载格式", "格式", "格式类型", "信息资源格式", "檔案格式", "data_formats"),
    "items": (
        "信息项名称",
        "信息项",
        "数据项名称",
        "数据项",
        "字段中文名",
        "字段名称",
        "字段",
        "主要字段",
        "主要欄位說明",
    ),
    "item_code": ("字段名", "字段英文名", "字段英文名称", "英文名称", "字段代码", "信息项代码", "字段标识"),
    "item_data_type": ("数据类型", "信息项数据类型", "信息项类型", "字段类型", "数据项类型"),
    "item_length": ("长度", "数据长度", "信息项长度", "字段长度", "数据项长度"),
    "item_unit": ("计量单位", "单位", "信息项单位"),
    "item_meaning": ("信息项说明", "信息项描述", "字段说明", "字段描述", "字段含义", "数据项说明"),
    "item_required": ("必填", "是否必填"),
    "item_is_key": ("主键", "是否主键"),
    "item_code_list": ("值域", "取值范围", "代码集", "字典项"),
    "item_is_unique": ("唯一", "是否唯一", "唯一性", "唯一约束"),
    "item_minimum": ("最小值", "下限", "取值下限"),
    "item_maximum": ("最大值", "上限", "取值上限"),
    "item_pattern": ("格式规则", "正则表达式", "格式校验", "校验规则", "校验正则"),
    "item_check_digits": ("校验码", "校验位", "校验算法"),
    "item_reference_code": ("引用的资源代码", "引用资源代码", "外键资源代码", "参照资源代码"),
    "item_reference_item": ("引用的字段名", "引用字段", "外键字段", "参照字段"),
    "item_sensitivity": ("敏感性", "敏感属性", "信息项敏感性"),
    "item_grade": ("信息项分级", "字段分级", "信息项级别"),
    "item_collector_name": ("采集机关", "信息项采集机关", "采集单位", "采集部门"),
    "item_collector_code": ("采集机关代码", "采集机关统一社会信用代码", "采集单位代码"),
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
        *("来源标识", "详情页网址", "网址", "链接", "地址", "url", "標識", "資料集識別碼"),
        "資料連結網址",
    ),
    "resource_code": ("资源代码", "信息资源代码", "目录编码", "目录代码", "资源编码", "信息资源编码"),
    "provider_code": ("提供机关代码", "提供方代码", "资源提供方代码", "信息资源提供方代码", "提供单位代码"),
    "source_system": ("来源系统", "所属系统", "业务系统名称", "数源系统"),
    "related_codes": ("关联资源代码", "关联信息资源代码", "关联目录", "关联资源"),
    "note": ("备注",),
    "bad_share_limit": ("允许的问题行比例", "问题行比例上限", "允许错误率", "错误率上限"),
}

ITEM_TARGETS = frozenset(target for target in TARGETS if target == "items" or target.startswith("item_"))
"""Elements of an information item; all others are said once for an entry."""
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|「.*?」")
_COUNTED = re.compile(r"^[(（]?\d+[)）]?[.、:：]?")
_MARKS = "*★☆:：_-—·"


def by_key(synonyms: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, int]]:
    """For each synonym as headers are compared: what it names, and how usual it is (0 the most)."""
    return {header_key(name): (target, place) for target, names in synonyms.items() for place, name in enumerate(names)}


_KNOWN = by_key(SYNONYMS)


def element_named(header: str) -> tuple[str, int] | None:
    """The element that a header names, and how usual the name is (0 the most); None where it names none."""
    return named_among(header, _KNOWN)


def named_among(header: str, known: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    """What a header names among known names (``by_key``).

    What stands around the name does not count: a number before it, a star, an aside in brackets, its group and a slash.
    """
    key = header_key(header)
    bare = _COUNTED.sub("", _ASIDE.sub("", key)).strip(_MARKS)
    last = bare.rsplit("/", 1)[-1]
    return next((known[word] for word in (key, bare, last) if word in known), None)
