"""What applications carry over the API. Rules of law are the services' business."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from sharing.api import examples
from sharing.api.serializers import SharingConditionSerializer, SharingWaysField
from sharing.api.verification_serializers import VerificationAskedSerializer
from sharing.models import Frequency


class _WishSerializer(serializers.Serializer[Any]):
    """What an application says of whatever entry."""

    duty = serializers.CharField(max_length=300)
    duty_basis = serializers.CharField(max_length=300)
    purpose = serializers.CharField(max_length=1000)
    use_case = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    period_from = serializers.DateField()
    period_until = serializers.DateField()
    ways = SharingWaysField(required=False, default=list)
    frequency = serializers.ChoiceField(choices=Frequency.choices, default=Frequency.ON_DEMAND)
    is_unlisted = serializers.BooleanField(default=False, help_text="申请本身不宜公开，不列入公开的需求清单")
    for_this_system = serializers.BooleanField(default=False, help_text="只由提出申请的信息系统调用")
    papers = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=5, help_text="先行上传的附件编号"
    )


class SharingAskedEntrySerializer(serializers.Serializer[Any]):
    """What is asked for of one entry."""

    entry = serializers.CharField(help_text="资源代码")
    items = serializers.ListField(child=serializers.CharField(max_length=63), max_length=500)
    row_condition = SharingConditionSerializer(many=True, required=False, default=list)
    verification = VerificationAskedSerializer(
        required=False,
        allow_null=True,
        default=None,
        help_text="方式含核验比对的：核验范围；不写的，以能确定对象的信息项查找、核对申请的信息项、不答复内容",
    )


@extend_schema_serializer(examples=examples.APPLY)
class SharingApplySerializer(SharingAskedEntrySerializer, _WishSerializer):
    """An application to file."""

    previous = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="重新申请的，前次申请的编号"
    )


@extend_schema_serializer(examples=examples.APPLY_TOGETHER)
class SharingApplyTogetherSerializer(_WishSerializer):
    """Applications for several entries, filed in one act: one application and one clock for each."""

    entries = serializers.ListField(child=SharingAskedEntrySerializer(), max_length=20)


class SharingFileSerializer(serializers.Serializer[Any]):
    """A file to send."""

    file = serializers.FileField()
