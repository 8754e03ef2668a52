"""Data needs as the API shows them, and what acts on them carry."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import CatalogEntry, UpdateCycle
from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.selectors import face
from guiyang_data.timekeeping import today
from sharing.api.serializers import (
    PAPER,
    SharingActionSerializer,
    SharingClockSerializer,
    SharingPaperSerializer,
    SharingReasonsSerializer,
)
from sharing.models import DataNeed, NeedAnswer, NeedAssignment
from sharing.needs.acts import need_acts
from sharing.needs.policies import sees_draft
from sharing.needs.selectors import assignments_of, clocks_on, open_assignment
from sharing.papers import papers_of, papers_of_answers
from sharing.selectors import shareable_entries
from sharing.services import NeedWish
from sharing.services.needs.filing import LONGEST_ITEM, MOST_ITEMS
from sharing.services.needs.stepping import MOST_PAPERS

AGENCY = serializers.SlugRelatedField[Any]


def _agency(**given: Any) -> Any:
    agencies = Agency.objects.filter(is_active=True)
    return AGENCY(slug_field="code", queryset=agencies, help_text="统一社会信用代码", **given)


def papers_sent() -> serializers.ListField:
    """Files sent before the act that they go with."""
    return serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        default=list,
        max_length=MOST_PAPERS,
        help_text="附件编号，先由 sharing/papers/ 上传",
    )


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
    papers = serializers.SerializerMethodField()

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
            "taken_back_on",
            "taken_back_reasons",
            "papers",
        ]

    @extend_schema_field(SharingPaperSerializer(many=True))
    def get_papers(self, asked: NeedAssignment) -> list[Any]:
        """Those of the answer, once it is given, for both agencies and for who confirms."""
        papers = [] if asked.is_open else self.context["papers"].get(asked.pk, [])
        return list(SharingPaperSerializer(papers, many=True).data)


class NeedDraftSerializer(serializers.ModelSerializer[NeedAssignment]):
    """An answer that is prepared and not given yet, for its own agency."""

    answer = serializers.CharField(source="draft_answer")
    reasons = serializers.CharField(source="draft_reasons")
    entry = serializers.CharField(source="draft_entry.resource_code", default="", help_text="资源代码")
    papers = serializers.SerializerMethodField()

    class Meta:
        model = NeedAssignment
        fields = ["answer", "reasons", "entry", "drafted_at", "papers"]

    @extend_schema_field(SharingPaperSerializer(many=True))
    def get_papers(self, asked: NeedAssignment) -> list[Any]:
        """What goes with the answer."""
        return list(SharingPaperSerializer(self.context["papers"].get(asked.pk, []), many=True).data)


class DataNeedDetailSerializer(DataNeedSerializer):
    """A data need with its steps, its clocks, and what this principal may do on it now."""

    papers = serializers.SerializerMethodField()
    assignments = serializers.SerializerMethodField()
    draft = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(DataNeedSerializer.Meta):
        fields = [*DataNeedSerializer.Meta.fields, "papers", "assignments", "draft", "clocks", "actions"]

    @extend_schema_field(SharingPaperSerializer(many=True))
    def get_papers(self, need: DataNeed) -> list[Any]:
        """Those of the need, for both agencies and for who confirms."""
        return list(SharingPaperSerializer(papers_of(self._user, need, path=PAPER), many=True).data)

    @extend_schema_field(NeedAssignmentSerializer(many=True))
    def get_assignments(self, need: DataNeed) -> list[Any]:
        """The first on top."""
        asked = assignments_of(need)
        papers = papers_of_answers(self._user, asked, path=PAPER)
        return list(NeedAssignmentSerializer(asked, many=True, context={"papers": papers}).data)

    @extend_schema_field(NeedDraftSerializer(allow_null=True))
    def get_draft(self, need: DataNeed) -> dict[str, Any] | None:
        """The answer that is prepared, for those of its agency; null where none is."""
        waiting = open_assignment(need)
        if waiting is None or not sees_draft(self._user, waiting):
            return None
        papers = papers_of_answers(self._user, [waiting], path=PAPER)
        return dict(NeedDraftSerializer(waiting, context={"papers": papers}).data)

    @extend_schema_field(SharingClockSerializer(many=True))
    def get_clocks(self, need: DataNeed) -> list[Any]:
        """Every clock of the need, the running ones first."""
        return list(SharingClockSerializer([face(clock, today()) for clock in clocks_on(need)], many=True).data)

    @extend_schema_field(SharingActionSerializer(many=True))
    def get_actions(self, need: DataNeed) -> list[Any]:
        """The same list that draws the page's buttons."""
        return list(SharingActionSerializer(need_acts(self._user, need, on=today()), many=True).data)

    @property
    def _user(self) -> User:
        return cast(User, self.context["user"])


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
    papers = papers_sent()

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        papers = values.pop("papers")
        return {"wish": NeedWish(**values), "papers": papers}


class AssignNeedInput(serializers.Serializer[Any]):
    """确认责任机关."""

    agency = _agency()
    reasons = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    is_unlisted = serializers.BooleanField(required=False, default=False)


class ReassignNeedInput(serializers.Serializer[Any]):
    """改由哪个机关负责，为什么."""

    agency = _agency()
    reasons = serializers.CharField(max_length=5000)


class _EntryInput(serializers.Serializer[Any]):
    """Base: an entry by its resource code."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        entry = values.pop("entry")
        return values | {"entry_id": entry.pk if entry else None}


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
    papers = papers_sent()


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
    papers = papers_sent()


class DenyNeedInput(SharingReasonsSerializer):
    """理由."""

    papers = papers_sent()


class DraftNeedAnswerInput(_EntryInput):
    """拟写的答复，代替以前拟写的."""

    answer = serializers.ChoiceField(choices=NeedAnswer.choices)
    entry = SharedEntryField(
        required=False, default=None, allow_null=True, help_text="目录中已有的，本机关条目的资源代码"
    )
    reasons = serializers.CharField(
        max_length=5000, required=False, default="", allow_blank=True, help_text="不属于本机关的，必须写明"
    )
    papers = papers_sent()
    without = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=MOST_PAPERS, help_text="要去掉的附件"
    )
