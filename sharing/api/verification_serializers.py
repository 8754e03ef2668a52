"""Verifications as the API takes and answers them, with examples for its document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from sharing.models.verification import MISSES, SUBJECTS
from sharing.services.verification import MOST_MISSES, MOST_SUBJECTS, Permitted
from sharing.verifying import OnRecord, Verdict

ON_RECORD = [(one.value, one.label) for one in OnRecord]
VERDICTS = [(one.value, one.label) for one in Verdict]


def permitted(sent: dict[str, Any] | None) -> Permitted | None:
    """Terms as services take them; None where nothing was said."""
    return Permitted(**sent) if sent else None


class VerificationSubjectSerializer(serializers.Serializer[Any]):
    """One subject: every key item, and what is claimed of it."""

    keys = serializers.DictField(child=serializers.CharField(max_length=200), help_text="用以查找的信息项，须全部填写")
    claims = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text="待核对的值，只答复是否相符",
    )


class VerificationRequestSerializer(serializers.Serializer[Any]):
    """Whom to verify, and which items to be told (all that are permitted where they are not named)."""

    subjects = VerificationSubjectSerializer(many=True, allow_empty=False)
    items = serializers.ListField(
        child=serializers.CharField(max_length=63), required=False, allow_null=True, default=None
    )

    def validate_subjects(self, subjects: list[Any]) -> list[Any]:
        """Nobody may have more than the ceiling; a grant's own number is asked by the service."""
        if len(subjects) > MOST_SUBJECTS:
            raise serializers.ValidationError(f"每次最多核验 {MOST_SUBJECTS} 个对象。")
        return subjects


class VerificationResultSerializer(serializers.Serializer[Any]):
    """The answer about one subject."""

    place = serializers.IntegerField(help_text="在请求中的次序，从 1 起")
    on_record = serializers.ChoiceField(choices=ON_RECORD)
    claims = serializers.DictField(child=serializers.ChoiceField(choices=VERDICTS))
    items = serializers.DictField(help_text="允许答复的信息项；不是恰好一条记录的为空")


class VerificationSerializer(serializers.Serializer[Any]):
    """The answers in the order of the subjects, with the number of the reading in the log."""

    reading = serializers.UUIDField(help_text="读取编号，与读取记录对应")
    version = serializers.IntegerField(help_text="数据版本")
    results = VerificationResultSerializer(many=True)


class VerificationAskedSerializer(serializers.Serializer[Any]):
    """What an application asks to verify, and what its reply leaves of it."""

    key_items = serializers.ListField(
        child=serializers.CharField(max_length=63), allow_empty=False, help_text="用以查找，至少一项能确定单个对象"
    )
    compared_items = serializers.ListField(
        child=serializers.CharField(max_length=63), required=False, default=list, help_text="只核对不显示"
    )
    answered_items = serializers.ListField(
        child=serializers.CharField(max_length=63), required=False, default=list, help_text="可以答复，须是申请的信息项"
    )
    most_subjects = serializers.IntegerField(
        min_value=1, max_value=MOST_SUBJECTS, required=False, default=SUBJECTS, help_text="每次最多核验几个对象"
    )


class VerificationKeptSerializer(VerificationAskedSerializer):
    """The same as it is kept with an application; null where nothing is asked, or cut."""

    def to_representation(self, instance: Any) -> Any:
        """Nothing is kept as an empty mapping."""
        return super().to_representation(instance) if instance else None


class VerificationTermsSerializer(VerificationAskedSerializer):
    """What a grant lets its holder verify."""

    most_misses = serializers.IntegerField(min_value=1, max_value=MOST_MISSES, required=False, default=MISSES)
    rows_too = serializers.BooleanField(required=False, default=False, help_text="也可以查询和下载数据")


ASKED = OpenApiExample(
    "核验一人",
    value={
        "subjects": [{"keys": {"name": "张示例", "id_number": "52010319900109000X"}, "claims": {"kind": "城市低保"}}],
        "items": ["amount"],
    },
    request_only=True,
)
ANSWERED = OpenApiExample(
    "有记录，所称相符",
    value={
        "reading": "0d9fd5b4-31d8-4a6e-9d7c-3c5c8a4b1a20",
        "version": 3,
        "results": [{"place": 1, "on_record": "yes", "claims": {"kind": "match"}, "items": {"amount": 735.0}}],
    },
    response_only=True,
)
UNKNOWN = OpenApiExample(
    "没有记录",
    value={
        "reading": "5a5c7e1e-1b6a-4d5f-8f0e-8a8f6f0f9c11",
        "version": 3,
        "results": [{"place": 1, "on_record": "no", "claims": {"kind": "not-on-record"}, "items": {}}],
    },
    response_only=True,
)
PERMITTED = OpenApiExample(
    "只核对类别，不显示",
    value={
        "key_items": ["name", "id_number"],
        "compared_items": ["kind"],
        "answered_items": [],
        "most_subjects": 20,
        "most_misses": 60,
    },
    request_only=True,
)
EXAMPLES = [ASKED, ANSWERED, UNKNOWN]
