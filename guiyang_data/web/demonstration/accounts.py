"""Who can sign in to the demonstration city: one account a role, all with the same password, printed at the start."""

from __future__ import annotations

from dataclasses import dataclass

from guiyang_data.accounts.roles import Role

PASSWORD = "guiyang-demo-2026"  # noqa: S105  the demonstration's own, printed at every start
CITIZEN = "citizen"
RESIDENT = "resident"
"""Somebody whose rows agencies read, and who came to the counter to see it."""


@dataclass(frozen=True, kw_only=True)
class DemonstrationAccount:
    """A person of the demonstration: user name, made-up name, agency by short name, roles."""

    username: str
    name: str
    agency: str
    roles: tuple[Role, ...]

    @property
    def text(self) -> str:
        """One line for the start of the portal."""
        roles = "、".join(str(role.label) for role in self.roles) or "社会公众"
        return f"{self.username}（{self.agency + '·' if self.agency else ''}{roles}）"


ACCOUNTS: tuple[DemonstrationAccount, ...] = (
    DemonstrationAccount(username=CITIZEN, name="示例市民", agency="", roles=()),
    DemonstrationAccount(username=RESIDENT, name="示例居民", agency="", roles=()),
    DemonstrationAccount(username="transport", name="王示例", agency="市交通委", roles=(Role.DATA_STEWARD,)),
    DemonstrationAccount(username="transport-approver", name="李示例", agency="市交通委", roles=(Role.APPROVER,)),
    DemonstrationAccount(username="environment", name="张示例", agency="市生态环境局", roles=(Role.DATA_STEWARD,)),
    DemonstrationAccount(username="environment-approver", name="赵示例", agency="市生态环境局", roles=(Role.APPROVER,)),
    DemonstrationAccount(username="civil", name="孙示例", agency="市民政局", roles=(Role.DATA_STEWARD,)),
    DemonstrationAccount(username="civil-approver", name="周示例", agency="市民政局", roles=(Role.APPROVER,)),
    DemonstrationAccount(username="health", name="吴示例", agency="市卫健局", roles=(Role.DATA_STEWARD,)),
    DemonstrationAccount(username="health-approver", name="郑示例", agency="市卫健局", roles=(Role.APPROVER,)),
    DemonstrationAccount(username="authority", name="冯示例", agency="市大数据局", roles=(Role.MUNICIPAL_AUTHORITY,)),
    DemonstrationAccount(
        username="authority-second", name="何示例", agency="市大数据局", roles=(Role.MUNICIPAL_AUTHORITY,)
    ),
    DemonstrationAccount(username="coordinator", name="陈示例", agency="市大数据局", roles=(Role.COORDINATOR,)),
    DemonstrationAccount(username="reviewer", name="褚示例", agency="市大数据局", roles=(Role.REVIEWER,)),
    DemonstrationAccount(username="supervisor", name="卫示例", agency="市大数据局", roles=(Role.SUPERVISOR,)),
    DemonstrationAccount(username="government", name="蒋示例", agency="市政府", roles=(Role.GOVERNMENT_APPROVER,)),
    DemonstrationAccount(username="county", name="沈示例", agency="南明区教育局", roles=(Role.DATA_STEWARD,)),
    DemonstrationAccount(username="county-approver", name="韩示例", agency="南明区教育局", roles=(Role.APPROVER,)),
    DemonstrationAccount(
        username="county-authority", name="杨示例", agency="南明区大数据局", roles=(Role.COUNTY_AUTHORITY,)
    ),
    DemonstrationAccount(
        username="county-authority-second", name="吕示例", agency="南明区大数据局", roles=(Role.COUNTY_AUTHORITY,)
    ),
    DemonstrationAccount(
        username="county-government", name="朱示例", agency="南明区政府", roles=(Role.GOVERNMENT_APPROVER,)
    ),
    DemonstrationAccount(username="system-admin", name="秦示例", agency="市大数据局", roles=(Role.SYSTEM_ADMIN,)),
    DemonstrationAccount(username="security-admin", name="尤示例", agency="市大数据局", roles=(Role.SECURITY_ADMIN,)),
    DemonstrationAccount(username="audit-admin", name="许示例", agency="市大数据局", roles=(Role.AUDIT_ADMIN,)),
)
