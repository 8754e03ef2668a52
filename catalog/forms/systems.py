"""Forms of the register of information systems, of their interfaces and documents."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.checking import fetch_document
from catalog.deadlines import INTERVALS
from catalog.forms.searching import AgencyFilter
from catalog.models import CatalogEntry, InformationSystem, Interface
from catalog.services import InterfaceFacts, ReadDocument, SystemFacts, read_document, read_upload
from catalog.workflow import RevisionStatus, SystemStatus
from guiyang_data.accounts.models import Agency, ServiceAccount
from guiyang_data.errors import RuleBroken
from guiyang_data.faces.forms import ActForm
from guiyang_data.faces.rendering import DayInput, ReasonInput
from guiyang_data.outbound.client import reachable
from guiyang_data.outbound.errors import OutboundFailed, OutboundRefused

UPLOAD, FETCH = "upload", "fetch"


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A day that may be left out."""
    wrong = {"invalid": _("这不是日期，请按 2026-09-01 的样子填写。")}
    return forms.DateField(label=label, widget=DayInput, required=False, help_text=help_text, error_messages=wrong)


class SystemForm(ActForm):
    """What the register says of a system. ``registering``: whether it is put into the register by this form."""

    name = forms.CharField(label=_("系统名称"), max_length=120, error_messages={"required": _("请填写系统名称。")})
    purpose = forms.CharField(
        label=_("用途"),
        widget=ReasonInput,
        max_length=2000,
        help_text=_("办什么事、供谁使用。"),
        error_messages={"required": _("请写明系统办什么事、供谁使用。")},
    )
    operator = forms.CharField(
        label=_("运维单位"), max_length=120, error_messages={"required": _("请填写负责运行维护的单位。")}
    )
    operator_phone = forms.CharField(
        label=_("运维电话"), max_length=40, required=False, help_text=_("值班电话，不填个人手机号码。")
    )
    network = forms.ChoiceField(
        label=_("所在网络"),
        choices=InformationSystem.Network.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择系统所在的网络。")},
    )
    protection = forms.TypedChoiceField(
        label=_("网络安全等级保护"),
        choices=[("", _("尚未定级")), *InformationSystem.Protection.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    protection_record = forms.CharField(
        label=_("等级保护备案编号"),
        max_length=60,
        required=False,
        help_text=_("第二级以上的系统，填写公安机关的备案编号。"),
    )
    status = forms.ChoiceField(
        label=_("状态"),
        choices=[choice for choice in SystemStatus.choices if choice[0] != SystemStatus.STOPPED],
        widget=forms.RadioSelect,
        initial=SystemStatus.IN_USE,
        help_text=_("在用的系统，登记接口后就开始定时检查。"),
    )
    planned_on = day_field(_("立项日期"))
    in_use_on = day_field(_("投入使用日期"), _("在用的必填。"))
    entries = forms.TypedMultipleChoiceField(
        label=_("所载数据资源"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-long"}),
        required=False,
        help_text=_("这个系统里有哪些目录条目的数据。"),
    )
    service_account = forms.TypedChoiceField(
        label=_("系统账号"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("系统调用平台接口用的账号，没有的不选。"),
    )

    def __init__(self, *args: Any, agency: Agency, registering: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entries"].choices = entry_choices(agency)  # type: ignore[attr-defined]
        accounts = ServiceAccount.objects.filter(agency=agency).order_by("name").values_list("pk", "name")
        self.fields["service_account"].choices = [("", _("没有")), *accounts]  # type: ignore[attr-defined]
        if not registering:
            del self.fields["status"]

    def given(self) -> dict[str, Any]:
        values = super().given()
        status = {"status": values.pop("status")} if "status" in values else {}
        values["entries"] = tuple(values["entries"])
        return {"facts": SystemFacts(**values), **status}


def entry_choices(agency: Agency) -> list[tuple[int, str]]:
    """The entries of an agency by code and title; those withdrawn or dropped hold no data any more."""
    entries = CatalogEntry.objects.filter(provider=agency).order_by("resource_code").prefetch_related("revisions")
    gone = {RevisionStatus.WITHDRAWN, RevisionStatus.DROPPED}
    newest = ((entry, max(entry.revisions.all(), key=lambda one: one.number, default=None)) for entry in entries)
    return [
        (entry.pk, f"{one.title}（{entry.resource_code}）") for entry, one in newest if one and one.status not in gone
    ]


def initial_of_system(system: InformationSystem) -> dict[str, Any]:
    """A system as first values of the form."""
    plain = ("name", "purpose", "operator", "operator_phone", "network", "protection", "protection_record")
    return {name: getattr(system, name) for name in (*plain, "planned_on", "in_use_on")} | {
        "entries": list(system.entries.values_list("pk", flat=True)),
        "service_account": system.service_account_id,
    }


class PutInUseForm(ActForm):
    """The day from which a system is in use."""

    in_use_on = day_field(_("投入使用日期"), _("不填的，自今天起。"))


class WhyForm(ActForm):
    """An act that needs its reasons, in a few words."""

    reasons = forms.CharField(
        label=_("理由"),
        widget=ReasonInput,
        max_length=500,
        error_messages={"required": _("请写明理由。没有理由不能办理这一事项。")},
    )


class StopSystemForm(WhyForm):
    """The day from which a system is used no more, and why."""

    stopped_on = day_field(_("停用日期"), _("不填的，自今天起。"))

    field_order = ("stopped_on", "reasons")


class InterfaceForm(ActForm):
    """What the register says of an interface. ``kept_header``: the header whose value is deposited already."""

    name = forms.CharField(label=_("接口名称"), max_length=120, error_messages={"required": _("请填写接口名称。")})
    purpose = forms.CharField(label=_("说明"), widget=ReasonInput, max_length=1000, required=False)
    url = forms.CharField(
        label=_("接口地址"),
        max_length=500,
        help_text=_("文档里各个路径之前的部分，例如 https://api.example.cn/v1。平台只访问这个地址，不跟随跳转。"),
        error_messages={"required": _("请填写接口地址。")},
    )
    document_url = forms.CharField(
        label=_("文档地址"),
        max_length=500,
        required=False,
        help_text=_("系统自己提供 OpenAPI 文档的，填写它的地址，之后可以从系统获取，不用上传。"),
    )
    header_name = forms.CharField(
        label=_("凭据的请求头"),
        max_length=60,
        required=False,
        help_text=_("接口需要凭据的，例如 Authorization、X-API-Key。"),
    )
    header_value = forms.CharField(
        label=_("凭据"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("请签发只能查询的凭据。平台加密保存，之后不再显示。"),
    )
    every = forms.TypedChoiceField(label=_("检查间隔"), choices=INTERVALS, coerce=int, initial=60)

    def __init__(self, *args: Any, kept_header: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kept_header:
            kept = _("已经保存了 %(name)s 的值，不更换的不用填；清空上一栏即删除。")
            self.fields["header_value"].help_text = kept % {"name": kept_header}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("url", "document_url"):
            text = address_refused(cleaned.get(name, ""))
            if text:
                self.add_error(name, text)
        return cleaned

    def given(self) -> dict[str, Any]:
        return {"facts": InterfaceFacts(**super().given())}


def address_refused(url: str) -> str:
    """Why the portal would never connect to an address; empty where it would, or where nobody knows its name yet."""
    if not url.strip():
        return ""
    try:
        reachable(url.strip(), public_only=False)
    except OutboundFailed:
        return ""
    except OutboundRefused as error:
        return error.message
    return ""


def initial_of_interface(interface: Interface) -> dict[str, Any]:
    """An interface as first values of the form; never what lets the portal in."""
    names = ("name", "purpose", "url", "document_url", "header_name", "every")
    return {name: getattr(interface, name) for name in names}


class DocumentForm(ActForm):
    """The document of an interface, from a file or from the system itself; read before the act begins."""

    way = forms.ChoiceField(
        label=_("文档从哪里来"),
        choices=[(UPLOAD, _("上传文件")), (FETCH, _("从系统获取"))],
        widget=forms.RadioSelect,
        initial=UPLOAD,
    )
    document = forms.FileField(
        label=_("OpenAPI 文档"),
        required=False,
        help_text=_(
            "OpenAPI 3.0 或者 3.1，JSON 或者 YAML，不超过 2 MB；引用都在文档之内。上传后立即核对，有误的逐处列出。"
            "不希望抽查的操作，写上 x-portal-sample: false。"
        ),
        error_messages={"empty": _("这是空文件，没有接收。请检查后重新选择。")},
    )

    def __init__(self, *args: Any, interface: Interface, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.interface = interface
        if interface.document_url:
            self.fields["way"].initial = FETCH
            self.fields["way"].help_text = _("从 %(url)s 获取。") % {"url": interface.document_url}
        else:
            del self.fields["way"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            cleaned["document"] = self._read(cleaned)
        except (RuleBroken, OutboundRefused) as error:
            self.add_error("document", ValidationError(error.fields.get("document", error.message).splitlines()))
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> ReadDocument:
        if cleaned.get("way") == FETCH:
            return read_document(fetch_document(self.interface), source="fetched")
        uploaded = cleaned.get("document")
        if uploaded is None:
            message = str(_("请选择文件。"))
            raise RuleBroken(message, fields={"document": message})
        return read_upload(uploaded)

    def given(self) -> dict[str, Any]:
        return {"document": self.cleaned_data["document"]}


class SystemFilter(django_filters.FilterSet):
    """What the register is filtered by."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("系统名称"))
    agency = AgencyFilter(label=_("机关"))
    status = django_filters.ChoiceFilter(label=_("状态"), choices=SystemStatus.choices, empty_label=_("全部状态"))
    network = django_filters.ChoiceFilter(
        label=_("所在网络"), choices=InformationSystem.Network.choices, empty_label=_("全部网络")
    )
    protection = django_filters.ChoiceFilter(
        label=_("等级保护"), choices=InformationSystem.Protection.choices, empty_label=_("全部等级")
    )

    class Meta:
        model = InformationSystem
        fields: list[str] = []

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["agency"].queryset = agencies
