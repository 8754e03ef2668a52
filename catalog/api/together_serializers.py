"""What many catalogues in one call take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class SendOnTogetherSerializer(serializers.Serializer[Any]):
    """Revisions that go on together."""

    class Chosen(serializers.Serializer[Any]):
        """A revision by its entry and number."""

        entry = serializers.IntegerField()
        number = serializers.IntegerField()

    revisions = Chosen(many=True)


class DecideTogetherSerializer(SendOnTogetherSerializer):
    """Revisions that go their next step together."""

    opinion = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class JudgeTogetherSerializer(serializers.Serializer[Any]):
    """Confidentiality reviews that are passed together."""

    reviews = serializers.ListField(child=serializers.IntegerField(), help_text="保密审查的编号")
    opinion = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class DecidedSerializer(serializers.Serializer[Any]):
    """What became of each."""

    entry = serializers.IntegerField()
    revision = serializers.IntegerField()
    status = serializers.CharField()
    done = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True, help_text="没有办理的，为什么")


class DecidedTogetherSerializer(serializers.Serializer[Any]):
    """What became of all of them."""

    results = DecidedSerializer(many=True)
