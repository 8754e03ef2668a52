"""What licences of the demonstration city are issued from: a register of companies, all made up."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from stdnum.cn import uscc

from catalog.models import Field, SharingType, UpdateCycle
from guiyang_data.web.demonstration.datasets import Dataset, Item
from guiyang_data.web.demonstration.rows import COUNTIES, COUNTY_CODES, Row

TRADES = (
    ("餐饮", "餐饮服务；食品销售（仅销售预包装食品）"),
    ("酒店管理", "酒店管理；住宿服务"),
    ("健身服务", "健身休闲活动；体育健康服务"),
    ("商贸", "日用百货销售；互联网销售"),
    ("物业服务", "物业管理；停车场服务"),
)


def companies(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Made-up companies with right check characters; every tenth was founded for a term."""
    for number in range(1, 301):
        index, (trade, scope) = rng.randrange(len(COUNTIES)), rng.choice(TRADES)
        body = f"91{COUNTY_CODES[index]}XX{number:07d}"
        founded = on - dt.timedelta(days=rng.randrange(60, 5000))
        until = (on + dt.timedelta(days=rng.randrange(30, 3000))).isoformat() if number % 10 == 0 else ""
        yield (
            body + uscc.calc_check_digit(body),
            f"贵阳示例{trade}{number}有限公司",
            "有限责任公司（自然人投资或控股）",
            f"{rng.choice('王李张刘陈杨黄赵吴周')}示{rng.choice('一二三四五六七八九十')}",
            f"{rng.choice((10, 50, 100, 200, 500))}万元",
            founded.isoformat(),
            until,
            f"贵州省贵阳市{COUNTIES[index]}示例路{rng.randrange(1, 300)}号",
            scope,
        )


REGISTER = Dataset(
    provider="市市场监管局",
    title="企业登记信息",
    abstract="企业的名称、统一社会信用代码、类型、法定代表人、住所与经营范围，供各机关核对主体资格、取用营业执照。",
    category="企业登记",
    field=Field.COMPANIES,
    cycle=UpdateCycle.DAILY,
    keywords="营业执照 企业 登记",
    rows=companies,
    sharing=SharingType.CONDITIONAL,
    condition="用于办理行政许可等事项核对申请人的主体资格。",
    is_open=False,
    ground=3,
    ground_basis="《中华人民共和国民法典》第一千零三十四条：自然人的个人信息受法律保护。",
    items=(
        Item(name="统一社会信用代码", code="credit_code", length=18, required=True, key=True),
        Item(name="名称", code="name", length=80, required=True),
        Item(name="类型", code="kind", length=60),
        Item(name="法定代表人", code="representative", length=20, sensitivity="direct", grade=2),
        Item(name="注册资本", code="capital", length=20),
        Item(name="成立日期", code="founded_on", data_type="D"),
        Item(name="营业期限至", code="valid_until", data_type="D", meaning="空白的为长期"),
        Item(name="住所", code="address", length=120),
        Item(name="经营范围", code="scope", length=300),
    ),
)
LICENSED: tuple[Dataset, ...] = (REGISTER,)
