"""Reporting a doubt about data or catalogue, and what its provider finds (第十三条第三款)."""

from requests_app.services.corrections.answering import find_again, find_not_right, find_right, mend_correction
from requests_app.services.corrections.looking_up import require_rows_there
from requests_app.services.corrections.reporting import Doubt, Reported, report_correction, withdraw_correction
from requests_app.services.corrections.wide import tell_takers

__all__ = [
    "Doubt",
    "Reported",
    "find_again",
    "find_not_right",
    "find_right",
    "mend_correction",
    "report_correction",
    "require_rows_there",
    "tell_takers",
    "withdraw_correction",
]
