"""Titles and texts of requests: made up from parts, or real petitions where GUIYANG_REAL_INPUT names their folder."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

PLACES = (
    "云岩区 南明区 观山湖区 花溪区 乌当区 白云区 清镇市 修文县 息烽县 开阳县 贵安新区 双龙航空港 老城核心区 "
    "数博大道沿线 花果园片区 金阳片区 小河片区 三桥马王庙 大学城 高铁北站周边"
).split()
OBJECTS = (
    "公交车辆 停车场泊位 道路积水点 空气监测站 水库水位 中小学学位 幼儿园 养老机构 社区医院 药品价格 农贸市场 "
    "食品抽检 建筑工地 老旧小区改造 电梯检验 公租房 新建商品房 土地出让 企业注册 行政处罚 招标中标 财政预算 "
    "社会救助 残疾人补贴 就业见习岗位 职业培训 公共厕所 垃圾分类投放点 路灯 城市绿地 森林防火 河道水质 地质灾害点 "
    "旅游景区客流 文物保护单位 图书馆馆藏 体育场馆 气象预警 交通事故 道路施工 网约车 共享单车 充电桩 加油站 "
    "快递网点 宠物登记 殡葬服务 婚姻登记 法律援助 信访办理"
).split()
ASPECTS = (
    "实时位置 每日数量 年度统计 分布坐标 名录 收费标准 检查结果 办理时长 投诉处理情况 历史变化 分类明细 责任单位 "
    "开放时间 预约情况 补贴发放 资金使用 验收结果 等级评定 联系方式 空余数量 平均价格 客流量 维修记录 规划方案 "
    "设备台账 抽检不合格清单 月度排名 人员配置 覆盖率 异常情况"
).split()
FORMS = ("申请开放{}{}的{}", "希望公开{}{}{}", "{}{}{}数据", "想了解{}的{}{}")
TEXTS = (
    "住在这里多年，每天上下班都要用到，希望能按月更新，用表格的形式提供，方便大家查询和比较。",
    "我们是一家本地的小企业，想用这项数据做便民服务，请提供近三年的明细，不涉及个人信息。",
    "孩子今年要上学，想提前了解情况，打过几次电话都说没有统计，希望部门能够公开。",
    "开展课题研究需要，请按街道汇总提供，字段说明也请一并公布，谢谢。",
)
PETITIONS = "requests/petitions_783.csv"
LONGEST_TITLE = 120
LONGEST_TEXT = 3000


def titles(number: int) -> list[str]:
    """So many made-up titles, each different (up to 120,000), neighbours about different things."""
    made = (form.format(place, what, aspect) for form, aspect, place, what in product(FORMS, ASPECTS, PLACES, OBJECTS))
    return list(islice(made, number))


def petitions() -> list[tuple[str, str]]:
    """Title and text of real petitions; none where the folder is not named."""
    named = os.environ.get("GUIYANG_REAL_INPUT", "")
    return list(_rows(Path(named) / PETITIONS)) if named else []


def _rows(file: Path) -> Iterator[tuple[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            title = (row["留言主题"] or "").strip()[:LONGEST_TITLE]
            if title:
                yield title, (row["留言详情"] or "").strip()[:LONGEST_TEXT]
