"""E-documents as the API shows them, and what acts on them carry."""

from __future__ import annotations

from typing import Any, cast

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from guiyang_data.accounts.models import User
from guiyang_data.accounts.protection import decrypt
from guiyang_data.timekeeping import today
from sharing.api.serializers import SharingActionSerializer
from sharing.edocuments.acts import document_acts
from sharing.edocuments.masks import masked_name
from sharing.edocuments.papers import verify_address
from sharing.edocuments.policies import knows_holder
from sharing.edocuments.selectors import STANDING_NAMES, access_key
from sharing.edocuments.verification import FILES, VERDICTS
from sharing.edocuments.workflow import DocumentKind
from sharing.models import DocumentTemplate, EDocument, EDocumentDelivery

ISSUE = OpenApiExample(
    "由一行数据签发营业执照",
    value={"template": 3, "key": {"credit_code": "91520102MA6D00012X"}, "case_number": "QYKB-2026-0117"},
    request_only=True,
)
FIND = OpenApiExample(
    "按持有人查找", value={"through": "grant-12", "holder": "贵阳黔味餐饮有限公司"}, request_only=True
)
TAKE = OpenApiExample(
    "为办理一件事项取用",
    value={"through": "grant-12", "case_number": "食品经营许可 SPJY-2026-0042", "purpose": "核对主体资格"},
    request_only=True,
)
VERIFY = OpenApiExample("凭核验码", value={"code": "7K3MA-9QXPB-2HTWC-R4D6E"}, request_only=True)
TEMPLATE = OpenApiExample(
    "营业执照",
    value={
        "entry": "203001/000012",
        "kind": "licence",
        "title": "营业执照",
        "items": ["name", "credit_code", "kind", "valid_until"],
        "holder_item": "name",
        "holder_id_item": "credit_code",
        "valid_until_item": "valid_until",
    },
    request_only=True,
)


class DocumentTemplateSerializer(serializers.ModelSerializer[DocumentTemplate]):
    """A template: what a document of an entry is called and shows."""

    entry = serializers.CharField(source="entry.resource_code")
    kind_name = serializers.CharField(source="get_kind_display")

    class Meta:
        model = DocumentTemplate
        fields = [
            "id",
            "entry",
            "kind",
            "kind_name",
            "title",
            "items",
            "holder_item",
            "holder_id_item",
            "valid_until_item",
            "set_at",
            "ended_at",
        ]


class SetTemplateSerializer(serializers.Serializer[Any]):
    """A template to set; one of the same title is replaced."""

    entry = serializers.CharField(help_text="资源代码")
    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    title = serializers.CharField(max_length=80)
    items = serializers.ListField(child=serializers.CharField(max_length=63), max_length=500)
    holder_item = serializers.CharField(max_length=63, help_text="持有人是哪一项")
    holder_id_item = serializers.CharField(max_length=63, required=False, allow_blank=True, default="")
    valid_until_item = serializers.CharField(max_length=63, required=False, allow_blank=True, default="")


class EDocumentSerializer(serializers.ModelSerializer[EDocument]):
    """A document in a list: nothing of it names its holder in clear."""

    entry = serializers.CharField(source="entry.resource_code")
    issuer = serializers.CharField(source="issuer.code")
    issuer_name = serializers.CharField(source="issuer.name")
    kind_name = serializers.CharField(source="get_kind_display")
    holder_masked = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()

    class Meta:
        model = EDocument
        fields = [
            "number",
            "template",
            "entry",
            "kind",
            "kind_name",
            "title",
            "issuer",
            "issuer_name",
            "holder_masked",
            "items",
            "source",
            "issued_on",
            "valid_until",
            "case_number",
            "sha256",
            "size",
            "standing",
        ]

    def get_holder_masked(self, document: EDocument) -> str:
        """Whose it is, as the public sees it."""
        return masked_name(decrypt(document.holder_encrypted))

    @extend_schema_field(serializers.ChoiceField(choices=STANDING_NAMES))
    def get_standing(self, document: EDocument) -> str:
        """How it stands today."""
        return document.standing_on(today())


class EDocumentDetailSerializer(EDocumentSerializer):
    """A document with its provenance, and what may be done; holder and code for those who may read them."""

    version = serializers.IntegerField(source="version.number", default=None)
    holder = serializers.SerializerMethodField()
    verify = serializers.SerializerMethodField()
    revoked_reasons = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(EDocumentSerializer.Meta):
        fields = [
            *EDocumentSerializer.Meta.fields,
            "version",
            "original_number",
            "original_sha256",
            "reading",
            "certificate",
            "signature",
            "signature_algorithm",
            "holder",
            "verify",
            "revoked_on",
            "revoked_reasons",
            "actions",
        ]

    def _user(self) -> User:
        return cast(User, self.context["user"])

    def get_holder(self, document: EDocument) -> str:
        """Whose it is; empty for those who only see that it is there."""
        return decrypt(document.holder_encrypted) if knows_holder(self._user(), document) else ""

    def get_verify(self, document: EDocument) -> str:
        """The address at which everybody verifies it, with its code."""
        known = knows_holder(self._user(), document)
        return verify_address(decrypt(document.code_encrypted)) if known else ""

    def get_revoked_reasons(self, document: EDocument) -> str:
        """Why it was revoked, for those who took it."""
        return document.revoked_reasons if knows_holder(self._user(), document) else ""

    @extend_schema_field(SharingActionSerializer(many=True))
    def get_actions(self, document: EDocument) -> list[Any]:
        """The same list that draws the page's buttons."""
        return list(SharingActionSerializer(document_acts(self._user(), document, on=today()), many=True).data)


class IssueDocumentSerializer(serializers.Serializer[Any]):
    """A row that becomes a document."""

    template = serializers.IntegerField(min_value=1, help_text="文书模板")
    key = serializers.DictField(child=serializers.CharField(max_length=200), help_text="主键：字段名和值，值按文字填写")
    case_number = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class RegisterDocumentSerializer(serializers.Serializer[Any]):
    """An agency's own PDF that becomes a document."""

    template = serializers.IntegerField(min_value=1, help_text="文书模板")
    file = serializers.FileField(help_text="PDF，不设密码")
    holder = serializers.CharField(max_length=200)
    holder_id = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    issued_on = serializers.DateField()
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)
    original_number = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    key = serializers.JSONField(required=False, default=dict, help_text="对应目录中哪一行：主键的字段名和值")
    case_number = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")

    def validate_key(self, value: Any) -> dict[str, str]:
        """Texts by code."""
        if not isinstance(value, dict):
            raise serializers.ValidationError('主键应当写成 {"字段名": "值"}。')
        return {str(code): str(text) for code, text in value.items()}


class FindDocumentsSerializer(serializers.Serializer[Any]):
    """What is looked for through which right; at least one of the three."""

    through = serializers.CharField(max_length=40, help_text="grant-授权编号，或者 taking-获取登记编号")
    holder = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    number = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    case_number = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class FoundDocumentsSerializer(serializers.Serializer[Any]):
    """Documents that were found, newest first, at most fifty."""

    results = EDocumentSerializer(many=True)


class TakeDocumentSerializer(serializers.Serializer[Any]):
    """Through which right, for which matter."""

    through = serializers.CharField(max_length=40, help_text="grant-授权编号，或者 taking-获取登记编号")
    case_number = serializers.CharField(
        max_length=120, allow_blank=True, default="", help_text="办理的事项或者办件编号"
    )
    purpose = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class DeliverySerializer(serializers.ModelSerializer[EDocumentDelivery]):
    """That a document was taken; ``file`` and ``certificate`` are addresses."""

    document = serializers.CharField(source="document.number")
    title = serializers.CharField(source="document.title")
    sha256 = serializers.CharField(source="document.sha256")
    agency = serializers.CharField(source="agency.code")
    through = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()
    proof = serializers.SerializerMethodField()

    class Meta:
        model = EDocumentDelivery
        fields = [
            "number",
            "document",
            "title",
            "sha256",
            "agency",
            "through",
            "purpose",
            "case_number",
            "reading",
            "taken_at",
            "signature",
            "signature_algorithm",
            "file",
            "proof",
        ]

    def get_through(self, delivery: EDocumentDelivery) -> str:
        """The right through which it was taken."""
        return access_key(delivery.access)

    def get_file(self, delivery: EDocumentDelivery) -> str:
        """Where the file is."""
        return reverse("sharing-api:delivery-file", args=[delivery.number])

    def get_proof(self, delivery: EDocumentDelivery) -> str:
        """Where the certificate of taking is (取用证明)."""
        return reverse("sharing-api:delivery-certificate", args=[delivery.number])


class VerifyDocumentSerializer(serializers.Serializer[Any]):
    """A code, a file, or both. A file is only hashed and not kept."""

    code = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    file = serializers.FileField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of both at least."""
        if not attrs.get("code") and not attrs.get("file"):
            raise serializers.ValidationError({"code": ["请填写核验码，或者上传要核对的文件。"]})
        return attrs


class VerdictSerializer(serializers.Serializer[Any]):
    """The verdict, and what everybody may know of the document."""

    standing = serializers.ChoiceField(choices=VERDICTS)
    file = serializers.ChoiceField(choices=FILES)
    number = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    issuer = serializers.CharField(allow_blank=True)
    holder = serializers.CharField(allow_blank=True, help_text="只显示一部分")
    issued_on = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    revoked_on = serializers.DateField(allow_null=True)
    sha256 = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(allow_null=True)
    certificate = serializers.CharField(allow_blank=True)
