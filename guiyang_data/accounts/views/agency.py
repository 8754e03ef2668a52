"""For system administrators: the people of their agency and the systems that act for it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from guiyang_data.accounts import policies, selectors, services
from guiyang_data.accounts.forms import CredentialsForm, OwnActForm, RoleForm, StaffAccountForm, SystemForm
from guiyang_data.accounts.models import Agency, RoleAssignment, ServiceAccount, SystemApplication, User
from guiyang_data.accounts.views.acts import OneButtonPage, OwnActPage, me
from guiyang_data.errors import NotSeen, RuleBroken
from guiyang_data.timekeeping import now, today


def administered_agency(request: HttpRequest, code: str = "") -> Agency:
    """The agency of the page: the one named, or one's own. ``NotSeen`` where one does not administer it."""
    visible = policies.visible_agencies(me(request), Agency.objects.filter(is_active=True))
    own = me(request).agency
    agency = visible.filter(code=code or (own.code if own else "")).first()
    if agency is None:
        raise NotSeen(_("没有找到这个机关，或者您不是它的系统管理员。"))
    return agency


def administered_system(request: HttpRequest, pk: int) -> ServiceAccount:
    """A service account one may issue credentials for, or ``NotSeen``."""
    visible = policies.visible_systems(me(request), ServiceAccount.objects.select_related("agency", "user"))
    account = visible.filter(pk=pk).first()
    if account is None:
        raise NotSeen(_("没有找到这个系统账号，或者您不是所在机关的系统管理员。"))
    return account


def people_path(agency: Agency) -> str:
    """The page of an agency's people."""
    return reverse("accounts:agency-of", kwargs={"code": agency.code})


class AgencyPage(LoginRequiredMixin, View):
    """Who holds which role in the agency."""

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        agency = administered_agency(request, code)
        others = policies.visible_agencies(me(request), Agency.objects.filter(is_active=True)).exclude(pk=agency.pk)
        context = {
            "agency": agency,
            "assignments": list(selectors.agency_roles(agency)),
            "others": list(others.order_by("level", "code")),
            "work_section": "agency",
        }
        return render(request, "accounts/agency.html", context)


class _PeopleAct(OwnActPage):
    """An act on the people of an agency."""

    def context(self, request: HttpRequest) -> dict[str, Any]:
        agency = administered_agency(request, self.kwargs["code"])
        crumbs = [(_("机关人员"), people_path(agency)), (self.title, "")]
        return {"agency": agency, "crumbs": crumbs, "cancel_url": people_path(agency), "staff_page": True}


class AssignRolePage(_PeopleAct):
    """Give somebody a role."""

    form_class = RoleForm
    title = gettext_lazy("分配角色")
    done = gettext_lazy("角色已经分配，即时生效。")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"username": request.GET.get("username", "")[:150]}

    def perform(self, request: HttpRequest, form: RoleForm) -> str:
        agency = administered_agency(request, self.kwargs["code"])
        user = User.objects.filter(username=form.cleaned_data["username"], kind=User.Kind.STAFF).first()
        if user is None:
            text = _("没有这个用户名的工作人员账号。请检查用户名，或者先为其开通账号。")
            raise RuleBroken(text, fields={"username": text})
        role = form.cleaned_data["role"]
        services.assign_role(by=me(request), user=user, agency=agency, role=role, on=today(), at=now())
        return people_path(agency)


class OpenStaffAccountPage(_PeopleAct):
    """Open an account for a member of the staff."""

    form_class = StaffAccountForm
    title = gettext_lazy("开通工作人员账号")
    button = gettext_lazy("开通账号")
    done = gettext_lazy("账号已经开通。请分配角色，并告知本人用工作邮箱通过「忘记密码」设置密码。")

    def perform(self, request: HttpRequest, form: StaffAccountForm) -> str:
        agency = administered_agency(request, self.kwargs["code"])
        data = form.cleaned_data
        user = services.open_staff_account(
            by=me(request),
            agency=agency,
            username=data["username"],
            display_name=data["display_name"],
            email=data["email"],
            at=now(),
        )
        return f"{reverse('accounts:role-assign', kwargs={'code': agency.code})}?username={user.username}"


class EndRolePage(OneButtonPage):
    """End somebody's role."""

    done = gettext_lazy("角色已经结束，此前办理的事项不受影响。")

    def perform(self, request: HttpRequest, form: OwnActForm) -> str:
        visible = policies.visible_agencies(me(request), Agency.objects.all())
        assignment = RoleAssignment.objects.filter(pk=self.kwargs["pk"], agency__in=visible).first()
        if assignment is None:
            raise NotSeen(_("没有找到这个角色，或者您不是所在机关的系统管理员。"))
        services.end_role(by=me(request), assignment_id=assignment.pk, on=today(), at=now())
        return people_path(assignment.agency)


class SystemsPage(LoginRequiredMixin, View):
    """The systems that act for my agency, with their credentials."""

    def get(self, request: HttpRequest) -> HttpResponse:
        agency = administered_agency(request)
        systems = list(selectors.systems_of(agency))
        context = {
            "agency": agency,
            "systems": systems,
            "every_scope": SystemApplication.every_scope(),
            "work_section": "systems",
        }
        return render(request, "accounts/systems.html", context)


class CreateSystemPage(OwnActPage):
    """Give a system an account."""

    form_class = SystemForm
    title = gettext_lazy("新建系统账号")
    done = gettext_lazy("系统账号已经建立，请为它签发凭据。")

    def perform(self, request: HttpRequest, form: SystemForm) -> str:
        agency = administered_agency(request)
        services.create_service_account(by=me(request), agency=agency, name=form.cleaned_data["name"], at=now())
        return reverse("accounts:systems")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        agency = administered_agency(request)
        crumbs = [(_("信息系统"), reverse("accounts:systems")), (self.title, "")]
        return {"agency": agency, "crumbs": crumbs, "cancel_url": reverse("accounts:systems"), "staff_page": True}


class IssueCredentialsPage(OwnActPage):
    """Issue credentials; the secret is shown on the answer to this one POST and never again."""

    form_class = CredentialsForm
    title = gettext_lazy("签发接入凭据")

    def perform(self, request: HttpRequest, form: CredentialsForm) -> str:
        account = administered_system(request, self.kwargs["pk"])
        issued = services.issue_credentials(
            by=me(request), service_account_id=account.pk, scopes=form.cleaned_data["scopes"], at=now()
        )
        self.issued = issued
        return reverse("accounts:systems")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().post(request, **kwargs)
        issued: services.IssuedCredentials | None = getattr(self, "issued", None)
        if issued is None:
            return response
        context = {"issued": issued, "account": issued.application.service_account, "work_section": "systems"}
        page = render(request, "accounts/issued.html", context)
        page["Cache-Control"] = "no-store"
        return page

    def context(self, request: HttpRequest) -> dict[str, Any]:
        account = administered_system(request, self.kwargs["pk"])
        crumbs = [(_("信息系统"), reverse("accounts:systems")), (self.title, "")]
        heading = _("为「%(name)s」签发接入凭据") % {"name": account.name}
        return {"title": heading, "crumbs": crumbs, "cancel_url": reverse("accounts:systems"), "staff_page": True}


class RevokeCredentialsPage(OneButtonPage):
    """Revoke credentials."""

    done = gettext_lazy("凭据已经作废，用它取得的访问令牌即刻失效。")

    def perform(self, request: HttpRequest, form: OwnActForm) -> str:
        systems = policies.visible_systems(me(request), ServiceAccount.objects.all())
        application = SystemApplication.objects.filter(pk=self.kwargs["pk"], service_account__in=systems).first()
        if application is None:
            raise NotSeen(_("没有找到这组凭据，或者您不是所在机关的系统管理员。"))
        services.revoke_credentials(by=me(request), application_id=application.pk, at=now())
        return reverse("accounts:systems")
