"""Unusual use of grants: the list, one flag with what was seen, deciding on it, and the rules (第十七条)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guiyang_data.accounts.models import User
from guiyang_data.errors import NotSeen
from guiyang_data.faces.long_lists import LongPaginator
from guiyang_data.faces.pages import CaseActPage, SignedInActPage, SignedInCasePage
from guiyang_data.faces.text import zh_date
from guiyang_data.ledger.services import subject_of
from guiyang_data.timekeeping import now
from sharing.actions import flag_acts
from sharing.found import find_flag
from sharing.models import FlagKind, UsageFlag
from sharing.policies import FLAG_POLICY, GRANT_POLICY, TAKING_POLICY, WATCH_POLICY, sees_every_case, visible_flags
from sharing.views.log_charts import chart_of_flag
from sharing.views.shared import HOME, PER_PAGE, SHELL, crumbs, right_fact, staff_of, tabs
from sharing.watching import services
from sharing.watching.forms import FlagReasonsForm, form_of
from sharing.watching.rules import RULES
from sharing.watching.selectors import flags_with_parties, rule_versions, thresholds
from sharing.watching.workflow import FLAG_WORKFLOW
from sharing.workflow import OWN_DUTIES, FlagStatus


class FlagsPage(SignedInCasePage):
    """Flags that one's agency or the authority has to look at, the newest first."""

    template_name = "sharing/flags.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        rows = visible_flags(user, UsageFlag.objects.all()).order_by("-raised_at", "-pk")
        status = request.GET.get("status", "open")
        if status in FlagStatus.values:
            rows = rows.filter(status=status)
        paginator = LongPaginator(rows, PER_PAGE, shown=flags_with_parties(UsageFlag.objects.all()))
        page = paginator.get_page(request.GET.get("page"))
        boxes = [*FlagStatus.choices, ("all", _("全部"))]
        return SHELL | {
            "page": page,
            "rows": [(flag, services.said(flag)) for flag in page.object_list],
            "filters": [{"label": label, "url": f"?status={key}", "current": key == status} for key, label in boxes],
            "tabs": tabs(user, coordinates=sees_every_case(user)),
            "tab": "flags",
            "empty": {
                "title": _("没有这样的异常提示"),
                "text": _("共享的数据在夜间、休息日被大量读取，读取数量远超以往，或者被逐个查询时，会提示在这里。"),
            },
        }


class FlagPage(SignedInCasePage):
    """What was seen, drawn, and what was decided."""

    template_name = "sharing/flag.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        flag = find_flag(user, kwargs["pk"])
        access = flag.access
        return SHELL | {
            "flag": flag,
            "facts": flag_facts(flag),
            "chart": chart_of_flag(flag),
            "thresholds": [
                (rule.label, flag.seen["thresholds"].get(name, "")) for name, rule in RULES[flag.kind].items()
            ],
            "acts": flag_acts(user, flag),
            "log": _log_of(user, flag),
            "crumbs": crumbs((_("异常使用"), f"{HOME}flags/"), (access.title, "")),
        }


def _log_of(user: User, flag: UsageFlag) -> str:
    """The address of the readings of that day, where they may be seen."""
    days = f"since={flag.day.isoformat()}&until={flag.day.isoformat()}"
    if flag.grant is not None:
        seen = GRANT_POLICY.may(user, "see-access", flag.grant)
        return f"{reverse('sharing:grant-access', args=[flag.grant.pk])}?{days}" if seen else ""
    entry = flag.access.entry
    page = reverse("sharing:entry-access", args=[entry.pk])
    return f"{page}?grant={subject_of(flag.access)}&{days}" if TAKING_POLICY.may(user, "see-access", entry) else ""


def flag_facts(flag: UsageFlag) -> list[tuple[Any, ...]]:
    """What the flag says."""
    access = flag.access
    facts: list[tuple[Any, ...]] = [
        (_("类别"), flag.get_kind_display()),
        (_("日期"), zh_date(flag.day, with_year=True)),
        (_("所见"), services.said(flag)),
        right_fact(access),
        (_("需求机关"), access.reader.name),
        (_("提供机关"), access.entry.provider.name),
        (_("所履行的职责"), access.duty),
        (_("用途"), access.purpose),
    ]
    if flag.grant is not None:
        facts.append((_("调用系统"), flag.grant.system.name if flag.grant.system else _("不限定")))
    if flag.decided_at:
        facts += [(_("处理"), flag.get_status_display()), (_("理由"), flag.reasons)]
        facts.append((_("处理时间"), zh_date(flag.decided_at, with_year=True)))
    return facts


class FlagActPage(CaseActPage):
    """Decide on a flag, with reasons."""

    policy = FLAG_POLICY
    workflow = FLAG_WORKFLOW
    form_class = FlagReasonsForm
    case: UsageFlag

    def find(self, request: HttpRequest) -> UsageFlag:
        return find_flag(staff_of(request), self.kwargs["pk"])

    def named(self) -> dict[str, Any]:
        return {"flag_id": self.case.pk}

    def context(self, request: HttpRequest) -> dict[str, Any]:
        flag, words = self.case, super().context(request)
        return (
            SHELL
            | words
            | {
                "lead": f"{flag.access.title} · {flag.access.reader.name}",
                "facts": flag_facts(flag),
                "cancel": _("返回，不办理"),
                "crumbs": crumbs((_("异常使用"), flag.get_absolute_url()), (words["title"], "")),
            }
        )


class ExplainPage(FlagActPage):
    """Settle it as proper use."""

    verb = "explain-flag"
    service = staticmethod(services.explain_flag)
    done = gettext_lazy("已认定为正常使用，提示办结。")


class SuspendPage(FlagActPage):
    """Suspend the grant because of it."""

    verb = "suspend-on-flag"
    service = staticmethod(services.suspend_on_flag)
    done = gettext_lazy("授权已暂停，即时生效，双方机关已收到通知。")


class QuestionPage(FlagActPage):
    """Call on the agency to mend its use of what is shared without condition."""

    verb = "question-on-flag"
    service = staticmethod(services.question_on_flag)
    done = gettext_lazy("已告知需求机关并要求纠正，提示办结。")


class RulesPage(SignedInCasePage):
    """The rules in force, for everybody who sees flags, with their versions."""

    template_name = "sharing/watch_rules.html"

    def context(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        user = staff_of(request)
        now_in_force, versions = thresholds(), list(rule_versions()[:PER_PAGE])
        return SHELL | {
            "rules": [
                (
                    FlagKind(kind).label,
                    [(threshold.label, now_in_force[kind][name]) for name, threshold in rule.items()],
                    reverse("sharing:set-watch-rule", args=[kind]),
                )
                for kind, rule in RULES.items()
            ],
            "may_set": WATCH_POLICY.may(user, "set-watch-rule"),
            "versions": versions,
            "crumbs": crumbs((_("异常使用"), f"{HOME}flags/"), (_("判断规则"), "")),
        }


class SetRulePage(SignedInActPage):
    """Set the thresholds of a kind."""

    template_name = "faces/act.html"
    button = gettext_lazy("设定阈值")
    done = gettext_lazy("阈值已设定，从下一次巡查起生效。以前的提示不变。")

    def prepare(self, request: HttpRequest) -> None:
        user = staff_of(request)
        if self.kwargs["kind"] not in RULES:
            raise NotSeen(_("没有这一类判断规则。请从「判断规则」页面重新打开。"))
        WATCH_POLICY.require(user, "set-watch-rule")
        self.form_class = form_of(self.kwargs["kind"])

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return dict(thresholds()[self.kwargs["kind"]])

    def perform(self, request: HttpRequest, form: Any) -> str:
        kind, data = self.kwargs["kind"], form.cleaned_data
        values = {name: data[name] for name in RULES[kind]}
        by = staff_of(request)
        services.set_watch_rule(kind=kind, by=by, at=now(), thresholds=values, reasons=data["reasons"])
        return reverse("sharing:watch-rules")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        label = FlagKind(self.kwargs["kind"]).label
        back = reverse("sharing:watch-rules")
        return SHELL | {
            "title": _("设定判断规则：%(kind)s") % {"kind": label},
            "basis": OWN_DUTIES,
            "cancel_url": back,
            "cancel": _("返回，不设定"),
            "crumbs": crumbs((_("判断规则"), back), (str(label), "")),
        }
