"""Compiling and editing an entry, with its items; items proposed from a file."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.temp import NamedTemporaryFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import services
from catalog.forms import EntryForm, SampleForm
from catalog.forms.compiling import initial_items, initial_of
from catalog.models import InformationItem, SharingType, UpdateCycle
from catalog.selectors.referring import reference_targets
from catalog.views.shared import HOME, SHELL, EntryActPage, crumbs, find_revision, sensitivity_in_words, user_of
from catalog.workflow import WORKFLOW
from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.policies import agencies_with
from guiyang_data.accounts.roles import Role
from guiyang_data.detection import proposed_sensitivity
from guiyang_data.errors import NotAllowed, RuleBroken, WrongState
from guiyang_data.faces.agencies import LONGEST_LOOKED_FOR, LOOK, find_name
from guiyang_data.faces.pages import SignedInActPage
from guiyang_data.tables.check_digits import CheckDigits, proposed_check
from guiyang_data.tables.columns import DataType
from guiyang_data.tables.conversion import strip_guard
from guiyang_data.tables.reading import Sample, sample
from guiyang_data.timekeeping import now

MORE_ROWS = 10
LIKE_A_VALUE = re.compile(r"[-+]?\d[\d.,:/~ -]*%?")
"""What a cell of data looks like and the name of a column does not: a number, a date, a range."""
VALUES_SHOWN = 3
LENGTH_OF_NUMBER = {CheckDigits.RESIDENT_ID: 18, CheckDigits.CREDIT_CODE: 18}


def stewarded_agency(user: User) -> Agency:
    """The agency for which ``user`` compiles: the account's own, else the first that it is a steward of."""
    ids = agencies_with(user, Role.DATA_STEWARD)
    if user.agency is not None and user.agency.pk in ids:
        return user.agency
    found = Agency.objects.filter(pk__in=ids).order_by("pk").first()
    if found is None:
        raise NotAllowed(_("编制目录由数据管理员办理。如需办理，请联系本机关的系统管理员开通这一角色。"))
    return found


class EntryFormPage:
    """What both pages with the form of an entry do alike: more rows and agencies on demand, and their template."""

    template_name = "catalog/entry_form.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        own = agencies_with(user_of(request), Role.DATA_STEWARD)
        return super().context(request) | {"targets": reference_targets(own)}  # type: ignore[misc]

    def arguments(self, request: HttpRequest) -> dict[str, Any]:
        """``more`` rows where the button for them was pressed."""
        return {"more": MORE_ROWS if request.POST.get("more") else 0}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not (request.POST.get("more") or LOOK in request.POST):
            return super().post(request, **kwargs)  # type: ignore[misc]
        self.prepare(request)  # type: ignore[attr-defined]
        form = self.get_form(request)  # type: ignore[attr-defined]
        wanted = request.POST.get(find_name("collectors"), "").strip()[:LONGEST_LOOKED_FOR]
        form.fields["collectors"].widget.wanted = wanted
        return self.page(request, form)  # type: ignore[attr-defined]


class CompilePage(EntryFormPage, SignedInActPage):
    """A new entry."""

    form_class = EntryForm
    title = gettext_lazy("编制目录条目")
    button = gettext_lazy("保存草稿")
    done = gettext_lazy("草稿已保存，资源代码已生成。还没有提交审核。")

    shown: dict[str, Any] = {}

    def prepare(self, request: HttpRequest) -> None:
        self.provider = stewarded_agency(user_of(request))

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "sharing_type": SharingType.UNCONDITIONAL,
            "is_open": 1,
            "update_cycle": UpdateCycle.MONTHLY,
            "field": "other",
            "format_class": "spreadsheet",
            "contact": self.provider.contact,
            "contact_phone": self.provider.phone,
        }

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        return self.arguments(request)

    def perform(self, request: HttpRequest, form: Any) -> str:
        revision = services.compile_entry(
            provider=self.provider, by=user_of(request), at=now(), elements=form.elements(), items=form.specs()
        )
        return revision.get_absolute_url()

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return (
            super().context(request)
            | SHELL
            | {
                "lead": self.provider.name,
                "cancel_url": HOME,
                "crumbs": crumbs((str(self.title), "")),
                "from_file_url": "/desk/catalog/new/from-file/",
                **self.shown,
            }
        )


class EditPage(EntryFormPage, EntryActPage):
    """A draft, or one that was sent back, is changed."""

    form_class = EntryForm
    verb = "edit"
    is_changed = False
    title = gettext_lazy("修改目录")
    button = gettext_lazy("保存修改")
    done = gettext_lazy("修改已保存。")

    def find(self, request: HttpRequest) -> None:
        self.revision = find_revision(user_of(request), self.entry, self.kwargs["number"])

    def subject(self) -> Any:
        return self.revision

    def check(self) -> None:
        WORKFLOW.target("edit", self.revision.status)

    def back(self) -> str:
        return self.revision.get_absolute_url()

    def heading(self) -> str:
        return f"{self.entry.resource_code} · 第{self.revision.number}版 · {self.entry.provider.name}"

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return initial_of(self.revision) | {"seen_at": self.revision.updated_at.isoformat()}

    def form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        items = initial_items(list(self.revision.items.all()))
        notes = self.revision.send_back_fields
        return self.arguments(request) | {"items": items, "fixed_category": True, "notes": notes}

    def perform(self, request: HttpRequest, form: Any) -> str:
        revision = services.edit_revision(
            revision_id=self.revision.pk,
            by=user_of(request),
            at=now(),
            elements=form.elements(),
            items=form.specs(),
            seen_at=form.cleaned_data["seen_at"],
        )
        return revision.get_absolute_url()

    def page(self, request: HttpRequest, form: Any, status: int = 200) -> HttpResponse:
        if status == WrongState.status:
            # whoever has read that it was changed may write over it
            self.is_changed = True
            form.data = form.data.copy()
            form.data["seen_at"] = self.revision.updated_at.isoformat()
        return super().page(request, form, status)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return super().context(request) | {
            "send_back_reasons": self.revision.send_back_reasons,
            "changed_url": self.revision.get_absolute_url() if self.is_changed else "",
        }


class FromFilePage(SignedInActPage):
    """A file is read, and its columns are proposed as items in the form of a new entry."""

    form_class = SampleForm
    title = gettext_lazy("从数据文件编制")
    button = gettext_lazy("读取表头，推算信息项")
    consequence = gettext_lazy("下一步在表单里核对、更正推算出的信息项，再保存草稿。")

    def prepare(self, request: HttpRequest) -> None:
        self.provider = stewarded_agency(user_of(request))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        way = crumbs((_("编制目录条目"), "/desk/catalog/new/"), (str(self.title), ""))
        return SHELL | {"lead": self.provider.name, "cancel_url": "/desk/catalog/new/", "crumbs": way}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(request)
        form = self.get_form(request)
        if not form.is_valid():
            return self.page(request, form, status=422)
        uploaded = form.cleaned_data["file"]
        try:
            seen = sampled(uploaded, header_row=form.cleaned_data["header_row"])
        except RuleBroken as refused:
            form.blame(refused.fields or {"file": refused.message}, refused.message)
            return self.page(request, form, status=refused.status)
        return self._propose(request, uploaded.name, seen)

    def _propose(self, request: HttpRequest, name: str, seen: Sample) -> HttpResponse:
        view = CompilePage()
        view.setup(request)
        view.prepare(request)
        title = name.rsplit(".", 1)[0]
        items = proposed_items(seen)
        form = EntryForm(initial=view.initial(request) | {"title": title[:200]}, items=items)
        marked = [(item["name"], item["sensitivity"]) for item in items]
        view.shown = {
            "proposed": seen,
            "proposed_from": name,
            "marked": sensitivity_in_words(marked),
            "checked": "、".join(item["name"] for item in items if item.get("check_digits")),
            "doubtful": [name for name in seen.header if LIKE_A_VALUE.fullmatch(name.strip())][:VALUES_SHOWN],
            "action": "/desk/catalog/new/",
        }
        return view.page(request, form)


def sampled(uploaded: File, *, header_row: int | None) -> Sample:
    """The top of an uploaded file. Raises RuleBroken where it is no table, or over the limit."""
    if (uploaded.size or 0) > settings.UPLOAD_LIMIT_BYTES:
        most = settings.UPLOAD_LIMIT_BYTES // 1024**2
        told = _("文件超过 %(most)d MB，没有接收。可以只截取前几百行来推算信息项。") % {"most": most}
        raise RuleBroken(told, fields={"file": told})
    with NamedTemporaryFile(suffix=".sample") as kept:
        for chunk in uploaded.chunks():
            kept.write(chunk)
        kept.flush()
        return sample(kept.name, uploaded.name or "", header_row=header_row)


def proposed_items(seen: Sample) -> list[dict[str, Any]]:
    """Columns of the file as rows of the form; a name that stands twice gets its place."""
    names: set[str] = set()
    rows = []
    for place, guess in enumerate(seen.guesses, start=1):
        name = strip_guard(guess.name) or f"第{place}列"
        name = name if name not in names else f"{name}（第{place}列）"
        names.add(name)
        mark = proposed_sensitivity(
            name,
            is_logical=guess.data_type is DataType.BOOLEAN,
            sample=[row[place - 1] for row in seen.rows],
        )
        said = {"name": name[:120], "data_type": str(guess.data_type), "length": guess.length, "grade": 1}
        kind = proposed_check([row[place - 1] for row in seen.rows])
        if kind is not None:
            said |= {"check_digits": kind.value, "length": LENGTH_OF_NUMBER.get(kind, guess.length)}
        rows.append(said | {"sensitivity": mark or InformationItem.Sensitivity.NONE.value})
    return rows
