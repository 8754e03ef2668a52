"""The roles a person can hold in an agency. Data without the ORM, so that workflow tables can name them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does for an agency."""

    DATA_STEWARD = "data-steward", _("数据管理员")
    APPROVER = "approver", _("审批人")
    COUNTY_AUTHORITY = "county-authority", _("县级大数据主管部门经办人")
    MUNICIPAL_AUTHORITY = "municipal-authority", _("市大数据主管部门经办人")
    GOVERNMENT_APPROVER = "government-approver", _("政府审定人")
    COORDINATOR = "coordinator", _("协调员")
    REVIEWER = "reviewer", _("复核员")
    SUPERVISOR = "supervisor", _("监督员")
    SYSTEM_ADMIN = "system-admin", _("系统管理员")
    SECURITY_ADMIN = "security-admin", _("安全管理员")
    AUDIT_ADMIN = "audit-admin", _("审计管理员")


ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
"""Held by three different persons: whoever runs the system neither guards nor audits it."""

DECIDERS = (
    Role.APPROVER,
    Role.COUNTY_AUTHORITY,
    Role.MUNICIPAL_AUTHORITY,
    Role.GOVERNMENT_APPROVER,
    Role.COORDINATOR,
    Role.REVIEWER,
    Role.SUPERVISOR,
    *ADMINISTRATORS,
)
"""Those who decide: a setting makes the second factor theirs."""
