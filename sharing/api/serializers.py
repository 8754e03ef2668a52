"""Cases of sharing as the API shows them, and what acts over the API carry. Rules of law are the services' business."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from guiyang_data.accounts.models import User
from guiyang_data.statute.selectors import clocks_of, face
from guiyang_data.tables.selecting import OPERATORS
from guiyang_data.timekeeping import today
from sharing.actions import application_acts, coordination_acts, grant_acts
from sharing.api import examples
from sharing.api.verification_serializers import (
    VerificationAskedSerializer,
    VerificationKeptSerializer,
    VerificationTermsSerializer,
)
from sharing.models import (
    ApplicationOutcome,
    Coordination,
    SharingApplication,
    SharingGrant,
    Taking,
    WayOfSupply,
)
from sharing.papers import papers_of
from sharing.selectors import chain_of

KEEPS = (("rows", "rows"), ("period", "period"), ("ways", "ways"), ("verification", "verification"))


class SharingConditionSerializer(serializers.Serializer[Any]):
    """One row condition: an item, how it is compared, a value (a list for ``in``)."""

    code = serializers.CharField(max_length=63)
    operator = serializers.ChoiceField(choices=OPERATORS)
    value = serializers.JSONField()


class SharingActionSerializer(serializers.Serializer[Any]):
    """One act that this principal may do on the case now."""

    verb = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    article = serializers.CharField()


class SharingClockSerializer(serializers.Serializer[Any]):
    """One clock of a case as it stands today."""

    kind = serializers.CharField()
    state = serializers.CharField()
    headline = serializers.CharField()
    due_on = serializers.DateField()
    owed_by = serializers.CharField()
    statutory = serializers.BooleanField()
    provisional = serializers.BooleanField()
    article = serializers.CharField()
    why_url = serializers.CharField()


class _CaseSerializer(serializers.Serializer[Any]):
    """What every case shows in its detail."""

    actions = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()

    @extend_schema_field(SharingActionSerializer(many=True))
    def get_actions(self, case: Any) -> list[Any]:
        """The same list that draws the page's buttons."""
        user = cast(User, self.context["user"])
        if isinstance(case, SharingApplication):
            return list(SharingActionSerializer(application_acts(user, case, on=today()), many=True).data)
        if isinstance(case, SharingGrant):
            return list(SharingActionSerializer(grant_acts(user, case), many=True).data)
        return list(SharingActionSerializer(coordination_acts(user, case), many=True).data)

    @extend_schema_field(SharingClockSerializer(many=True))
    def get_clocks(self, case: Any) -> list[Any]:
        """Every clock of the case, the running ones first."""
        return list(SharingClockSerializer([face(clock, today()) for clock in clocks_of(case)], many=True).data)


PAPER = "/api/v1/sharing/papers/{}/"


class SharingPaperSerializer(serializers.Serializer[Any]):
    """A file that goes with an application, a need or an answer."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField()


class SharingApplicationSerializer(serializers.ModelSerializer[SharingApplication]):
    """An application in a list."""

    entry = serializers.CharField(source="entry.resource_code")
    provider = serializers.CharField(source="provider.code")
    provider_name = serializers.CharField(source="provider.name")
    requester = serializers.CharField(source="requester.code")
    requester_name = serializers.CharField(source="requester.name")
    status_name = serializers.CharField(source="get_status_display")
    verification = VerificationKeptSerializer(allow_null=True, read_only=True)
    granted_verification = VerificationKeptSerializer(allow_null=True, read_only=True)

    class Meta:
        model = SharingApplication
        fields = [
            "number",
            "entry",
            "title",
            "provider",
            "provider_name",
            "requester",
            "requester_name",
            "items",
            "row_condition",
            "duty",
            "duty_basis",
            "purpose",
            "use_case",
            "period_from",
            "period_until",
            "ways",
            "verification",
            "frequency",
            "filing",
            "status",
            "status_name",
            "submitted_on",
            "outcome",
            "granted_items",
            "granted_condition",
            "granted_until",
            "granted_ways",
            "granted_verification",
            "reasons",
            "replied_on",
        ]


class SharingApplicationDetailSerializer(SharingApplicationSerializer, _CaseSerializer):
    """An application with its grants and coordinations, its clocks, and what may be done now."""

    grants: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    coordinations: Any = serializers.SlugRelatedField(slug_field="number", many=True, read_only=True)
    previous = serializers.CharField(source="previous.number", default="", help_text="前次申请的编号")
    chain = serializers.SerializerMethodField()
    papers = serializers.SerializerMethodField()

    class Meta(SharingApplicationSerializer.Meta):
        more: ClassVar = ("previous", "chain", "papers", "grants", "coordinations", "actions", "clocks")
        fields = [*SharingApplicationSerializer.Meta.fields, *more]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_chain(self, case: SharingApplication) -> list[str]:
        """Numbers of the applications in which the matter was taken up, the first on top."""
        return [one.number for one in chain_of(case)]

    @extend_schema_field(SharingPaperSerializer(many=True))
    def get_papers(self, case: SharingApplication) -> list[Any]:
        """Its papers, for both agencies and for who coordinates."""
        user = cast(User, self.context["user"])
        found = papers_of(user, case, path=PAPER)
        return list(SharingPaperSerializer(found, many=True).data)


class SharingGrantSerializer(serializers.ModelSerializer[SharingGrant]):
    """A grant in a list."""

    entry = serializers.CharField(source="entry.resource_code")
    provider = serializers.CharField(source="entry.provider.code")
    grantee = serializers.CharField(source="grantee.code")
    application = serializers.CharField(source="source.number", default="")
    authorisation = serializers.IntegerField(source="standing_id", allow_null=True, help_text="按类别授权的编号")
    status_name = serializers.SerializerMethodField()

    class Meta:
        model = SharingGrant
        fields = [
            "id",
            "entry",
            "title",
            "provider",
            "grantee",
            "application",
            "authorisation",
            "items",
            "row_condition",
            "duty",
            "purpose",
            "case_number",
            "ways",
            "valid_from",
            "valid_until",
            "rows_per_day",
            "calls_per_minute",
            "status",
            "status_name",
            "supplied_on",
        ]

    def get_status_name(self, grant: SharingGrant) -> str:
        """How it stands today: also that its period has not begun or is over."""
        return grant.standing_on(today())


class SharingGrantDetailSerializer(SharingGrantSerializer, _CaseSerializer):
    """A grant with what may be done with it now."""

    class Meta(SharingGrantSerializer.Meta):
        fields = [*SharingGrantSerializer.Meta.fields, "status_reasons", "actions", "clocks"]


class SharingCoordinationSerializer(serializers.ModelSerializer[Coordination]):
    """A coordination in a list."""

    application = serializers.CharField(source="application.number")
    title = serializers.CharField(source="application.title")
    status_name = serializers.CharField(source="get_status_display")
    cause_name = serializers.CharField(source="get_cause_display")

    class Meta:
        model = Coordination
        fields = [
            "number",
            "application",
            "title",
            "cause",
            "cause_name",
            "reasons",
            "requested_on",
            "status",
            "status_name",
            "requester_statement",
            "provider_statement",
            "opinion",
            "opinion_items",
            "opinion_keeps",
            "opinion_text",
            "hearing",
        ]


class SharingCoordinationDetailSerializer(SharingCoordinationSerializer, _CaseSerializer):
    """A coordination with its clock and what may be done now."""

    class Meta(SharingCoordinationSerializer.Meta):
        fields = [*SharingCoordinationSerializer.Meta.fields, "actions", "clocks"]


class SharingTakingSerializer(serializers.ModelSerializer[Taking]):
    """A declared duty."""

    entry = serializers.CharField(source="entry.resource_code")
    agency = serializers.CharField(source="agency.code")

    class Meta:
        model = Taking
        fields = ["id", "entry", "agency", "duty", "duty_basis", "purpose", "case_number", "taken_on"]


class SharingReadingSerializer(serializers.Serializer[Any]):
    """One reading of the log; ``rows`` is null while it has not ended, or where its process died."""

    reading = serializers.UUIDField()
    at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    grant = serializers.CharField(help_text="授权或者获取登记，例如 sharing.sharinggrant:12；读取本机关数据的为空")
    kind = serializers.CharField(help_text="方式：page、csv、excel、json")
    who = serializers.CharField()
    agency = serializers.CharField()
    title = serializers.CharField()
    purpose = serializers.CharField()
    case_number = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(allow_null=True)
    query = serializers.DictField()
    rows = serializers.IntegerField(allow_null=True)
    outcome = serializers.CharField()


# --- what acts carry ---------------------------------------------------------------------------------


class SharingWaysField(serializers.ListField):
    """Ways of supply; without any it is left open."""

    child = serializers.ChoiceField(choices=WayOfSupply.choices)


class SharingLimitsSerializer(serializers.Serializer[Any]):
    """How much a grant lets through."""

    rows_per_day = serializers.IntegerField(
        min_value=1, max_value=10**12, required=False, allow_null=True, default=None
    )
    calls_per_minute = serializers.IntegerField(min_value=1, max_value=100_000, required=False, default=60)


@extend_schema_serializer(examples=examples.REPLY)
class SharingReplySerializer(SharingLimitsSerializer):
    """A reply: ``items`` and ``reasons`` for a part, ``reasons`` for a refusal."""

    outcome = serializers.ChoiceField(choices=ApplicationOutcome.choices)
    items = serializers.ListField(child=serializers.CharField(max_length=63), required=False, default=list)
    reasons = serializers.CharField(max_length=5000, required=False, allow_blank=True, default="")
    row_condition = SharingConditionSerializer(many=True, required=False, default=list)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)
    ways = SharingWaysField(required=False, default=list)
    verification = VerificationAskedSerializer(
        required=False, allow_null=True, default=None, help_text="部分同意的：缩小后的核验范围"
    )


class SharingChangeGrantSerializer(SharingLimitsSerializer):
    """What a grant lets through from now on; all of it is said anew."""

    items = serializers.ListField(child=serializers.CharField(max_length=63), max_length=500)
    row_condition = SharingConditionSerializer(many=True, required=False, default=list)
    purpose = serializers.CharField(max_length=1000)
    valid_until = serializers.DateField(allow_null=True)
    ways = SharingWaysField(required=False, default=list)
    verification = VerificationTermsSerializer(
        required=False, allow_null=True, default=None, help_text="核验范围；不写的保持现状"
    )
    reasons = serializers.CharField(max_length=2000, allow_blank=True, default="")


class SharingReasonsSerializer(serializers.Serializer[Any]):
    """Reasons."""

    reasons = serializers.CharField(max_length=5000, allow_blank=True, default="")


class SharingStatementSerializer(serializers.Serializer[Any]):
    """A side's view."""

    text = serializers.CharField(max_length=5000, allow_blank=True, default="")


class SharingOpinionSerializer(SharingStatementSerializer):
    """An opinion, or the government's decision."""

    opinion = serializers.ChoiceField(choices=Coordination.Opinion.choices)
    items = serializers.ListField(child=serializers.CharField(max_length=63), required=False, default=list)
    keeps = serializers.ListField(
        child=serializers.ChoiceField(choices=KEEPS),
        required=False,
        default=list,
        help_text="答复中可以保留的限定：rows 数据范围，period 期限，ways 提供方式，verification 核验范围",
    )


@extend_schema_serializer(examples=examples.OPINION)
class SharingCoordinationOpinionSerializer(SharingOpinionSerializer):
    """A coordination opinion."""

    hearing = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        help_text="怎样听取了提供机关的意见；没有书面陈述的必须写明",
    )


@extend_schema_serializer(examples=examples.DECLARE)
class SharingDeclareTakingSerializer(serializers.Serializer[Any]):
    """A duty to declare."""

    entry = serializers.CharField(help_text="资源代码")
    duty = serializers.CharField(max_length=300)
    duty_basis = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    purpose = serializers.CharField(max_length=1000)
    case_number = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    terms_accepted = serializers.BooleanField(default=False, help_text="承诺依职责使用、不转供他人")


@extend_schema_serializer(examples=examples.ROWS)
class SharingRowsSerializer(serializers.Serializer[Any]):
    """One page of rows."""

    count = serializers.IntegerField(help_text="符合条件的总行数")
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    version = serializers.IntegerField(help_text="数据版本")
    reading = serializers.UUIDField(help_text="读取编号，与读取记录对应")
    fields_ = serializers.ListField(child=serializers.CharField(), help_text="信息项字段名，与每行的值对应")
    results = serializers.ListField(child=serializers.DictField())

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields
