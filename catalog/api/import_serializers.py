"""What the API takes and gives for imports of catalogues."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import CLOSED_GROUNDS, CatalogImport, Category, Field, InformationItem, SharingType, UpdateCycle
from catalog.selectors import assignable_categories
from catalog.services import TARGETS
from catalog.services.import_entries import PROPOSED

SHOWN_REFUSALS = 100


class CatalogueFileSerializer(serializers.Serializer[Any]):
    """A catalogue to import."""

    file = serializers.FileField(help_text="XLSX、XLS、CSV 或者 JSON；列名不必与本平台一致")


class ImportDefaultsSerializer(serializers.Serializer[Any]):
    """What holds where the file says nothing; what is left out is as the agency had it the last time.

    How entries are shared and whether they are opened is never taken over: it is stated anew for each file.
    """

    category = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Category.objects.none(),
        required=False,
        help_text="资源分类代码，到「目」或者「细目」",
    )
    sharing_type = serializers.ChoiceField(
        choices=SharingType.choices, required=False, help_text="文件没有写明的须写，没有通常的缺省值"
    )
    update_cycle = serializers.ChoiceField(choices=UpdateCycle.choices, required=False)
    field = serializers.ChoiceField(choices=Field.choices, required=False)
    is_open = serializers.BooleanField(required=False, help_text="文件没有写明的须写，没有通常的缺省值")
    closed_ground = serializers.ChoiceField(
        choices=[(number, str(label)) for number, label in CLOSED_GROUNDS], required=False, allow_null=True
    )

    item_sensitivity = serializers.ChoiceField(
        choices=[(PROPOSED, "按平台的建议"), (InformationItem.Sensitivity.NONE.value, "都按非敏感")],
        required=False,
        help_text="文件没有写明的信息项的敏感性：平台按名称、校验码建议的（预览的 proposed），或者都按非敏感",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["category"].queryset = assignable_categories()  # type: ignore[attr-defined]
        return fields

    def validate_category(self, category: Category) -> str:
        """The code, as the job keeps it."""
        return category.pk


class MappingSerializer(serializers.Serializer[Any]):
    """Which column is which element; columns that are not named are taken as proposed."""

    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text=f"列名 → 要素；空的不导入。要素写名称或者代号：{'、'.join(TARGETS)}",
    )
    defaults = ImportDefaultsSerializer(required=False)


class BeginImportSerializer(MappingSerializer):
    """What confirms an import."""

    take_good_rows = serializers.BooleanField(
        required=False, default=False, help_text="有问题的行不导入，其余照常导入；不写的，有一行不能导入就都不导入"
    )


class ImportSerializer(serializers.ModelSerializer[CatalogImport]):
    """An import: how its columns are understood, how far it is, and what became of the entries."""

    provider = serializers.CharField(source="provider.code", read_only=True)
    refusals = serializers.SerializerMethodField(help_text=f"没有导入的前 {SHOWN_REFUSALS} 处；全部在 problems_url")
    url = serializers.SerializerMethodField()
    preview_url = serializers.SerializerMethodField(help_text="确认之前：按所给的对应关系预览")
    begin_url = serializers.SerializerMethodField(help_text="确认之前：确认对应关系，开始导入")
    problems_url = serializers.SerializerMethodField(help_text="有问题的行，逐处列出")

    class Meta:
        model = CatalogImport
        fields = [
            *("id", "url", "provider", "file_name", "size", "sha256", "state", "columns", "mapping", "defaults"),
            "defaulted",
            *("take_good_rows", "rows_read", "rows_done", "created", "updated", "unchanged", "refused", "refusals"),
            *("message", "received_at", "finished_at", "preview_url", "begin_url", "problems_url"),
        ]
        read_only_fields = fields

    def get_refusals(self, job: CatalogImport) -> list[dict[str, Any]]:
        """The first of them."""
        return [problem_of(one) for one in job.refusals[:SHOWN_REFUSALS]]

    def get_url(self, job: CatalogImport) -> str:
        """The job itself."""
        return f"/api/v1/catalog/imports/{job.pk}/"

    def get_preview_url(self, job: CatalogImport) -> str:
        """Empty once it has begun."""
        return f"{self.get_url(job)}preview/" if job.state == CatalogImport.State.MAPPING else ""

    def get_begin_url(self, job: CatalogImport) -> str:
        """Empty once it has begun."""
        return f"{self.get_url(job)}begin/" if job.state == CatalogImport.State.MAPPING else ""

    def get_problems_url(self, job: CatalogImport) -> str:
        """What is wrong, place by place."""
        return f"{self.get_url(job)}problems/"


def problem_of(told: Any) -> dict[str, Any]:
    """A problem as the job keeps it, or as the preview finds it, as the API tells it."""
    said = told if isinstance(told, dict) else vars(told)
    return {
        "row": said["line"],
        "column": said["column"],
        "value": said["value"],
        "message": said["message"],
        "fatal": bool(said.get("fatal", True)),
    }


class ImportProblemSerializer(serializers.Serializer[Any]):
    """What is wrong in a cell. ``fatal``: its entry is not imported; else a default is taken."""

    row = serializers.IntegerField(help_text="文件里的行号")
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    fatal = serializers.BooleanField(help_text="这一行不能导入；否则只是没有记下，或者按缺省值")


class ImportProblemsSerializer(serializers.Serializer[Any]):
    """Problems, some at a time, those that stand against importing first."""

    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    results = ImportProblemSerializer(many=True)


class ProposedItemSerializer(serializers.Serializer[Any]):
    """What the portal proposes for items of one name."""

    name = serializers.CharField()
    sensitivity = serializers.ChoiceField(choices=InformationItem.Sensitivity.choices)
    items = serializers.IntegerField(help_text="有几个信息项叫这个名称")


class PreviewEntrySerializer(serializers.Serializer[Any]):
    """An entry as it would be compiled."""

    row = serializers.IntegerField()
    title = serializers.CharField()
    outcome = serializers.CharField(help_text="created 新建，updated 更新")
    elements = serializers.DictField(help_text="新建的各要素；更新的只列有变动的")
    items = serializers.ListField(child=serializers.CharField())


class ImportPreviewSerializer(serializers.Serializer[Any]):
    """What would become of the file under a mapping; nothing was changed."""

    mapping = serializers.DictField(child=serializers.CharField(allow_blank=True))
    mapping_in_words = serializers.DictField(child=serializers.CharField())
    defaults = serializers.DictField()
    entries = serializers.IntegerField(help_text="条目数")
    lines = serializers.IntegerField(help_text="文件的行数")
    items = serializers.IntegerField(help_text="信息项数")
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    defaulted = serializers.DictField(
        child=serializers.IntegerField(), help_text="文件没有写明的要素：有几个新条目按缺省值"
    )
    to_decide = serializers.ListField(
        child=serializers.CharField(), help_text="还须在 defaults 里写明的要素；不写明的不能开始导入"
    )
    proposed = ProposedItemSerializer(
        many=True, help_text="文件没有写明敏感性、平台按名称或者校验码建议的信息项；defaults 里可以改为都按非敏感"
    )
    problems = ImportProblemSerializer(many=True, help_text=f"前 {SHOWN_REFUSALS} 处，不能导入的在前")
    first = PreviewEntrySerializer(many=True)
