"""The walk over REST, chapters 5 and 6: what nobody answered is escalated by the sweep, urged and dealt with."""

from __future__ import annotations

from typing import Any

from tests.walk.caller import Person, System


def sees_it_late(system: System, title: str, *, days: int) -> dict[str, Any]:
    """The authority's system reads what is late, whose it is, by how many days and by which article."""
    (late,) = [row for row in system.get("oversight/overdue/?page_size=500")["results"] if title in row["title"]]
    assert (late["days_late"], late["owed_by_name"], late["running"]) == (days, "贵阳市交通委员会", True)
    assert "第二十一条" in late["basis"]
    return dict(late)


def urges(system: System, supervisor: Person, escalation: int) -> None:
    """Urging is the supervisor's, a person (第三十条); a system only reads."""
    place = f"oversight/escalations/{escalation}/"
    words = {"words": "请在两日内答复申请人并说明逾期原因。"}
    system.post(f"{place}urge/", words, expect=403)
    supervisor.post(f"{place}urge/", {}, expect=422)
    assert supervisor.post(f"{place}urge/", words)["times"] == 1
    assert supervisor.get(place)["status"] == "urged"


def conclude(people: list[Person], title: str) -> None:
    """Each agency it was brought before records how it was dealt with."""
    for person in people:
        own = {role["agency"] for role in person.get("me/")["roles"]}
        listed = person.get("oversight/escalations/?page_size=500")["results"]
        mine = [row for row in listed if title in row["title"] and row["status"] in {"open", "urged"}]
        (before,) = [row for row in mine if row["to_agency"] in own]
        assert "conclude" in verbs(person, before["id"])
        place = f"oversight/escalations/{before['id']}/"
        ended = person.post(f"{place}conclude/", {"conclusion": "已督促答复，提供机关已说明逾期原因并整改。"})
        assert ended["status"] == "concluded"


def verbs(person: Person, escalation: int) -> set[str]:
    """What the person may do with it now."""
    return {act["verb"] for act in person.get(f"oversight/escalations/{escalation}/")["actions"]}


def sees_it_gone(system: System, title: str) -> None:
    """What is dealt with by everyone it was brought before is no longer listed."""
    late = system.get("oversight/overdue/?page_size=500")["results"]
    assert [row["number"] for row in late if title in row["title"]] == []
