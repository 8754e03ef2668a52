"""Finding what a page or a call about materials is about, else ``NotSeen``."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guiyang_data.accounts.models import Agency, User
from guiyang_data.errors import NotSeen
from sharing.materials.policies import kept_agency
from sharing.materials.selectors import in_sight, mendings_with_names, visible_matter_imports, with_entries
from sharing.models import MaterialMending, MaterialName, MaterialSupply, MatterImport, MatterMaterial, ServiceMatter


def find_matter(pk: int, *, public: bool = False) -> ServiceMatter:
    """A matter; the public sees those that are handled."""
    rows = ServiceMatter.objects.select_related("agency")
    found = (rows.filter(is_active=True) if public else rows).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这个事项，或者已经不再办理。请返回清单重新选择。"))
    return found


def find_material(pk: int) -> MatterMaterial:
    """A material of a matter."""
    found = MatterMaterial.objects.select_related("matter__agency", "name", "decided_by").filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这份材料。请返回事项重新选择。"))
    return found


def find_material_name(pk: int) -> MaterialName:
    """A material as the whole city names it."""
    found = MaterialName.objects.filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这种材料。请返回清单重新选择。"))
    return found


def find_supply(pk: int) -> MaterialSupply:
    """What supplies a material; every member of staff sees it."""
    found = with_entries(MaterialSupply.objects.all()).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这条提供途径。请返回清单重新选择。"))
    return found


def find_mending(user: User, pk: int) -> MaterialMending:
    """A mending of one's own agency, or of one that one watches over."""
    found = in_sight(user, mendings_with_names(MaterialMending.objects.all())).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这项清理，或者它由其他机关办理。请返回清单重新选择。"))
    return found


def find_matter_import(user: User, pk: int) -> MatterImport:
    """An import of one's agency."""
    rows = MatterImport.objects.select_related("agency", "by")
    found = visible_matter_imports(user, rows).filter(pk=pk).first()
    if found is None:
        raise NotSeen(_("没有找到这次导入，或者您不能查看。请返回导入页面。"))
    return found


def keeping_agency(user: User) -> Agency:
    """The agency whose list one keeps; for everybody else these pages are not there."""
    found = kept_agency(user)
    if found is None:
        raise NotSeen(_("事项和材料由办理机关的数据管理员、审批人维护。"))
    return found
