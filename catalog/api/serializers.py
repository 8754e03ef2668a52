"""What the API takes and gives for the catalogue."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.models import (
    CatalogAdjustment,
    CatalogEntry,
    Category,
    ConfidentialityReview,
    EntryRevision,
    InformationItem,
    Load,
)
from catalog.services import ELEMENTS, ItemSpec
from guiyang_data.accounts.models import Agency
from guiyang_data.statute.models import Clock
from guiyang_data.statute.selectors import clocks_of, hands_of
from guiyang_data.timekeeping import today


class CategorySerializer(serializers.ModelSerializer[Category]):
    """A node of the classification tree."""

    class Meta:
        model = Category
        fields = ["code", "name", "level", "parent"]


class CatalogItemSerializer(serializers.ModelSerializer[InformationItem]):
    """An information item. Without ``code`` one is given out."""

    code = serializers.CharField(required=False, allow_blank=True, max_length=60)
    code_list = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    collector = serializers.CharField(
        source="collector_code",
        required=False,
        allow_blank=True,
        max_length=18,
        help_text="采集机关的统一社会信用代码；空的由提供机关采集",
    )

    class Meta:
        model = InformationItem
        fields = [
            *("name", "code", "data_type", "length", "unit", "meaning", "required", "is_key"),
            *("code_list", "is_unique", "minimum", "maximum", "pattern", "check_digits"),
            *("reference_code", "reference_item", "sensitivity", "grade", "collector"),
        ]
        extra_kwargs = {
            "minimum": {"help_text": "含本数；只用于数值、货币、整型和日期类"},
            "maximum": {"help_text": "含本数"},
            "pattern": {"help_text": "RE2 正则表达式，整个值都要符合；只用于文字类"},
            "check_digits": {"help_text": "按国家标准核对位数和校验码；只用于文字类"},
            "reference_code": {"help_text": "值必须在这一现行条目中：资源代码"},
            "reference_item": {"help_text": "它的主键的字段名"},
        }


class RevisionSerializer(serializers.ModelSerializer[EntryRevision]):
    """Every element of the guide, and the items."""

    items = CatalogItemSerializer(many=True, required=False)
    seen_at = serializers.DateTimeField(
        required=False, write_only=True, help_text="修改时可以写读到的 updated_at：之后有人改过的，返回 409，不覆盖"
    )
    related_codes = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    bad_share_limit = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
        coerce_to_string=False,
        help_text="百分之几；退回的行超过它，整批不入库。100 的，有一行通过就入库",
    )

    class Meta:
        model = EntryRevision
        fields = [
            *("number", "status", *ELEMENTS, "grade", "submitted_at", "in_force_on", "updated_at"),
            *("send_back_reasons", "send_back_fields", "items", "seen_at"),
        ]
        read_only_fields = [
            *("number", "status", "grade", "submitted_at", "in_force_on", "updated_at"),
            *("send_back_reasons", "send_back_fields"),
        ]

    def elements(self) -> dict[str, Any]:
        """The elements as the service takes them."""
        return {name: value for name, value in self.validated_data.items() if name in ELEMENTS}

    def specs(self) -> list[ItemSpec] | None:
        """The items as the service takes them; None where the call says nothing about them."""
        items = self.validated_data.get("items")
        return None if items is None else [self._spec(item) for item in items]

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The agencies that collect must be of the portal; one question for all of them."""
        codes = {item["collector_code"] for item in items if item.get("collector_code")}
        self._collectors = dict(Agency.objects.filter(code__in=codes, is_active=True).values_list("code", "pk"))
        unknown = sorted(codes - self._collectors.keys())
        if unknown:
            raise serializers.ValidationError(f"没有统一社会信用代码是 {unknown[0]} 的机关。请核对采集机关。")
        return items

    def _spec(self, item: dict[str, Any]) -> ItemSpec:
        said = {name: value for name, value in item.items() if name != "collector_code"}
        return ItemSpec(**said, collector_id=self._collectors.get(item.get("collector_code", "")))


class EntryListSerializer(serializers.ModelSerializer[CatalogEntry]):
    """An entry in a list."""

    provider = serializers.CharField(source="provider.code", read_only=True)
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    title = serializers.CharField(source="shown.title", read_only=True)
    status = serializers.CharField(source="shown.status", read_only=True)
    sharing_type = serializers.CharField(source="shown.sharing_type", read_only=True)
    field = serializers.CharField(source="shown.field", read_only=True)
    rows = serializers.IntegerField(source="current_data.rows", read_only=True, default=None)

    class Meta:
        model = CatalogEntry
        fields = [
            *("id", "resource_code", "title", "provider", "provider_name", "status", "sharing_type"),
            *("field", "rows"),
        ]


class CatalogActionSerializer(serializers.Serializer[Any]):
    """An act that the caller may do now."""

    verb = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    article = serializers.CharField()
    dangerous = serializers.BooleanField()


class CatalogClockSerializer(serializers.Serializer[Any]):
    """A running clock."""

    kind = serializers.CharField()
    due_on = serializers.DateField()
    state = serializers.CharField()
    headline = serializers.CharField()
    article = serializers.CharField()
    statutory = serializers.BooleanField()
    provisional = serializers.BooleanField()
    owed_by = serializers.CharField()


class RevisionNumberSerializer(serializers.Serializer[Any]):
    """A revision by its number."""

    number = serializers.IntegerField()
    status = serializers.CharField()


class EntryDetailSerializer(serializers.Serializer[Any]):
    """An entry with one revision, what the caller may do, and what runs."""

    id = serializers.IntegerField(source="entry.pk")
    resource_code = serializers.CharField(source="entry.resource_code")
    provider = serializers.CharField(source="entry.provider.code")
    provider_name = serializers.CharField(source="entry.provider.name")
    data_version = serializers.IntegerField(source="entry.current_data.number", default=None, allow_null=True)
    rows = serializers.IntegerField(source="entry.current_data.rows", default=None, allow_null=True)
    revision = RevisionSerializer()
    revisions = RevisionNumberSerializer(many=True)
    actions = CatalogActionSerializer(many=True)
    clocks = CatalogClockSerializer(many=True)


class CatalogActSerializer(serializers.Serializer[Any]):
    """What an act may carry: reasons of a send-back or withdrawal, an opinion of a review."""

    reasons = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")
    opinion = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class CatalogSendBackSerializer(serializers.Serializer[Any]):
    """Reasons of a send-back, for the whole and beside single elements (by name) and items (``item:code``)."""

    reasons = serializers.CharField(required=False, allow_blank=True, max_length=5000, default="")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(max_length=1000, allow_blank=True), required=False, default=dict
    )


class ChangeSerializer(serializers.Serializer[Any]):
    """One element before and after."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()
    kind = serializers.CharField(source="kind.value")


class ItemChangeSerializer(serializers.Serializer[Any]):
    """One information item that was added, removed or changed."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField(source="kind.value")
    parts = ChangeSerializer(many=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """What differs between two revisions."""

    before = serializers.IntegerField(source="before.number")
    after = serializers.IntegerField(source="after.number")
    summary = serializers.CharField()
    elements = ChangeSerializer(many=True)
    items = ItemChangeSerializer(many=True)


class CatalogOutcomeSerializer(serializers.Serializer[Any]):
    """Where an act led."""

    entry = serializers.IntegerField()
    resource_code = serializers.CharField()
    revision = serializers.IntegerField(required=False)
    status = serializers.CharField(required=False)
    review = serializers.IntegerField(required=False)


class ConfidentialityDecisionSerializer(serializers.Serializer[Any]):
    """The conclusion of a confidentiality review."""

    passed = serializers.BooleanField()
    opinion = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class ConfidentialitySerializer(serializers.ModelSerializer[ConfidentialityReview]):
    """A confidentiality review."""

    class Meta:
        model = ConfidentialityReview
        fields = ["id", "scope", "outcome", "opinion", "asked_at", "decided_at"]


class AdjustmentSerializer(serializers.ModelSerializer[CatalogAdjustment]):
    """An event that makes the catalogue change."""

    collector = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="共同采集的条目：涉及哪个机关采集的信息项，写统一社会信用代码",
    )

    class Meta:
        model = CatalogAdjustment
        fields = ["id", "entry", "kind", "event_on", "promulgated_on", "document", "description", "other_on"]
        fields += ["collector", "other_basis", "occasion", "declared_at", "closed_at"]
        read_only_fields = ["entry", "occasion", "declared_at", "closed_at"]


class AdjustmentShownSerializer(AdjustmentSerializer):
    """The same with its clock, and in whose hands it lay."""

    due_on = serializers.SerializerMethodField()
    late_days = serializers.SerializerMethodField()
    hands = serializers.SerializerMethodField()

    class Meta(AdjustmentSerializer.Meta):
        fields = [*AdjustmentSerializer.Meta.fields, "due_on", "late_days", "hands"]

    def _clock(self, adjustment: CatalogAdjustment) -> Clock | None:
        return clocks_of(adjustment).order_by("-pk").first()

    def get_due_on(self, adjustment: CatalogAdjustment) -> dt.date | None:
        clock = self._clock(adjustment)
        return clock.due_on if clock else None

    def get_late_days(self, adjustment: CatalogAdjustment) -> int:
        clock = self._clock(adjustment)
        return max(((clock.stopped_on or today()) - clock.due_on).days, 0) if clock else 0

    def get_hands(self, adjustment: CatalogAdjustment) -> list[dict[str, Any]]:
        clock = self._clock(adjustment)
        return [{"agency": hand.agency, "days": hand.days} for hand in hands_of(clock, today())] if clock else []


class AdjustManySerializer(AdjustmentSerializer):
    """One event for many entries."""

    entries = serializers.ListField(child=serializers.IntegerField(), max_length=500)

    class Meta(AdjustmentSerializer.Meta):
        fields = [
            *("entries", "kind", "event_on", "promulgated_on", "document", "description", "other_on", "other_basis")
        ]


class AdjustedManySerializer(serializers.Serializer[Any]):
    """The records of all of them."""

    results = AdjustmentShownSerializer(many=True)


class EventDaySerializer(serializers.Serializer[Any]):
    """The day of an event, corrected by the authority."""

    event_on = serializers.DateField()
    reasons = serializers.CharField(max_length=5000)


class LoadSerializer(serializers.ModelSerializer[Load]):
    """A gathering of data: how far it is, and what became of its rows."""

    entry = serializers.CharField(source="entry.resource_code", read_only=True)
    refused_rows_url = serializers.SerializerMethodField(help_text="有退回的行时：在这里取回")
    data_version = serializers.IntegerField(source="version.number", read_only=True, default=None)
    collector = serializers.CharField(source="collector.code", read_only=True, default="")
    rows_added = serializers.IntegerField(source="version.rows_added", read_only=True, default=None, allow_null=True)
    rows_removed = serializers.IntegerField(
        source="version.rows_removed", read_only=True, default=None, allow_null=True
    )
    rows_changed = serializers.IntegerField(
        source="version.rows_changed", read_only=True, default=None, allow_null=True
    )

    keys_alike = serializers.IntegerField(
        source="version.alike.number", read_only=True, default=0, help_text="主键看起来相同、实际不同的，有几组"
    )

    class Meta:
        model = Load
        fields = [
            *("id", "load_id", "entry", "file_name", "size", "sha256", "mode", "state", "progress", "rows_read"),
            *("rows_accepted", "rows_refused", "reasons", "encoding", "message", "received_at", "finished_at"),
            *("data_version", "source", "collector", "rows_sent", "refused_rows_url"),
            *("rows_added", "rows_removed", "rows_changed", "keys_alike"),
        ]

    def get_refused_rows_url(self, load: Load) -> str:
        """Where the rows are that were not taken in."""
        return f"/api/v1/catalog/loads/{load.pk}/refused-rows/" if load.bad_rows else ""


class DataUploadSerializer(serializers.Serializer[Any]):
    """A file of data. The same ``load_id`` again takes nothing in."""

    file = serializers.FileField()
    mode = serializers.ChoiceField(choices=Load.Mode.choices, default=Load.Mode.REPLACE)
    header_row = serializers.IntegerField(required=False, min_value=1, allow_null=True)
    revision = serializers.IntegerField(required=False, allow_null=True, help_text="版本号；不填的按现行目录检查")
    load_id = serializers.UUIDField(required=False)
    collector = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        help_text="共同采集的条目：代表哪个机关报送，写统一社会信用代码；只经办一个机关的不填",
    )
