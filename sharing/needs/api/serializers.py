"""Data needs as the API shows them, and what acts on them carry."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import CatalogEntry, UpdateCycle
from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from sharing.api.serializers import SharingActionSerializer, SharingClockSerializer
from sharing.models import DataNeed, NeedAssignment
from sharing.needs.acts import need_acts
from sharing.needs.selectors import assignments_of, clocks_on
from sharing.selectors import shareable_entries
from sharing.services import NeedWish
from sharing.services.needs.filing import LONGEST_ITEM, MOST_ITEMS

AGENCY = serializers.SlugRelatedField[Any]


def _agency(**given: Any) -> Any:
    agencies = Agency.objects.filter(is_active=True)
    return AGENCY(slug_field="code", queryset=agencies, help_text="统一社会信用代码", **given)


class DataNeedSerializer(serializers.ModelSerializer[DataNeed]):
    """A data need in a list."""

    requester = serializers.CharField(source="requester.code")
    requester_name = serializers.CharField(source="requester.name")
    provider = serializers.CharField(source="provider.code", default="", help_text="确认的责任机关；没有确认的为空")
    provider_name = serializers.CharField(source="provider.name", default="")
    suspected = serializers.CharField(source="suspected.code", default="")
    entry = serializers.CharField(source="entry.resource_code", default="", help_text="指明的目录条目的资源代码")
    status_name = serializers.CharField(source="status_label")

    class Meta:
        model = DataNeed
        fields = [
            "number",
            "title",
            "content",
            "items",
            "duty",
            "duty_basis",
            "purpose",
            "update_cycle",
            "requester",
            "requester_name",
            "suspected",
            "provider",
            "provider_name",
            "entry",
            "status",
            "status_name",
            "reasons",
            "is_unlisted",
            "submitted_on",
            "next_due_on",
            "ended_on",
        ]


class NeedAssignmentSerializer(serializers.ModelSerializer[NeedAssignment]):
    """Whom a need was put to, and what the answer was."""

    agency = serializers.CharField(source="agency.code")
    agency_name = serializers.CharField(source="agency.name")

    class Meta:
        model = NeedAssignment
        fields = [
            "agency",
            "agency_name",
            "assigned_on",
            "reasons",
            "is_final",
            "answer",
            "answer_reasons",
            "answered_on",
        ]


class DataNeedDetailSerializer(DataNeedSerializer):
    """A data need with its steps, its clocks, and what this principal may do on it now."""

    assignments = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(DataNeedSerializer.Meta):
        fields = [*DataNeedSerializer.Meta.fields, "assignments", "clocks", "actions"]

    @extend_schema_field(NeedAssignmentSerializer(many=True))
    def get_assignments(self, need: DataNeed) -> list[Any]:
        """The first on top."""
        return list(NeedAssignmentSerializer(assignments_of(need), many=True).data)

    @extend_schema_field(SharingClockSerializer(many=True))
    def get_clocks(self, need: DataNeed) -> list[Any]:
        """Every clock of the need, the running ones first."""
        return list(SharingClockSerializer([face(clock, today()) for clock in clocks_on(need)], many=True).data)

    @extend_schema_field(SharingActionSerializer(many=True))
    def get_actions(self, need: DataNeed) -> list[Any]:
        """The same list that draws the page's buttons."""
        return list(SharingActionSerializer(need_acts(cast(User, self.context["user"]), need), many=True).data)


class FileNeedInput(serializers.Serializer[Any]):
    """目录中没有、履行职责需要的数据."""

    title = serializers.CharField(max_length=200, help_text="需要什么数据")
    items = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_ITEM), min_length=1, max_length=MOST_ITEMS
    )
    content = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    duty = serializers.CharField(max_length=300)
    duty_basis = serializers.CharField(max_length=300)
    purpose = serializers.CharField(max_length=1000)
    update_cycle = serializers.ChoiceField(choices=UpdateCycle.choices)
    suspected = _agency(required=False, default=None, allow_null=True)
    is_unlisted = serializers.BooleanField(required=False, default=False, help_text="不列入公开的需求清单")

    def to_internal_value(self, data: Any) -> Any:
        return {"wish": NeedWish(**super().to_internal_value(data))}


class AssignNeedInput(serializers.Serializer[Any]):
    """确认责任机关."""

    agency = _agency()
    reasons = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    is_unlisted = serializers.BooleanField(required=False, default=False)


class _EntryInput(serializers.Serializer[Any]):
    """Base: an entry by its resource code."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        return values | {"entry_id": values.pop("entry").pk}


class SharedEntryField(serializers.SlugRelatedField[Any]):
    """A shared entry by its resource code."""

    def __init__(self, **given: Any) -> None:
        super().__init__(slug_field="resource_code", queryset=CatalogEntry.objects.all(), **given)

    def get_queryset(self) -> Any:
        return shareable_entries()


class CoverNeedInput(_EntryInput):
    """目录中已有的条目."""

    entry = SharedEntryField(help_text="资源代码")
    reasons = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    is_unlisted = serializers.BooleanField(required=False, default=False)


class LinkNeedInput(_EntryInput):
    """编制的条目."""

    entry = AGENCY(slug_field="resource_code", queryset=CatalogEntry.objects.all(), help_text="本机关条目的资源代码")
    is_changed = serializers.BooleanField(
        required=False,
        default=False,
        help_text="已经公布、需要为这项需求调整：登记目录调整的情形（第十三条第二款）",
    )


class NeedSayInput(serializers.Serializer[Any]):
    """说明，可以不填."""

    reasons = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
