"""The walk, chapters 5 and 6: a clock that runs out is escalated without anyone acting, and stays until dealt with."""

from __future__ import annotations

import re

from tests.walk.chapter_two import fill
from tests.walk.people import Someone


def sees_it_late(supervisor: Someone, title: str, *, days: int) -> None:
    """The board shows what is late, whose it is, by how many days and by which article."""
    supervisor.opens("/desk/oversight/")
    row = supervisor.main.get_by_role("row").filter(has_text=title)
    text = row.first.inner_text()
    assert f"{days} 天" in text, text
    assert "第二十一条" in text, text
    assert "市交通委" in text, text
    supervisor.picture("监督-全市情况")


def urges(supervisor: Someone, title: str) -> None:
    """The supervisor urges; the case stays on the board."""
    supervisor.main.get_by_role("row").filter(has_text=title).get_by_role("link", name=re.compile(title)).first.click()
    supervisor.sees(re.compile("逾期"))
    supervisor.picture("监督-逾期上报")
    supervisor.follows(re.compile("^督办"))
    fill(supervisor, "督办意见", "请在两日内答复申请人并说明逾期原因。")
    supervisor.main.locator("form[method=post] button[type=submit]").last.click()
    supervisor.sees("请在两日内答复申请人并说明逾期原因。")
    supervisor.picture("监督-已督办")
    supervisor.opens("/desk/oversight/")
    supervisor.sees(title)


def concludes(someone: Someone, title: str) -> None:
    """Once the reply is out, each agency it was brought before records how it was dealt with."""
    someone.opens("/desk/oversight/")
    row = someone.main.get_by_role("row").filter(has_text=title)
    row.get_by_role("link", name=re.compile("记录处理结果")).first.click()
    fill(someone, "处理结果", "已督促答复，提供机关已说明逾期原因并整改。")
    someone.main.locator("form[method=post] button[type=submit]").last.click()
    someone.page.wait_for_load_state()


def sees_it_gone(supervisor: Someone, title: str) -> None:
    """What is dealt with by everyone it was brought before leaves the board."""
    supervisor.opens("/desk/oversight/")
    supervisor.sees("全市情况")
    assert not supervisor.main.get_by_role("row").filter(has_text=title).count()
    supervisor.picture("监督-处理完毕")
