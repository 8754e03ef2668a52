"""Deferrals as the API shows them, and what acts on them carry."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guiyang_data.accounts.models import User
from sharing.actions import deferral_acts
from sharing.api.serializers import SharingActionSerializer
from sharing.models import Deferral


class DeferralSerializer(serializers.ModelSerializer[Deferral]):
    """A deferral with what this principal may do on it now."""

    grant = serializers.IntegerField(source="grant_id", allow_null=True)
    taking = serializers.IntegerField(source="taking_id", allow_null=True)
    agency = serializers.CharField(source="agency.code")
    status_name = serializers.CharField(source="get_status_display")
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Deferral
        fields = [
            "id",
            "grant",
            "taking",
            "case_number",
            "agency",
            "basis",
            "reasons",
            "until",
            "status",
            "status_name",
            "status_reasons",
            "proposed_at",
            "confirmed_at",
            "actions",
        ]

    @extend_schema_field(SharingActionSerializer(many=True))
    def get_actions(self, deferral: Deferral) -> list[Any]:
        """The same list that draws the page's buttons."""
        user = cast(User, self.context["user"])
        return list(SharingActionSerializer(deferral_acts(user, deferral), many=True).data)


class ProposeDeferralSerializer(serializers.Serializer[Any]):
    """What is told later, on which basis, until when."""

    case_number = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="只延后一件办件的；空为全部读取"
    )
    basis = serializers.CharField(max_length=300, help_text="法律、行政法规的名称和条款")
    reasons = serializers.CharField(max_length=2000)
    until = serializers.DateField(help_text="最长一年")
