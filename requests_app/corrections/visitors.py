"""Reporters without an account: who reads or acts on a report, by the code kept in the session."""

from __future__ import annotations

from django.http import HttpRequest

from guiyang_data.accounts.policies import Principal
from requests_app.corrections.selectors import PREFIX, holder_of_correction
from requests_app.policies import CodeHolder
from requests_app.visitors import check_code, remember_code, remembered_code, remembered_numbers


def principal_for(request: HttpRequest, number: str) -> Principal:
    """The holder of the code of this report, else the account, else the public."""
    code = remembered_code(request, number)
    holder = holder_of_correction(number, code) if code else None
    return holder or request.user


def open_report(request: HttpRequest, number: str, code: str) -> CodeHolder:
    """The holder for a number and a code, kept for the session; guessing is slowed as for requests."""
    holder = check_code(request, number, code, find=holder_of_correction, begins=PREFIX)
    remember_code(request, holder.number, code)
    return holder


def opened_numbers(request: HttpRequest) -> list[str]:
    """Numbers of the reports this visitor has open."""
    return [number for number in remembered_numbers(request) if number.startswith(f"{PREFIX}-")]
