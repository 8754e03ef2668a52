"""How the rows of the demonstration's data sets are made: by a seeded generator, as of a day."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence

from stdnum.cn import ric

COUNTIES = ("南明区", "云岩区", "花溪区", "乌当区", "白云区", "观山湖区", "开阳县", "息烽县", "修文县", "清镇市")
COUNTY_CODES = ("520102", "520103", "520111", "520112", "520113", "520115", "520121", "520122", "520123", "520181")

Row = Sequence[object]


def _months_before(on: dt.date, count: int) -> list[str]:
    """The ``count`` whole months before a day, oldest first: 2026-01."""
    ordinals = [on.year * 12 + on.month - 1 - back for back in range(count, 0, -1)]
    return [f"{ordinal // 12}-{ordinal % 12 + 1:02d}" for ordinal in ordinals]


def air(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Hourly values of ten air stations over thirty days."""
    stations = [f"{county.rstrip('区县市')}站" for county in COUNTIES]
    start = dt.datetime.combine(on - dt.timedelta(days=30), dt.time(0))
    for hour in range(30 * 24):
        moment = start + dt.timedelta(hours=hour)
        for number, station in enumerate(stations, start=1):
            base = 24 + 9 * (moment.hour in {8, 9, 18, 19}) + number
            pm25 = max(3, round(rng.gauss(base, 7)))
            grade = "优" if pm25 <= 35 else "良" if pm25 <= 75 else "轻度污染"
            yield (
                moment.strftime("%Y-%m-%d %H:%M:%S"),
                f"520100{number:02d}",
                station,
                pm25,
                round(pm25 * rng.uniform(1.4, 1.9)),
                round(rng.gauss(55, 14)),
                round(rng.uniform(0.4, 1.1), 1),
                grade,
            )


def lots(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Public car parks."""
    places = ("市民广场", "医院东门", "客运站", "体育中心", "图书馆", "购物中心", "地铁口", "公园北门")
    for number in range(1, 421):
        index = rng.randrange(len(COUNTIES))
        spaces = rng.choice((40, 60, 80, 120, 200, 350))
        yield (
            f"TC{number:05d}",
            f"{COUNTIES[index].rstrip('区县市')}{rng.choice(places)}停车场{number}",
            COUNTIES[index],
            spaces,
            rng.randrange(0, spaces // 8 + 1),
            rng.choice(("政府定价", "政府指导价", "市场调节价")),
            f"{rng.uniform(26.40, 26.85):.5f}",
            f"{rng.uniform(106.50, 106.95):.5f}",
            (on - dt.timedelta(days=rng.randrange(20, 900))).isoformat(),
        )


def stops(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Bus stops in the order of their lines."""
    places = ("路口", "小区", "学校", "医院", "广场", "大桥")
    for line in range(1, 121):
        for position in range(1, rng.randrange(14, 34) + 1):
            county = rng.choice(COUNTIES).rstrip("区县市")
            yield (
                f"{line}路",
                f"{line:03d}{position:02d}",
                position,
                f"{county}{rng.choice(places)}{rng.randrange(1, 90)}站",
                f"{rng.uniform(26.45, 26.75):.5f}",
                f"{rng.uniform(106.55, 106.85):.5f}",
                "06:30",
                rng.choice(("21:30", "22:00", "22:30")),
            )


def metro(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Passengers of each metro station, by month."""
    for line, stations in (("1号线", 25), ("2号线", 32), ("3号线", 29)):
        for month in _months_before(on, 10):
            for number in range(1, stations + 1):
                entries = round(rng.lognormvariate(11.5, 0.6))
                yield (
                    month,
                    line,
                    f"{line[0]}{number:02d}",
                    f"{line}第{number}站",
                    entries,
                    round(entries * rng.uniform(0.93, 1.07)),
                )


def schools(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Schools and kindergartens."""
    kinds = (("幼儿园", 9), ("小学", 24), ("初级中学", 18), ("高级中学", 30))
    for number in range(1, 681):
        index = rng.randrange(len(COUNTIES))
        kind, classes = rng.choice(kinds)
        yield (
            f"XX{number:05d}",
            f"{COUNTIES[index].rstrip('区县市')}第{number}{kind}",
            kind,
            rng.choice(("公办", "公办", "公办", "民办")),
            COUNTIES[index],
            COUNTY_CODES[index],
            classes,
            classes * rng.randrange(36, 50),
            f"0851-{rng.randrange(80000000, 89999999)}",
        )


def hospitals(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Hospitals."""
    for number in range(1, 261):
        county = rng.choice(COUNTIES)
        grade = rng.choice(("三级甲等", "二级甲等", "二级乙等", "一级", "未定级"))
        beds = {"三级甲等": 1200, "二级甲等": 420, "二级乙等": 260, "一级": 60}.get(grade, 20)
        yield (
            f"YL{number:05d}",
            f"{county.rstrip('区县市')}示例医院{number}",
            grade,
            county,
            round(beds * rng.uniform(0.7, 1.3)),
            rng.choice(("是", "是", "否")),
        )


def water(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Daily volume and quality of five reservoirs over a year."""
    for reservoir, volume in (
        ("红枫湖", 4.2e8),
        ("百花湖", 1.4e8),
        ("阿哈水库", 5.2e7),
        ("花溪水库", 2.3e7),
        ("松柏山水库", 3.9e7),
    ):
        for back in range(365):
            day = on - dt.timedelta(days=back)
            season = 0.72 + 0.14 * (5 <= day.month <= 9)
            yield (
                day.isoformat(),
                reservoir,
                round(volume * rng.gauss(season, 0.02) / 10_000, 1),
                rng.choice(("Ⅱ类", "Ⅱ类", "Ⅲ类")),
            )


def prices(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Daily retail prices in twenty markets over sixty days."""
    for market in range(1, 21):
        for name, price in (
            ("白菜", 2.4),
            ("番茄", 5.6),
            ("辣椒", 8.9),
            ("折耳根", 9.8),
            ("土豆", 3.2),
            ("猕猴桃", 11.5),
            ("黄瓜", 4.8),
        ):
            for back in range(60):
                day = on - dt.timedelta(days=back)
                yield (
                    day.isoformat(),
                    f"示例农贸市场{market}",
                    name,
                    f"{max(0.5, rng.gauss(price, price * 0.12)):.2f}",
                )


def punish(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Administrative penalties against made-up companies."""
    for number in range(1, 1201):
        day = on - dt.timedelta(days=rng.randrange(1, 1400))
        yield (
            f"筑市监罚（{day.year}）{number}号",
            f"贵阳示例{rng.choice(('餐饮', '商贸', '食品', '科技', '物业'))}{number}有限公司",
            rng.choice(("食品安全法", "广告法", "产品质量法", "计量法", "价格法")),
            rng.choice(("警告", "罚款", "没收违法所得")),
            f"{rng.choice((0, 2000, 5000, 10000, 50000)):.2f}",
            day.isoformat(),
        )


def pharmacies(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Pharmacies and clinics under the medical insurance."""
    for number in range(1, 901):
        county = rng.choice(COUNTIES)
        yield (
            f"YD{number:05d}",
            f"示例大药房{number}店",
            rng.choice(("定点药店", "定点医疗机构")),
            county,
            rng.choice(("是", "否")),
        )


def _id_number(rng: random.Random, birth: dt.date) -> str:
    # the sequence 000 is never given out: the check digit is right, and no real person has the number
    body = f"{rng.choice(COUNTY_CODES)}{birth:%Y%m%d}000"
    return body + ric.calc_check_digit(body + "0")


def low_income(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Made-up recipients of the minimum living allowance."""
    for number in range(1, 2001):
        birth = dt.date(1940, 1, 1) + dt.timedelta(days=rng.randrange(0, 27_000))
        county = rng.choice(COUNTIES)
        yield (
            f"DB{number:06d}",
            f"{rng.choice('王李张刘陈杨黄赵吴周')}示{rng.choice('一二三四五六七八九十')}",
            _id_number(rng, birth),
            f"1{rng.choice(('38', '39', '85', '77'))}{rng.randrange(10**7, 10**8)}",
            county,
            birth.isoformat(),
            rng.choice(("A类", "B类", "C类")),
            f"{rng.randrange(360, 1600):.2f}",
        )


def marriage(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Made-up marriage registrations."""
    for number in range(1, 1501):
        day = on - dt.timedelta(days=rng.randrange(1, 5000))
        first = dt.date(1965, 1, 1) + dt.timedelta(days=rng.randrange(0, 13_000))
        yield (
            f"J5201{number:08d}",
            f"{rng.choice('王李张刘陈')}示{rng.choice('甲乙丙丁')}",
            _id_number(rng, first),
            day.isoformat(),
            rng.choice(("结婚", "离婚")),
            rng.choice(COUNTIES),
        )


def care_homes(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Care homes."""
    for number in range(1, 141):
        county = rng.choice(COUNTIES)
        beds = rng.choice((30, 60, 90, 150, 260))
        yield (
            f"YA{number:04d}",
            f"{county.rstrip('区县市')}示例养老院{number}",
            county,
            beds,
            rng.randrange(0, beds),
            rng.choice(("公办", "民办", "公建民营")),
        )


def toilets(rng: random.Random, on: dt.date) -> Iterator[Row]:
    """Public toilets."""
    for number in range(1, 901):
        county = rng.choice(COUNTIES)
        yield (
            f"GC{number:05d}",
            f"{county}示例公厕{number}",
            county,
            f"{rng.uniform(26.3, 27.2):.5f}",
            f"{rng.uniform(106.3, 107.1):.5f}",
            rng.choice(("是", "否")),
            "全天",
        )
