"""What matters, materials and what supplies them look like over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import CatalogEntry
from sharing.edocuments.workflow import DocumentKind
from sharing.materials.checking import MOST_NAMES, OUTCOMES, STEPS
from sharing.models import (
    MaterialForm,
    MaterialMending,
    MaterialSupply,
    MatterImport,
    MatterKind,
    MatterMaterial,
    ServiceMatter,
    SupplyWay,
)
from sharing.services.materials import Wanted
from sharing.services.materials.import_words import TARGETS
from sharing.services.materials.matters import MOST_MATERIALS


class MatterMaterialInput(serializers.Serializer[Any]):
    """一份申请材料."""

    label = serializers.CharField(max_length=200, help_text="材料名称")  # type: ignore[assignment]
    form = serializers.ChoiceField(choices=MaterialForm.choices, required=False, default=MaterialForm.ORIGINAL)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=120, required=False, default="", allow_blank=True, help_text="出具机关"
    )
    document = serializers.CharField(
        max_length=120, required=False, default="", allow_blank=True, help_text="已有的电子证照、文书"
    )
    required = serializers.BooleanField(required=False, default=True, help_text="是否必要")  # type: ignore[assignment]

    def to_internal_value(self, data: Any) -> Any:
        return Wanted(**super().to_internal_value(data))


class AddMaterialInput(MatterMaterialInput):
    """增加、修改一份申请材料."""

    def to_internal_value(self, data: Any) -> Any:
        return {"wanted": super().to_internal_value(data)}


class ChangeMatterInput(serializers.Serializer[Any]):
    """一个政务服务事项."""

    name = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=60, required=False, default="", allow_blank=True, help_text="事项编码")
    kind = serializers.ChoiceField(choices=MatterKind.choices, required=False, default=MatterKind.OTHER)
    basis = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True, help_text="设定依据")
    is_active = serializers.BooleanField(required=False, default=True, help_text="正在办理")


class AddMatterInput(serializers.Serializer[Any]):
    """登记一个政务服务事项及其申请材料."""

    name = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=60, required=False, default="", allow_blank=True, help_text="事项编码")
    kind = serializers.ChoiceField(choices=MatterKind.choices, required=False, default=MatterKind.OTHER)
    basis = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True, help_text="设定依据")
    materials = MatterMaterialInput(many=True, required=False, default=list)

    def validate_materials(self, sent: list[Any]) -> list[Any]:
        """No more than a matter may have."""
        if len(sent) > MOST_MATERIALS:
            raise serializers.ValidationError(f"一个事项最多 {MOST_MATERIALS} 份材料。")
        return sent


class MatterMaterialSerializer(serializers.ModelSerializer[MatterMaterial]):
    """A material of a matter."""

    exception = serializers.CharField(help_text="法律法规规定不适用电子文书的依据")

    class Meta:
        model = MatterMaterial
        fields = ["id", "label", "form", "source", "document", "required", "status", "exception", "reported"]
        fields += ["decided_on"]


class ServiceMatterSerializer(serializers.ModelSerializer[ServiceMatter]):
    """A matter in a list. ``asked``: materials it asks for; ``against``: those that the platform supplies."""

    agency = serializers.CharField(source="agency.code")
    agency_name = serializers.CharField(source="agency.name")
    asked = serializers.IntegerField(default=0)
    against = serializers.IntegerField(default=0, help_text="平台能够提供、仍要求提交的份数")

    class Meta:
        model = ServiceMatter
        fields = ["id", "code", "name", "agency", "agency_name", "kind", "basis", "is_active"]
        fields += ["asked", "against", "reported", "changed_at"]


class ServiceMatterDetailSerializer(ServiceMatterSerializer):
    """A matter with its materials."""

    materials = MatterMaterialSerializer(many=True)

    class Meta(ServiceMatterSerializer.Meta):
        fields = [*ServiceMatterSerializer.Meta.fields, "materials"]


class MaterialStateSerializer(serializers.ModelSerializer[MatterMaterial]):
    """Where an act on a material led."""

    exception = serializers.CharField()

    class Meta:
        model = MatterMaterial
        fields = ["id", "label", "status", "exception", "reasons"]


class MaterialReasonsInput(serializers.Serializer[Any]):
    """理由."""

    reasons = serializers.CharField(max_length=2000)


class MaterialOpinionInput(serializers.Serializer[Any]):
    """核对意见，可以不写."""

    reasons = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class MaterialExceptionInput(serializers.Serializer[Any]):
    """法律、法规的名称和条款."""

    instrument = serializers.CharField(max_length=120)
    article = serializers.CharField(max_length=60)


# --- the check ---------------------------------------------------------------------------------------


class MaterialCheckInput(serializers.Serializer[Any]):
    """一个事项的 id，或者一组材料名称，二选一."""

    matter = serializers.IntegerField(required=False, allow_null=True, default=None)
    names = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=MOST_NAMES, required=False, default=list
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["matter"] is None) == (not attrs["names"]):
            raise serializers.ValidationError({"names": "请给出一个事项的 id，或者一组材料名称，二选一。"})
        return attrs


class MaterialWaySerializer(serializers.Serializer[Any]):
    """A way to have a material."""

    entry = serializers.CharField(source="supply.entry.resource_code", help_text="资源代码")
    title = serializers.CharField()
    provider = serializers.CharField(source="supply.entry.provider.code")
    sharing_type = serializers.CharField()
    way = serializers.CharField(source="supply.way", help_text="verify、query、document、interface")
    items = serializers.ListField(source="supply.items", child=serializers.CharField(), help_text="信息项的字段名")
    document = serializers.CharField(source="supply.document_name", help_text="电子证照、文书名称")
    document_kind = serializers.ChoiceField(
        choices=[("", "不由本平台签发"), *DocumentKind.choices], help_text="本平台签发的电子文书的类别"
    )
    template = serializers.IntegerField(
        source="supply.template_id", allow_null=True, help_text="本平台签发这种文书的模板；其他的为空"
    )
    step = serializers.ChoiceField(choices=list(STEPS.items()), help_text="本机关下一步做什么")
    right = serializers.CharField(help_text="已有的权限；没有的为空")
    url = serializers.CharField(source="path", help_text="办理页面")
    call = serializers.CharField(help_text="接口")


class MaterialAnswerSerializer(serializers.Serializer[Any]):
    """What is known of one material."""

    asked = serializers.CharField()
    material = serializers.IntegerField(source="material.pk", default=None, allow_null=True)
    outcome = serializers.ChoiceField(choices=list(OUTCOMES.items()))
    against = serializers.BooleanField(source="is_against", help_text="平台能够提供，事项仍要求提交")
    exception = serializers.CharField(help_text="法律法规规定不适用电子文书的依据")
    document = serializers.CharField(help_text="事项写明已有、但平台还不能提供的电子证照、文书")
    ways = MaterialWaySerializer(many=True)
    alike = serializers.ListField(child=serializers.CharField(), help_text="名称相近、平台能够提供的材料")


class MaterialCheckSerializer(serializers.Serializer[Any]):
    """The answers, in the order that was asked."""

    agency = serializers.CharField(help_text="按哪个机关的权限")
    on = serializers.DateField()
    answers = MaterialAnswerSerializer(many=True)


# --- what supplies -----------------------------------------------------------------------------------


class MaterialSupplySerializer(serializers.ModelSerializer[MaterialSupply]):
    """That an entry supplies a material."""

    material = serializers.CharField(source="name.name")
    entry = serializers.CharField(source="entry.resource_code")
    provider = serializers.CharField(source="entry.provider.code")
    document = serializers.CharField(source="document_name", help_text="电子证照、文书名称")

    class Meta:
        model = MaterialSupply
        fields = ["id", "material", "entry", "provider", "way", "items", "template", "document", "note", "likeness"]
        fields += ["status"]
        fields += ["confirmed_on", "ended_on", "reasons"]


class ProposeSupplyInput(serializers.Serializer[Any]):
    """提出由一项数据提供一种材料."""

    material = serializers.CharField(max_length=200, help_text="材料名称，须已有事项要求")
    entry = serializers.SlugRelatedField[CatalogEntry](slug_field="resource_code", queryset=CatalogEntry.objects.all())
    way = serializers.ChoiceField(choices=SupplyWay.choices, required=False, default=SupplyWay.VERIFY)
    items = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=200, required=False, default=list
    )
    template = serializers.IntegerField(
        source="template_id",
        required=False,
        allow_null=True,
        default=None,
        help_text="本平台签发的电子文书：模板的 id",
    )
    document = serializers.CharField(
        max_length=120, required=False, default="", allow_blank=True, help_text="不由本平台签发的电子证照、文书的名称"
    )
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class MaterialMendingSerializer(serializers.ModelSerializer[MaterialMending]):
    """That an agency has to stop asking for a material."""

    material = serializers.CharField(source="name.name")
    agency = serializers.CharField(source="agency.code")

    class Meta:
        model = MaterialMending
        fields = ["id", "number", "material", "agency", "opened_on", "closed_on", "next_due_on"]


class OverdemandSerializer(serializers.ModelSerializer[MatterMaterial]):
    """A material that is asked for although the platform supplies it."""

    matter = serializers.IntegerField(source="matter.pk")
    matter_name = serializers.CharField(source="matter.name")
    agency = serializers.CharField(source="matter.agency.code")

    class Meta:
        model = MatterMaterial
        fields = ["id", "label", "status", "matter", "matter_name", "agency", "reported"]


class AgencyMaterialsSerializer(serializers.Serializer[Any]):
    """The figures of an agency."""

    agency = serializers.CharField(source="agency.code")
    agency_name = serializers.CharField(source="agency.name")
    matters = serializers.IntegerField()
    materials = serializers.IntegerField()
    supplied = serializers.IntegerField(help_text="平台能够提供的")
    freed = serializers.IntegerField(help_text="其中已不再要求提交的")
    against = serializers.IntegerField(help_text="其中仍要求提交的")
    exempt = serializers.IntegerField()
    kept = serializers.IntegerField()


# --- imports -----------------------------------------------------------------------------------------


class MatterFileInput(serializers.Serializer[Any]):
    """事项材料清单：XLSX、XLS、CSV 或者 JSON."""

    file = serializers.FileField()


class MatterImportSerializer(serializers.ModelSerializer[MatterImport]):
    """An import and how far it is."""

    agency = serializers.CharField(source="agency.code")

    class Meta:
        model = MatterImport
        fields = ["id", "agency", "file_name", "size", "sha256", "state", "columns", "mapping", "take_good_rows"]
        fields += ["rows_read", "rows_done", "created", "updated", "unchanged", "refused", "refusals", "message"]
        fields += ["names_found", "names_looked", "received_at", "finished_at"]


class MatterPreviewSerializer(serializers.Serializer[Any]):
    """What an import would do; ``rows`` counts matters."""

    rows = serializers.IntegerField()
    lines = serializers.IntegerField()
    materials = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    gone = serializers.IntegerField(help_text="清单里已经没有、将不再要求提交的材料")
    problems = serializers.ListField(child=serializers.DictField(), help_text="前一千处：行、列、内容、问题、能否导入")


class BeginMatterImportInput(serializers.Serializer[Any]):
    """确认对应关系."""

    mapping = serializers.DictField(
        child=serializers.ChoiceField(choices=[("", "不导入"), *TARGETS.items()], allow_blank=True),
        required=False,
        default=dict,
        help_text="列名 -> 要素；不写的照建议",
    )
    take_good_rows = serializers.BooleanField(required=False, default=False)
