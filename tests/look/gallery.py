"""Every part in every state, with made-up content: what the gallery shows."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator

from guiyang_data.faces.rendering import DayInput, ManyFilesField, ReasonInput

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class Face:
    """The fields of a clock that its parts read."""

    state: str
    days: int
    headline: str
    due_on: dt.date = dt.date(2026, 11, 25)
    due_text: str = "11月25日（周三）24:00 前"
    detail: str = "11月15日受理，10 日"
    article: str = "第二十一条第二款"
    provisional: bool = False
    provisional_reason: str = ""
    statutory: bool = True
    why_url: str = "/law/count/1/"


FACES = [
    Face(state="on_time", days=8, headline="还剩 8 天"),
    Face(state="near", days=2, headline="还剩 2 天"),
    Face(state="late", days=3, headline="逾期 3 天"),
    Face(state="stopped_on_time", days=6, headline="按时，第 6 天答复"),
    Face(state="stopped_late", days=13, headline="逾期 3 天答复"),
    Face(
        state="on_time",
        days=9,
        headline="还剩 9 天",
        due_text="2027年1月4日（周一）24:00 前",
        provisional=True,
        provisional_reason="2027 年的节假日安排尚未公布。",
    ),
    Face(state="on_time", days=8, headline="还剩 8 天", statutory=False, article="", detail="反馈核对结果"),
]


class RequestForm(forms.Form):
    """One field of every kind."""

    submission = forms.CharField(widget=forms.HiddenInput, initial="7d1c")
    title = forms.CharField(
        label="需要的数据", help_text="写清楚内容和范围即可，不需要知道数据的正式名称。", max_length=60
    )
    kind = forms.ChoiceField(
        label="情形", choices=[("list", "应当列入目录"), ("open", "应当开放未开放")], widget=forms.RadioSelect
    )
    agency = forms.ChoiceField(label="向谁申请", choices=[("", "请选择"), ("jt", "市交通委员会")])
    ways = forms.MultipleChoiceField(
        label="怎样通知您",
        choices=[("mail", "邮箱"), ("sms", "短信")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    until = forms.DateField(label="最迟什么时候需要", widget=DayInput, required=False)
    purpose = forms.CharField(label="用途", widget=ReasonInput(attrs={"minlength": 4}), max_length=500, required=False)
    papers = ManyFilesField(label="附件", required=False, help_text="每个不超过 20 MB，材料只给承办人看。")
    agreed = forms.BooleanField(label="我知道申请的内容会公示，姓名和联系方式不公开")


class ReasonsForm(forms.Form):
    """The reasons beside a refusal."""

    reasons = forms.CharField(label="理由", widget=ReasonInput, help_text="会送达申请人并公开。", max_length=5000)


def wrong_request() -> RequestForm:
    """The form as it comes back with mistakes."""
    return RequestForm({"submission": "7d1c", "title": "公交车辆实时位置", "kind": "none"})


def _work() -> list[dict[str, Any]]:
    titles = [
        ("开放申请：公交车辆实时位置", "GY-2026-00817 等 38 件类似", "第二十一条第一款"),
        ("共享申请：公交 IC 卡刷卡记录（部分字段）", "GX-2026-00342 · 市公安局 · 用于反诈核查", "第十五条第二款"),
        ("开放申请：出租汽车经营权名录", "GY-2026-00771 · 转办自市市场监管局（其经手 3 天）", "第二十一条第一款"),
        ("目录更新：网约车管理办法修订涉及 3 个目录条目", "事件日 11月10日 · 当前在本单位", "第十三条第二款"),
        ("数据校核：公交站点表 12 行经纬度颠倒", "反馈人：某导航企业 · 已有 41 家使用", "第十三条第三款"),
    ]
    faces = [FACES[2], FACES[1], FACES[0], FACES[5], FACES[6]]
    return [
        {"face": face, "title": title, "detail": detail, "article": article, "url": "#", "pk": number}
        for number, (face, (title, detail, article)) in enumerate(zip(faces, titles, strict=True))
    ]


def _table() -> dict[str, Any]:
    columns = [
        {"name": "监测时间", "code": "at", "type_label": "日期时间", "sort_url": "?sort=at", "sorted": "desc"},
        {"name": "站点", "code": "site", "type_label": "文本", "filter_name": "site", "filter_value": "云岩"},
        {"name": "PM2.5", "code": "pm25", "unit": "μg/m³", "numeric": True, "sort_url": "?sort=pm25"},
        {"name": "说明", "code": "note", "type_label": "文本"},
    ]
    start = dt.datetime(2026, 11, 23, 8, tzinfo=SHANGHAI)
    rows = [
        {
            "at": start - dt.timedelta(hours=hour),
            "site": {"text": "观山湖", "url": "#"},
            "pm25": 23 + hour,
            "note": None,
        }
        for hour in range(7)
    ]
    rows[2]["note"] = "该小时仪器校准，数值由相邻站点插补得到，使用时请注意与前后时段的差异，详见说明文件"
    return {
        "columns": columns,
        "rows": rows,
        "caption": "空气质量监测站小时值",
        "filters": [{"label": "监测时间", "text": "最近 24 小时", "remove_url": "?"}],
        "count_text": "240 行，共 788,412 行",
        "share_url": "?at=24h",
        "page": Paginator(range(788412), 100).page(6),
    }


def _case() -> dict[str, Any]:
    at = dt.datetime(2026, 11, 3, 10, 21, tzinfo=SHANGHAI)
    return {
        "facts": [
            ("答复机关", "市综合行政执法局，11月9日（按时，第 6 天）"),
            ("结论", "部分不同意：实时余位不开放"),
            ("用途", ""),
            ("附件数", 0),
            ("您是谁", "个人，不公开姓名", "/requests/new/3/"),
        ],
        "events": [
            {"what": "申请人提出开放申请", "at": at, "who": "GY-2026-00790"},
            {
                "what": "市综合行政执法局答复：部分不同意",
                "at": at + dt.timedelta(days=6),
                "article": "贵阳市政府数据共享开放条例第二十一条第一款",
            },
            {
                "what": "市综合行政执法局提交说明",
                "at": at + dt.timedelta(days=15),
                "private": True,
                "note": "附合同节选",
            },
        ],
        "acts": [
            {"label": "维持原答复", "url": "#", "form": ReasonsForm(auto_id="uphold_%s")},
            {"label": "变更：应当开放", "url": "#", "main": True, "form": ReasonsForm(auto_id="change_%s")},
            {"label": "打印卷宗", "url": "#", "method": "get"},
            {"label": "登记收到", "url": "#", "method": "post"},
            {
                "label": "撤回申请",
                "url": "#",
                "dangerous": True,
                "consequence": "撤回后时钟停止，再次申请重新计算期限。",
            },
        ],
        "attachments": [{"name": "合同节选.pdf", "url": "#", "size": 1_234_567, "private": True}],
    }


def _progress() -> list[dict[str, Any]]:
    return [
        {
            "title": "导出 XLSX",
            "state": "running",
            "done": 412_000,
            "total": 788_412,
            "unit": "行",
            "poll_url": "/jobs/1/",
        },
        {"title": "导出 CSV", "state": "waiting", "poll_url": "/jobs/2/"},
        {"title": "导出 Parquet", "state": "done", "detail": "12.4 MB", "result_url": "#", "result_label": "下载"},
        {
            "title": "汇聚数据",
            "state": "failed",
            "detail": "第 12 行起格式不符，已收下的文件没有丢失。",
            "retry_url": "#",
        },
    ]


def _strip() -> dict[str, Any]:
    states = ["good"] * 20 + ["none"] * 3 + ["deviating"] * 2 + ["unavailable"] + ["good"] * 4
    marks = [{"state": state, "text": f"{number}日"} for number, state in enumerate(states, start=1)]
    return {"label": "近 30 天：24 天正常，2 天有与文档不符，1 天有不可用，3 天没有检查", "marks": marks}


def _agencies() -> dict[str, Any]:
    places = {
        "市级机关": ("贵阳市公安局", "贵阳市教育局", "贵阳市卫生健康局"),
        "南明区": ("贵阳市南明区教育局", "贵阳市南明区卫生健康局"),
    }
    numbers = itertools.count(1)
    return {
        "name": "to",
        "type": "radio",
        "id": "id_to",
        "groups": [
            (place, [{"value": next(numbers), "label": name, "words": f"{name} {name[3:]}"} for name in names])
            for place, names in places.items()
        ],
        "find_name": "to_find",
    }


def context() -> dict[str, Any]:
    """Everything the gallery's template reads."""
    chart = {
        "id": "pm25",
        "title": "PM2.5，最近 24 小时",
        "kind": "line",
        "unit": "μg/m³",
        "x_name": "时间",
        "x": ["08", "09", "10", "11"],
        "series": [{"name": "云岩", "values": [31, 38, 40, 33]}, {"name": "花溪", "values": [27, 29, None, 24]}],
        "source": "市生态环境局",
        "as_of": "2026-11-23 08:10",
    }
    return {
        "crumbs": [("数据", "/data/"), ("环境", "/data/?field=env"), ("空气质量监测站小时值", "")],
        "messages": [
            Message(constants.SUCCESS, "答复已送达申请人，时钟停止。"),
            Message(constants.WARNING, "2027 年安排尚未公布，期限暂定。"),
            Message(constants.ERROR, "没有送达：邮箱地址被退回。答复已保存，请改用其他方式。"),
            Message(constants.INFO, "数据每小时更新。"),
        ],
        "faces": FACES,
        "items": _work(),
        "work_filters": [
            {"label": "已逾期", "count": 1, "url": "?", "state": "late"},
            {"label": "三日内", "count": 2, "url": "?", "state": "near"},
            {"label": "其余", "count": 9, "url": "?", "current": True},
        ],
        "choices": [{"label": "全部类型", "url": "?", "current": True}, {"label": "按到期日", "url": "?"}],
        "nothing": {
            "title": "现在没有要办的事",
            "text": "转到您岗位的申请、复核和反馈会出现在这里，按到期日排列。",
            "action": {"label": "看已办结的", "url": "#"},
        },
        "stats": [
            {"label": "现在逾期", "value": "7", "detail": "开放申请 4 · 共享 2 · 目录 1", "state": "late", "url": "#"},
            {"label": "三日内到期", "value": "31", "detail": "涉及 18 个机关", "state": "near"},
            {"label": "本年按时答复", "value": "97.9%", "detail": "2,316 / 2,366 件"},
            {"label": "目录按期更新", "value": "96.4%", "detail": "161 / 167 件", "state": "on_time"},
        ],
        "tags": [
            {"text": "无条件开放"},
            {"text": "质量 96", "kind": "on_time"},
            {"text": "307014/000021", "kind": "code"},
        ],
        "tabs": [
            {"key": "rows", "label": "看数据", "url": "?tab=rows"},
            {"key": "items", "label": "字段", "url": "?tab=items", "count": 9},
            {"key": "talk", "label": "讨论", "url": "?tab=talk", "count": 0},
        ],
        "tab": "rows",
        "fields_of_life": [("信用", 214), ("交通", 486), ("医疗", 173), ("企业登记监管", 402), ("其他民生", 127)],
        "chart": chart,
        "call": 'curl "https://data.guiyang.example/api/v1/open/307014-000021/rows?limit=100"',
        "steps": [{"label": "需要什么", "url": "?step=1"}, {"label": "向谁申请"}, "您是谁", "核对并提交"],
        "current": 3,
        "form": wrong_request(),
        "ending": ReasonsForm(auto_id="ending_%s"),
        "keep_draft": {"name": "keep", "value": "draft", "label": "存为草稿"},
        "narrowed": _agencies(),
        "jobs": _progress(),
        "strip": _strip(),
        **_table(),
        **_case(),
    }
