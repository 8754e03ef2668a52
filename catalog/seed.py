"""The first classification tree: 类 and 项 of the national guide, and some 目 to extend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

GENERAL = "综合"

CLASSES: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "1": (
        "基础信息资源",
        {
            "人口": ("户籍人口", "常住人口", "婚姻登记", "出生死亡"),
            "法人单位": ("企业登记", "机关事业单位", "社会组织", "个体工商户"),
            "自然资源和空间地理": ("行政区划", "地名地址", "土地资源", "遥感影像", "不动产"),
            "社会信用": ("行政许可", "行政处罚", "红黑名单"),
            "电子证照": ("身份证照", "资格证照", "经营证照"),
        },
    ),
    "2": (
        "主题信息资源",
        {
            "公共服务": ("办事服务", "文化旅游", "教育服务", "交通出行", "体育健身"),
            "健康保障": ("医疗机构", "公共卫生", "药品器械", "医疗保障"),
            "社会保障": ("社会保险", "就业创业", "社会救助", "养老服务", "住房保障"),
            "食品药品安全": ("食品安全", "药品安全", "抽检结果"),
            "安全生产": ("生产许可", "事故隐患", "应急救援"),
            "价格监管": ("商品价格", "服务收费"),
            "能源安全": ("电力", "燃气", "成品油", "充电设施"),
            "信用体系": ("企业信用", "个人信用", "信用评价"),
            "城乡建设": ("城市规划", "市政设施", "房地产", "停车设施"),
            "社区治理": ("网格管理", "村居信息", "社区服务"),
            "生态环保": ("空气质量", "水环境", "固体废物", "林业绿化"),
            "应急维稳": ("气象预警", "地质灾害", "防汛抗旱"),
        },
    ),
    "3": (
        "部门信息资源",
        {
            "党中央": (),
            "国务院": (),
            "省（自治区、直辖市）及其下各级政务部门": (
                "发展改革",
                "教育",
                "科技",
                "工业和信息化",
                "公安",
                "民政",
                "司法",
                "财政",
                "人力资源和社会保障",
                "自然资源和规划",
                "生态环境",
                "住房和城乡建设",
                "交通运输",
                "水务",
                "农业农村",
                "商务",
                "文化和旅游",
                "卫生健康",
                "应急管理",
                "市场监管",
                "统计",
                "医疗保障",
                "林业",
                "大数据",
                "公共资源交易",
                "气象",
            ),
            "计划单列市及其下各级政务部门": (),
        },
    ),
}


def categories() -> Iterator[dict[str, Any]]:
    """Values of ``Category``, parents first: 类 one digit, 项 two more, 目 three more; every 项 has a 目 「综合」."""
    for class_code, (class_name, groups) in CLASSES.items():
        yield {"code": class_code, "name": class_name, "level": 1, "parent_id": None}
        for number, (group_name, names) in enumerate(groups.items(), start=1):
            group_code = f"{class_code}{number:02d}"
            yield {"code": group_code, "name": group_name, "level": 2, "parent_id": class_code}
            for place, name in enumerate((GENERAL, *names), start=1):
                yield {"code": f"{group_code}{place:03d}", "name": name, "level": 3, "parent_id": group_code}
