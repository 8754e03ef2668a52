"""Authorisations for kinds of agency as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

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
