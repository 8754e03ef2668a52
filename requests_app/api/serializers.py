"""Requests, replies and reviews as the API shows and takes them. What is required is the services' question."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from guiyang_data.accounts.models import Agency
from opendata.selectors import open_datasets
from requests_app.models import ApplicantKind, Case, OpenRequest, Reply, ReviewApplication
from requests_app.services.parties import MOST_PAPERS
from requests_app.services.reply_text import REFER


class AgencySerializer(serializers.ModelSerializer[Agency]):
    """An agency by its code."""

    class Meta:
        model = Agency
        fields = ["code", "name"]


class ClockSerializer(serializers.Serializer[Any]):
    """A clock as a page shows it."""

    kind = serializers.CharField()
    state = serializers.CharField()
    days = serializers.IntegerField()
    due_on = serializers.DateField()
    headline = serializers.CharField()
    article = serializers.CharField()
    statutory = serializers.BooleanField()
    provisional = serializers.BooleanField()
    why_url = serializers.CharField()


class ActionSerializer(serializers.Serializer[Any]):
    """An act this principal may do now; ``url`` is its page."""

    verb = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the API, not of the field
    url = serializers.CharField()


class ReplySerializer(serializers.ModelSerializer[Reply]):
    """A delivered reply."""

    agency = AgencySerializer()
    outcome_name = serializers.CharField(source="get_outcome_display")
    ground_name = serializers.CharField(source="get_ground_display")
    late = serializers.BooleanField(source="is_late")
    holder = AgencySerializer(allow_null=True)
    dataset = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    refers_to = serializers.SlugRelatedField[Any](
        slug_field="number",
        source="refers_to.request",
        read_only=True,
        allow_null=True,
        help_text="以哪一件申请已作出的答复答复",
    )

    class Meta:
        model = Reply
        fields = [
            "round",
            "agency",
            "outcome",
            "outcome_name",
            "agreed_to",
            "agreed_part",
            "ground",
            "ground_name",
            "ground_basis",
            "searched_on",
            "searched_where",
            "holder",
            "dataset",
            "why_still_closed",
            "refers_to",
            "reasons",
            "delivered_on",
            "due_on",
            "late",
        ]


class RequestSerializer(serializers.ModelSerializer[OpenRequest]):
    """What everyone may read of a request."""

    agency = AgencySerializer()
    case_name = serializers.CharField(source="get_case_display")
    status = serializers.SerializerMethodField()
    status_name = serializers.SerializerMethodField()
    applicant = serializers.CharField(source="public_name")

    class Meta:
        model = OpenRequest
        fields = [
            "number",
            "title",
            "description",
            "case",
            "case_name",
            "agency",
            "status",
            "status_name",
            "applicant",
            "submitted_on",
            "fulfilled_on",
            "fulfilment_link",
        ]

    def get_status(self, request: OpenRequest) -> str:
        """A draft being approved is the agency's own matter: the public sees that the reply is awaited."""
        return "waiting" if request.is_open else request.status

    def get_status_name(self, request: OpenRequest) -> str:
        """The same in words."""
        return "待答复" if request.is_open else str(request.get_status_display())


class RequestDetailSerializer(serializers.Serializer[Any]):
    """One request with its clocks, delivered replies and the acts of this principal."""

    request = RequestSerializer()
    clocks = ClockSerializer(many=True)
    replies = ReplySerializer(many=True)
    reviews = serializers.ListField(child=serializers.CharField())
    linked = serializers.ListField(child=serializers.CharField(), help_text="机关关联的相同申请的编号，只给办理机关")
    together = serializers.ListField(child=serializers.CharField(), help_text="一并申请的其他申请的编号")
    followers = serializers.IntegerField()
    actions = ActionSerializer(many=True)
    own = serializers.BooleanField()


class ReviewSerializer(serializers.ModelSerializer[ReviewApplication]):
    """A review; unpublished ones are shown to their parties alone."""

    request = serializers.CharField(source="reply.request.number")
    agency = AgencySerializer(source="reply.agency")
    status_name = serializers.CharField(source="get_status_display")
    outcome_name = serializers.CharField(source="get_outcome_display")
    applicant = serializers.CharField(source="public_name")

    class Meta:
        model = ReviewApplication
        fields = [
            "number",
            "request",
            "agency",
            "parts",
            "reasons",
            "status",
            "status_name",
            "applicant",
            "submitted_on",
            "accepted_on",
            "outcome",
            "outcome_name",
            "changed_to",
            "decision_reasons",
            "new_reply_due_on",
            "decided_on",
        ]


class ReviewDetailSerializer(serializers.Serializer[Any]):
    """One review with its clocks and the acts of this principal."""

    review = ReviewSerializer()
    clocks = ClockSerializer(many=True)
    actions = ActionSerializer(many=True)
    own = serializers.BooleanField()


# --- what is taken in ------------------------------------------------------------------------------


class PartyInput(serializers.Serializer[Any]):
    """Who applies; everything may be left out."""

    kind = serializers.ChoiceField(choices=ApplicantKind.choices, default=ApplicantKind.NATURAL)
    name = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    show_name = serializers.BooleanField(required=False, default=False)
    mail = serializers.CharField(required=False, allow_blank=True, max_length=254, default="")
    phone = serializers.CharField(required=False, allow_blank=True, max_length=20, default="")


NO_AGENCY: dict[str, Any] = {"does_not_exist": _("没有统一社会信用代码为 {value} 的机关，代码见 /api/v1/agencies/。")}


class FileRequestInput(PartyInput):
    """A request: the data and the agency asked, or several in ``agencies``; the rest as one likes."""

    agency = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        error_messages=NO_AGENCY,
    )
    agencies = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        many=True,
        required=False,
        error_messages=NO_AGENCY,
        help_text="一次向几个机关申请：各有编号、期限和答复，查询码相同",
    )
    title = serializers.CharField(max_length=120)
    case = serializers.ChoiceField(choices=Case.choices, default=Case.OPEN)
    description = serializers.CharField(required=False, allow_blank=True, max_length=3000, default="")
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class FiledOneSerializer(serializers.Serializer[Any]):
    """One request of a filing."""

    number = serializers.CharField()
    agency = serializers.CharField()
    due_on = serializers.DateField()
    provisional = serializers.BooleanField()
    url = serializers.CharField()


class FiledRequestSerializer(serializers.Serializer[Any]):
    """What filing gives back: the first request, and all of them; the code opens them all and is given once."""

    number = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    due_on = serializers.DateField()
    url = serializers.CharField()
    requests = FiledOneSerializer(many=True)
    open_alike = serializers.ListField(
        child=serializers.CharField(), help_text="同一账号向同一机关提出、还在办理的同样申请"
    )


class FiledSerializer(serializers.Serializer[Any]):
    """What a filing gives back; the code is given once."""

    number = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    due_on = serializers.DateField()
    url = serializers.CharField()


class ObjectionInput(PartyInput):
    """An objection to a delivered reply: which one, what of it, and why."""

    reply_round = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="对第几次答复；不写为最近一次"
    )
    parts = serializers.CharField(max_length=1000)
    reasons = serializers.CharField(max_length=5000)


DRAFT_OUTCOMES = [*Reply.Outcome.choices, (REFER, "以已作出的答复答复")]


class DraftInput(serializers.Serializer[Any]):
    """A reply; the fields of a refusal are required where something is refused."""

    outcome = serializers.ChoiceField(
        choices=DRAFT_OUTCOMES,
        help_text="refer：引用 answered_by 那一件申请已送达的答复，另写 reasons",
    )
    answered_by = serializers.CharField(required=False, allow_blank=True, max_length=20, default="")
    agreed_to = serializers.CharField(required=False, allow_blank=True, default="")
    agreed_part = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    ground = serializers.CharField(required=False, allow_blank=True, default="")
    ground_basis = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    searched_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="not-held：检索日期")
    searched_where = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, default="", help_text="not-held：检索了哪里"
    )
    holder = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        default=None,
        help_text="elsewhere：属于哪个机关，写机关代码",
    )
    dataset = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=open_datasets(),
        required=False,
        allow_null=True,
        default=None,
        help_text="already-open：已开放的数据集的标识",
    )
    why_still_closed = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=2000,
        default="",
        help_text="1：是否解密；2、3：为什么脱敏、脱密后仍不能开放（第十八条第二款）",
    )
    reasons = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")


class DraftReplyInput(DraftInput):
    """A reply with its papers (``multipart/form-data``)."""

    file = serializers.ListField(
        child=serializers.FileField(),
        required=False,
        default=list,
        max_length=MOST_PAPERS,
        help_text="随答复送出的附件",
    )


class ReasonsInput(serializers.Serializer[Any]):
    """Reasons."""

    reasons = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")


class TextInput(serializers.Serializer[Any]):
    """A text."""

    text = serializers.CharField(allow_blank=True, max_length=5000)


class AnswerInput(TextInput):
    """An answer to a question by its id."""

    question = serializers.IntegerField()


class TransferInput(ReasonsInput):
    """Who replies instead."""

    to = serializers.SlugRelatedField(slug_field="code", queryset=Agency.objects.filter(is_active=True))


class FulfilInput(serializers.Serializer[Any]):
    """Where it can be seen."""

    link = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class DeclineInput(ReasonsInput):
    """The number of the decided review of the same objection."""

    same_as = serializers.CharField(max_length=20)


class DecisionInput(ReasonsInput):
    """A result."""

    outcome = serializers.ChoiceField(choices=ReviewApplication.Outcome.choices)
    changed_to = serializers.CharField(required=False, allow_blank=True, default="")
    new_reply_due_on = serializers.DateField(required=False, allow_null=True, default=None)


class NothingInput(serializers.Serializer[Any]):
    """An act that needs no words."""


class StateSerializer(serializers.Serializer[Any]):
    """Where the case stands after the act."""

    number = serializers.CharField()
    status = serializers.CharField()
