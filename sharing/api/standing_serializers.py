"""Authorisations for kinds of agency as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from sharing.api import examples
from sharing.api.serializers import SharingConditionSerializer, SharingLimitsSerializer
from sharing.kinds import KINDS, LEVELS, KindOfAgency, words_for
from sharing.models import StandingAuthorisation


class SharingAuthorisationSerializer(serializers.ModelSerializer[StandingAuthorisation]):
    """An authorisation for a kind of agency."""

    entry = serializers.CharField(source="entry.resource_code")
    provider = serializers.CharField(source="entry.provider.code")
    kind_name = serializers.SerializerMethodField()
    status_name = serializers.CharField(source="get_status_display")

    class Meta:
        model = StandingAuthorisation
        fields = [
            "id",
            "entry",
            "title",
            "provider",
            "kinds",
            "levels",
            "regions",
            "kind_name",
            "items",
            "row_condition",
            "duty",
            "purpose",
            "valid_from",
            "valid_until",
            "rows_per_day",
            "calls_per_minute",
            "status",
            "status_name",
            "status_reasons",
        ]

    def get_kind_name(self, standing: StandingAuthorisation) -> str:
        """What the kind is called."""
        return words_for([KindOfAgency.of(standing)])[0]


class SharingAuthoriseSerializer(SharingLimitsSerializer):
    """An entry to open in advance: to agencies that are named, to a kind of agency, or to both."""

    entry = serializers.CharField(help_text="资源代码")
    agencies = serializers.ListField(
        child=serializers.CharField(max_length=18),
        required=False,
        default=list,
        max_length=500,
        help_text="统一社会信用代码",
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=list(KINDS.items())), required=False, default=list
    )
    levels = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LEVELS.items())), required=False, default=list
    )
    regions = serializers.ListField(
        child=serializers.CharField(max_length=12), required=False, default=list, help_text="行政区划代码，包括其下"
    )
    items = serializers.ListField(child=serializers.CharField(max_length=63), max_length=500)
    row_condition = SharingConditionSerializer(many=True, required=False, default=list)
    duty = serializers.CharField(max_length=300)
    purpose = serializers.CharField(max_length=1000)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class SharingAuthorisedSerializer(serializers.Serializer[Any]):
    """What was opened: grants to agencies that were named, and an authorisation for a kind."""

    grants = serializers.ListField(child=serializers.IntegerField())
    authorisation = SharingAuthorisationSerializer(allow_null=True)


@extend_schema_serializer(examples=examples.CHANGE_AUTHORISATION)
class ChangeAuthorisationSerializer(SharingLimitsSerializer):
    """What an authorisation lets through from now on; all of it is said anew."""

    items = serializers.ListField(child=serializers.CharField(max_length=63), max_length=500)
    row_condition = SharingConditionSerializer(many=True, required=False, default=list)
    purpose = serializers.CharField(max_length=1000)
    valid_until = serializers.DateField(allow_null=True)
    reasons = serializers.CharField(max_length=2000, allow_blank=True, default="", help_text="预览可以不写")
    own_too = serializers.BooleanField(default=False, help_text="曾单独调整的机关也一并改为新的条件")
    seen = serializers.CharField(
        max_length=64, required=False, allow_blank=True, default="", help_text="预览给出的；其间有变化的不予调整"
    )


class TouchedGrantSerializer(serializers.Serializer[Any]):
    """A grant under the authorisation."""

    grant = serializers.IntegerField(source="pk")
    agency = serializers.CharField(source="grantee.code")
    agency_name = serializers.CharField(source="grantee.name")


class AuthorisationChangeSerializer(serializers.Serializer[Any]):
    """What a change would do."""

    changed = serializers.ListField(child=serializers.CharField(), help_text="调整的内容")
    touched = TouchedGrantSerializer(many=True, help_text="会改变的授权")
    kept = TouchedGrantSerializer(many=True, help_text="单独调整过、所调整的内容保持不变的授权")
    seen = serializers.CharField(help_text="调整时一并提交")
