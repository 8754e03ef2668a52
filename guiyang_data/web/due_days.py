"""The due-day calculator for everyone: any rule, any day, with each step, the law's words and the days drawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from guiyang_data.errors import RuleBroken
from guiyang_data.faces.months import count_grid
from guiyang_data.faces.rendering import DayInput
from guiyang_data.statute.deadlines import KINDS
from guiyang_data.statute.law import Unit
from guiyang_data.statute.reckoning import Reckoning, countable_kinds, reckon
from guiyang_data.statute.selectors import length_text, rule_versions
from guiyang_data.timekeeping import today

ASKED_MOST = "open-reply"


class ReckonForm(forms.Form):
    """Which rule, from which day."""

    rule = forms.ChoiceField(
        label=_("期限"),
        choices=lambda: [(kind.code, f"{kind.label}：{kind.duty}") for kind in countable_kinds()],
        error_messages={"invalid_choice": _("没有这一期限规则，请从列表中选择。"), "required": _("请选择一项期限。")},
    )
    start = forms.DateField(
        label=_("起算日"),
        widget=DayInput(),
        error_messages={"required": _("请选择起算日。"), "invalid": _("不是日期，请写成 2026-09-30 这样。")},
    )

    def add_prefix(self, field_name: str) -> str:
        """The address speaks of ``from``, as the API does; a Python name cannot."""
        return "from" if field_name == "start" else field_name


@require_safe
def due_day_page(request: HttpRequest) -> HttpResponse:
    """How a due day comes about (第二十一条 and every other period), and which rules are in force."""
    given = {"rule": request.GET.get("rule", ASKED_MOST), "from": request.GET.get("from", today().isoformat())}
    form = ReckonForm(given)
    reckoning, status = None, 422
    if form.is_valid():
        try:
            reckoning, status = reckon(form.cleaned_data["rule"], form.cleaned_data["start"]), 200
        except RuleBroken as error:
            for name, message in error.fields.items():
                form.add_error("start" if name == "from" else name, message)
    context = {
        "form": form,
        "reckoning": reckoning,
        "shown": _shown(reckoning) if reckoning else {},
        "rules": rules_in_force(),
        "start": given["from"],
    }
    return render(request, "web/due_day.html", context, status=status)


def _shown(reckoning: Reckoning) -> dict[str, Any]:
    rule = reckoning.rule
    return {
        "length": length_text(rule),
        "months": count_grid(
            reckoning.start,
            reckoning.due,
            unit=Unit(rule.unit),
            length=rule.length,
            calendar=reckoning.calendar,
        ),
    }


def rules_in_force() -> list[dict[str, Any]]:
    """Every kind of period with its rule in force today, and the version that follows where one is decided."""
    on = today()
    found: dict[str, dict[str, Any]] = {}
    for rule in rule_versions():
        if rule.in_force_to is not None and rule.in_force_to <= on:
            continue
        row = found.setdefault(rule.kind, {"kind": KINDS[rule.kind], "rule": rule, "length": length_text(rule)})
        if row["rule"] is not rule:
            row["next"], row["next_length"] = rule, length_text(rule)
    return [found[code] for code in KINDS if code in found]
