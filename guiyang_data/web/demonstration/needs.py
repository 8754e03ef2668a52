"""Data needs of the demonstration: one in every state that somebody has to do with, each act on its own past day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.web.demonstration.catalogue import staff_of
from sharing import services
from sharing.models import DataNeed

DAY = dt.timedelta(days=1)


class Needs:
    """Files needs and puts them to agencies, as the people do whose part it is."""

    def __init__(self, found: Mapping[str, Agency], *, at: dt.datetime) -> None:
        self.found, self.at = found, at
        self.officer: User = staff_of(found["市大数据局"], at=at).reviewer

    def file(
        self, of: str, title: str, items: Sequence[str], duty: str, before: int, *, suspected: str = ""
    ) -> DataNeed:
        """A need of an agency, so many days ago."""
        agency = self.found[of]
        return services.file_need(
            requester=agency,
            by=staff_of(agency, at=self.at).steward,
            at=self.at - before * DAY,
            wish=services.NeedWish(
                title=title,
                items=items,
                duty=duty,
                duty_basis="本机关职能配置规定",
                purpose=f"用于{duty}，代替逐件发函查询。（演示）",
                update_cycle="monthly",
                suspected=self.found[suspected] if suspected else None,
            ),
        )

    def put(self, need: DataNeed, to: str, before: int, reasons: str = "") -> None:
        """Put a need to an agency."""
        services.assign_need(
            need_id=need.pk, by=self.officer, at=self.at - before * DAY, agency=self.found[to], reasons=reasons
        )

    def approver(self, of: str) -> User:
        """Who gives the agency's word."""
        return staff_of(self.found[of], at=self.at).approver


def build(found: Mapping[str, Agency], entries: Mapping[str, CatalogEntry], *, at: dt.datetime) -> None:
    """File, confirm, answer; what is catalogued already ends one of them."""
    needs = Needs(found, at=at)
    _met(needs, entries["公共厕所位置"])
    needs.file(
        "市卫健局",
        "残疾人两项补贴发放名单",
        ("姓名", "身份证号码", "补贴类别", "发放月份"),
        "残疾人家庭医生签约服务",
        2,
        suspected="市民政局",
    )
    waiting = needs.file("市医保局", "临时救助对象名单", ("姓名", "身份证号码", "救助日期"), "医疗救助资格核定", 4)
    needs.put(waiting, "市民政局", 2, "临时救助由民政部门审批。")
    services.draft_need_answer(
        need_id=waiting.pk,
        by=staff_of(needs.found["市民政局"], at=at).steward,
        at=at - DAY,
        answer="catalogue",
        reasons="由社会救助信息系统汇集，下季度公布目录。",
    )
    parking = needs.file("市卫健局", "大型活动交通管制安排", ("活动名称", "管制路段", "管制时段"), "急救车辆调度", 9)
    needs.put(parking, "市交通委", 8)
    services.deny_need(
        need_id=parking.pk,
        by=needs.approver("市交通委"),
        at=at - 6 * DAY,
        reasons="交通管制由公安机关交通管理部门决定和发布，本机关没有这项数据。",
    )
    needs.put(parking, "市公安局", 5, "依据《中华人民共和国道路交通安全法》第三十九条。")
    services.undertake_need(
        need_id=parking.pk,
        by=needs.approver("市公安局"),
        at=at - 3 * DAY,
        reasons="由交通管理信息系统汇集，下月公布目录。",
    )
    covered = needs.file("市住建局", "养老机构名称和地址", ("机构名称", "地址", "床位数"), "无障碍设施改造", 12)
    services.cover_need(
        need_id=covered.pk,
        by=needs.officer,
        at=at - 10 * DAY,
        entry_id=entries["养老机构"].pk,
        reasons="所需信息项都在这一条目中，无条件共享。",
    )


def _met(needs: Needs, entry: CatalogEntry) -> None:
    """Filed before anything was catalogued, and ended by the entry that came of it."""
    provider = staff_of(entry.provider, at=needs.at)
    need = needs.file("市文化和旅游局", "公共厕所位置和开放时间", ("名称", "地址", "开放时间"), "景区服务设施配套", 70)
    needs.put(need, entry.provider.short_name, 69)
    services.undertake_need(need_id=need.pk, by=provider.approver, at=needs.at - 68 * DAY)
    services.link_need(need_id=need.pk, by=provider.steward, at=needs.at - 50 * DAY, entry_id=entry.pk)
