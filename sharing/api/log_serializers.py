"""Flags of unusual use as the API shows them."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from guiyang_data.accounts.models import User
from sharing.actions import flag_acts
from sharing.api.serializers import SharingActionSerializer
from sharing.models import UsageFlag
from sharing.watching.services import said


class UsageFlagSerializer(serializers.ModelSerializer[UsageFlag]):
    """A flag in a list; ``said`` is what was seen, in one sentence."""

    title = serializers.CharField(source="access.title")
    entry = serializers.CharField(source="access.entry.resource_code")
    provider = serializers.CharField(source="access.entry.provider.code")
    grantee = serializers.CharField(source="access.reader.code")
    kind_name = serializers.CharField(source="get_kind_display")
    status_name = serializers.CharField(source="get_status_display")
    said = serializers.SerializerMethodField()

    class Meta:
        model = UsageFlag
        fields = [
            *("id", "grant", "taking", "title", "entry", "provider", "grantee", "kind", "kind_name", "day"),
            *("said", "status", "status_name", "raised_at", "decided_at", "reasons"),
        ]

    def get_said(self, flag: UsageFlag) -> str:
        """What was seen, in one sentence."""
        return said(flag)


class UsageFlagDetailSerializer(UsageFlagSerializer):
    """A flag with its numbers, its drawing (``x`` and ``series``), the thresholds, and what may be done now."""

    seen = serializers.JSONField()
    actions = serializers.SerializerMethodField()

    class Meta(UsageFlagSerializer.Meta):
        fields = [*UsageFlagSerializer.Meta.fields, "seen", "actions"]

    @extend_schema_field(SharingActionSerializer(many=True))
    def get_actions(self, flag: UsageFlag) -> list[Any]:
        """The same list that draws the page's buttons."""
        return list(SharingActionSerializer(flag_acts(cast(User, self.context["user"]), flag), many=True).data)
