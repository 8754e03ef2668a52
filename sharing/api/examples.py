"""What is sent to the API of sharing, by example: for the OpenAPI document, and tried by the tests."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

USE: dict[str, Any] = {
    "duty": "重点人群急救转运保障",
    "duty_basis": "《院前医疗急救管理办法》第四条",
    "purpose": "安排急救转运路线",
    "use_case": "调度系统按线路编号查询",
    "period_from": "2026-12-01",
    "period_until": "2027-11-30",
    "ways": ["interface"],
    "frequency": "on-demand",
    "for_this_system": True,
}
ROUTES = {
    "entry": "211005/000001",
    "items": ["route", "name", "length"],
    "row_condition": [{"code": "length", "operator": "ge", "value": "10"}],
}


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


VERIFY = {
    "key_items": ["route"],
    "compared_items": ["length"],
    "answered_items": ["name"],
    "most_subjects": 20,
}
APPLY = [
    _sent("申请三个信息项和部分行", USE | ROUTES),
    _sent("只申请核验：按线路编号核对长度，答复名称", USE | ROUTES | {"ways": ["verify"], "verification": VERIFY}),
]
APPLY_TOGETHER = [
    _sent("一次申请两项数据", USE | {"entries": [ROUTES, {"entry": "211005/000002", "items": ["number", "plate"]}]})
]
REPLY = [
    _sent("同意", {"outcome": "agree", "calls_per_minute": 60, "rows_per_day": 100_000}),
    _sent(
        "部分同意：减少信息项和期限，说明理由",
        {
            "outcome": "agree-in-part",
            "items": ["route", "name"],
            "valid_until": "2027-05-31",
            "reasons": "线路长度正在复测，复测完成前不提供；期限按调度系统试运行期确定。",
        },
    ),
    _sent(
        "部分同意：只核对，不答复内容，每次五个",
        {
            "outcome": "agree-in-part",
            "items": ["route", "name", "length"],
            "verification": {"key_items": ["route"], "compared_items": ["name", "length"], "most_subjects": 5},
            "reasons": "所述职责只需知道是否相符。",
        },
    ),
    _sent("不同意，说明理由", {"outcome": "refuse", "reasons": "所述职责不需要这些信息项，可以使用已开放的线路名录。"}),
]
CHANGE_AUTHORISATION = [
    _sent(
        "对全部机关减少信息项",
        {
            "items": ["route", "name"],
            "purpose": "核对线路",
            "valid_until": None,
            "reasons": "线路长度改由另一项数据提供。",
        },
    )
]
DECLARE = [
    _sent(
        "登记所履行的职责",
        {
            "entry": "209005/000001",
            "duty": "城市运行监测",
            "duty_basis": "本机关职能配置规定第三条",
            "purpose": "监测主干道通行状况",
            "terms_accepted": True,
        },
    )
]
OPINION = [
    _sent(
        "应当提供",
        {
            "opinion": "provide",
            "items": ["route", "name", "length"],
            "text": "急救转运确需线路长度，可以按现有数据提供并注明测量日期。",
            "hearing": "已书面听取提供机关的意见。",
        },
    )
]
ROWS = [
    OpenApiExample(
        "一页数据",
        value={
            "count": 128,
            "page": 1,
            "page_size": 2,
            "version": 7,
            "reading": "5d2f0b0e-6f0e-4f52-9a43-0f6f2f1f4c11",
            "fields": ["route", "name", "length"],
            "results": [
                {"route": "001", "name": "火车站环线", "length": 12.5},
                {"route": "002", "name": "机场专线", "length": 31.0},
            ],
        },
        response_only=True,
    )
]
