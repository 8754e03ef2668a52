"""What the API takes and gives for information systems, their interfaces and documents."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.serializers import CatalogActionSerializer
from catalog.contracts.reading import MOST_BYTES
from catalog.deadlines import INTERVALS
from catalog.forms.systems import address_refused
from catalog.models import InformationSystem, Interface, InterfaceCheck, InterfaceDocument
from catalog.services import InterfaceFacts, SystemFacts
from catalog.workflow import SystemStatus

FACTS = (
    *("name", "purpose", "operator", "operator_phone", "network", "protection", "protection_record"),
    *("planned_on", "in_use_on", "entries", "service_account"),
)


class SystemFactsSerializer(serializers.ModelSerializer[InformationSystem]):
    """What the register says of a system."""

    entries = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list, help_text="所载数据资源：目录条目的编号"
    )
    service_account = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="系统账号的编号"
    )

    class Meta:
        model = InformationSystem
        fields = [*FACTS]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        facts = {name: value for name, value in attrs.items() if name in FACTS}
        facts["entries"] = tuple(facts["entries"])
        return {name: value for name, value in attrs.items() if name not in FACTS} | {"facts": SystemFacts(**facts)}


class NewSystemSerializer(SystemFactsSerializer):
    """登记信息系统."""

    status = serializers.ChoiceField(
        choices=[SystemStatus.PLANNED.value, SystemStatus.IN_USE.value],
        default=SystemStatus.PLANNED.value,
        help_text="planned 计划建设，in-use 在用",
    )

    class Meta(SystemFactsSerializer.Meta):
        fields = [*FACTS, "status"]


class SystemDaySerializer(serializers.Serializer[Any]):
    """The day a system is put in use."""

    in_use_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="不填的，自今天起")


class StopSystemSerializer(serializers.Serializer[Any]):
    """停用系统."""

    stopped_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="不填的，自今天起")
    reasons = serializers.CharField(max_length=500)


class InterfaceReasonsSerializer(serializers.Serializer[Any]):
    """Why checks are paused, or an interface is offered no more."""

    reasons = serializers.CharField(max_length=500)


class SystemRowSerializer(serializers.ModelSerializer[InformationSystem]):
    """A system in a list."""

    number = serializers.CharField(read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True)
    agency_name = serializers.CharField(source="agency.name", read_only=True)
    status = serializers.ChoiceField(choices=SystemStatus.choices, read_only=True)
    resources = serializers.IntegerField(source="held", read_only=True, help_text="所载数据资源数")
    interfaces = serializers.IntegerField(source="offered", read_only=True, help_text="接口数")
    broken_interfaces = serializers.IntegerField(source="broken", read_only=True, help_text="异常接口数")

    class Meta:
        model = InformationSystem
        fields = [
            *("id", "number", "name", "agency", "agency_name", "status", "network", "protection"),
            *("resources", "interfaces", "broken_interfaces"),
        ]


class InterfaceRowSerializer(serializers.ModelSerializer[Interface]):
    """An interface in a list: how its last check went."""

    number = serializers.CharField(read_only=True)
    system = serializers.IntegerField(source="system_id", read_only=True)
    system_name = serializers.CharField(source="system.name", read_only=True)
    agency = serializers.CharField(source="system.agency.code", read_only=True)

    class Meta:
        model = Interface
        fields = [
            *("id", "number", "system", "system_name", "agency", "name", "url", "status", "outcome", "outcome_since"),
            *("checked_at", "milliseconds", "finding", "failures", "next_check_at"),
        ]


class SystemDetailSerializer(serializers.ModelSerializer[InformationSystem]):
    """A system with its interfaces, and the acts of the caller, which the view puts into the context."""

    number = serializers.CharField(read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True)
    agency_name = serializers.CharField(source="agency.name", read_only=True)
    status = serializers.ChoiceField(choices=SystemStatus.choices, read_only=True)
    entries = serializers.SerializerMethodField(help_text="所载数据资源的资源代码")
    interfaces = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta:
        model = InformationSystem
        fields = [
            *("id", "number", "agency", "agency_name", "status", *FACTS, "stopped_on", "registered_at"),
            *("interfaces", "actions"),
        ]
        read_only_fields = ["service_account"]

    def get_entries(self, obj: InformationSystem) -> list[str]:
        return list(obj.entries.order_by("resource_code").values_list("resource_code", flat=True))

    @extend_schema_field(InterfaceRowSerializer(many=True))
    def get_interfaces(self, obj: InformationSystem) -> list[dict[str, Any]]:
        rows = obj.interfaces.select_related("system__agency").order_by("pk")
        return list(InterfaceRowSerializer(rows, many=True).data)

    @extend_schema_field(CatalogActionSerializer(many=True))
    def get_actions(self, obj: InformationSystem) -> list[dict[str, Any]]:
        return list(CatalogActionSerializer(self.context.get("actions", []), many=True).data)


class InterfaceFactsSerializer(serializers.Serializer[Any]):
    """What the register says of an interface."""

    name = serializers.CharField(max_length=120)
    purpose = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    url = serializers.CharField(max_length=500, help_text="文档里各个路径之前的部分")
    document_url = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="系统自己提供 OpenAPI 文档的地址"
    )
    header_name = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="凭据的请求头；空的，删除已保存的凭据"
    )
    header_value = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        write_only=True,
        help_text="凭据；加密保存，不再给出；空的，沿用已保存的",
    )
    every = serializers.ChoiceField(choices=INTERVALS, default=60, help_text="检查间隔，分钟")

    def validate_url(self, value: str) -> str:
        return _permitted(value)

    def validate_document_url(self, value: str) -> str:
        return _permitted(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"facts": InterfaceFacts(**attrs)}


def _permitted(url: str) -> str:
    refused = address_refused(url)
    if refused:
        raise serializers.ValidationError(refused)
    return url


class InterfaceDocumentSerializer(serializers.ModelSerializer[InterfaceDocument]):
    """A version of an interface's document, without its content."""

    class Meta:
        model = InterfaceDocument
        fields = [
            *("number", "source", "sha256", "version", "title", "own_version", "operations", "samples", "filed_at"),
        ]


class InterfaceFindingSerializer(serializers.Serializer[Any]):
    """What a check found."""

    rule = serializers.CharField(
        help_text="哪一条：schema、content-type、status、json、redirect、server-error、time 等"
    )
    what = serializers.CharField()
    path = serializers.CharField(allow_blank=True, help_text="哪个操作")
    where = serializers.CharField(allow_blank=True, help_text="答复的哪一项，以文档里的名称表示")
    times = serializers.IntegerField(help_text="这次答复里有几处")


class InterfaceCheckSerializer(serializers.ModelSerializer[InterfaceCheck]):
    """A check."""

    findings = InterfaceFindingSerializer(many=True)

    class Meta:
        model = InterfaceCheck
        fields = ["at", "outcome", "milliseconds", "asked", "findings"]


class InterfaceDetailSerializer(InterfaceRowSerializer):
    """An interface with its current document, and the acts of the caller."""

    document = InterfaceDocumentSerializer(source="contract", read_only=True, allow_null=True)
    actions = serializers.SerializerMethodField()

    class Meta(InterfaceRowSerializer.Meta):
        fields = [
            *InterfaceRowSerializer.Meta.fields,
            *("purpose", "document_url", "header_name", "every", "status_reasons", "document", "actions"),
        ]

    @extend_schema_field(CatalogActionSerializer(many=True))
    def get_actions(self, obj: Interface) -> list[dict[str, Any]]:
        return list(CatalogActionSerializer(self.context.get("actions", []), many=True).data)


class DocumentUploadSerializer(serializers.Serializer[Any]):
    """报送接口文档: one of the three."""

    document = serializers.FileField(required=False, help_text="OpenAPI 3.0 或者 3.1 文档，JSON 或者 YAML，不超过 2 MB")
    content = serializers.CharField(
        required=False, max_length=MOST_BYTES, trim_whitespace=False, help_text="文档的原文，不用文件时填写"
    )
    fetch = serializers.BooleanField(default=False, help_text="从登记的文档地址获取")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum([bool(attrs.get("document")), bool(attrs.get("content")), attrs["fetch"]]) != 1:
            raise serializers.ValidationError({"document": "请在 document、content、fetch 中选用一种。"})
        return attrs


class InterfaceStandingSerializer(serializers.Serializer[Any]):
    """How many interfaces stand how."""

    total = serializers.IntegerField()
    good = serializers.IntegerField(help_text="正常")
    reachable = serializers.IntegerField(help_text="能连通")
    deviating = serializers.IntegerField(help_text="与文档不符")
    unavailable = serializers.IntegerField(help_text="不可用")
    unchecked = serializers.IntegerField(help_text="尚未检查")
    paused = serializers.IntegerField(help_text="暂停检查")
