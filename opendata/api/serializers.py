"""Opening as the API shows it and takes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from opendata.models import OpenDataset, OpeningPlan, PublishedVersion


class DatasetSerializer(serializers.ModelSerializer[OpenDataset]):
    """A data set in a list."""

    agency = serializers.CharField(source="provider_code")
    agency_name = serializers.CharField(source="provider_name")
    region = serializers.CharField(source="region_code")
    rows = serializers.IntegerField(source="current.rows")
    version = serializers.IntegerField(source="current.number")
    page_url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = OpenDataset
        fields = [
            "slug",
            "title",
            "abstract",
            "field",
            "keywords",
            "update_cycle",
            "agency",
            "agency_name",
            "region",
            "published_on",
            "updated_at",
            "rows",
            "version",
            "downloads",
            "page_url",
        ]


class DatasetColumnSerializer(serializers.Serializer[Any]):
    """A field of a data set."""

    code = serializers.CharField()
    name = serializers.CharField()
    data_type = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    meaning = serializers.CharField(allow_blank=True)
    is_key = serializers.BooleanField()
    technique = serializers.CharField()
    is_unique = serializers.BooleanField(default=False, help_text="目录规定各行的值不相同")
    minimum = serializers.CharField(default="", help_text="目录规定的最小值，含本数")
    maximum = serializers.CharField(default="", help_text="目录规定的最大值，含本数")
    code_list = serializers.ListField(child=serializers.CharField(), default=list, help_text="目录规定只取这些值")


class PublishedVersionSerializer(serializers.ModelSerializer[PublishedVersion]):
    """A published version with its files."""

    files = serializers.DictField()

    class Meta:
        model = PublishedVersion
        fields = ["number", "rows", "made_at", "files"]


class DatasetDetailSerializer(DatasetSerializer):
    """A data set with its fields, files and terms."""

    resource_code = serializers.CharField(source="entry.resource_code")
    columns = DatasetColumnSerializer(source="current.columns", many=True)
    files = serializers.DictField(source="current.files")

    class Meta(DatasetSerializer.Meta):
        fields = [*DatasetSerializer.Meta.fields, "resource_code", "licence", "columns", "files"]


class DatasetRowsSerializer(serializers.Serializer[Any]):
    """A page of rows: each row is an object by field code."""

    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    version = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    rows = serializers.ListField(child=serializers.DictField())


class FacetChoiceSerializer(serializers.Serializer[Any]):
    """A value of a facet."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class DatasetFacetsSerializer(serializers.Serializer[Any]):
    """The facets of the list."""

    field = FacetChoiceSerializer(many=True)
    agency = FacetChoiceSerializer(many=True)
    cycle = FacetChoiceSerializer(many=True)
    region = FacetChoiceSerializer(many=True)


class OpeningPlanSerializer(serializers.ModelSerializer[OpeningPlan]):
    """An opening plan, with what may be done on it and the clock of its review."""

    entry = serializers.IntegerField(source="entry_id")
    resource_code = serializers.CharField(source="entry.resource_code")
    title = serializers.CharField(source="revision.title")
    review_outcome = serializers.CharField(source="review.outcome", default=None)
    review_opinion = serializers.CharField(source="review.opinion", default="")
    actions = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()

    class Meta:
        model = OpeningPlan
        fields = [
            "id",
            "entry",
            "resource_code",
            "title",
            "status",
            "techniques",
            "detected",
            "risk",
            "review_outcome",
            "review_opinion",
            "created_at",
            "updated_at",
            "actions",
            "clocks",
            "job",
        ]

    def get_actions(self, plan: OpeningPlan) -> list[str]:
        """Verbs that this principal may do now."""
        return [act.verb for act in self.context["acts"](plan)]

    def get_clocks(self, plan: OpeningPlan) -> list[dict[str, Any]]:
        """The clocks of its review."""
        return list(self.context["clocks"](plan))

    def get_job(self, plan: OpeningPlan) -> dict[str, Any] | None:
        """How far its opening is."""
        found: dict[str, Any] | None = self.context["job"](plan)
        return found


class OpeningPlanListSerializer(serializers.ModelSerializer[OpeningPlan]):
    """A plan in a list."""

    entry = serializers.IntegerField(source="entry_id")
    title = serializers.CharField(source="revision.title")

    class Meta:
        model = OpeningPlan
        fields = ["id", "entry", "title", "status", "created_at", "updated_at"]


class NewOpeningPlanSerializer(serializers.Serializer[Any]):
    """An entry to open, and how."""

    entry = serializers.IntegerField()
    techniques = serializers.DictField(child=serializers.DictField(), required=False)


class TechniquesSerializer(serializers.Serializer[Any]):
    """A technique for each item code."""

    techniques = serializers.DictField(child=serializers.DictField())


class PlanDecisionSerializer(serializers.Serializer[Any]):
    """The second person's conclusion."""

    passed = serializers.BooleanField()
    opinion = serializers.CharField(required=False, allow_blank=True, max_length=3000, default="")


class WithdrawalReasonsSerializer(serializers.Serializer[Any]):
    """Reasons of a withdrawal."""

    reasons = serializers.CharField(allow_blank=True, max_length=3000)


class OpeningActSerializer(serializers.Serializer[Any]):
    """An act without further content."""


class DatasetStandingSerializer(serializers.Serializer[Any]):
    """Whether a data set is open now."""

    slug = serializers.CharField()
    status = serializers.CharField()
