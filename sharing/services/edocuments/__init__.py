"""The acts on e-documents (第十六条第一款)."""

from sharing.services.edocuments.issuing import Facts, issue_document, register_document
from sharing.services.edocuments.revoking import revoke_document
from sharing.services.edocuments.taking import Matter, take_document
from sharing.services.edocuments.templates import TemplateTerms, end_document_template, set_document_template

__all__ = [
    "Facts",
    "Matter",
    "TemplateTerms",
    "end_document_template",
    "issue_document",
    "register_document",
    "revoke_document",
    "set_document_template",
    "take_document",
]
