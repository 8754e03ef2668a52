"""Verification through a grant, and the count of its answers that say no."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("sharing", "0004_materials"),
    ]

    operations = [
        migrations.CreateModel(
            name="VerificationUse",
            fields=[
                (
                    "access",
                    models.CharField(max_length=120, primary_key=True, serialize=False, verbose_name="授权"),
                ),
                ("hour", models.DateTimeField(verbose_name="小时")),
                ("misses", models.PositiveIntegerField(default=0, verbose_name="不相符")),
                ("told_hour", models.DateTimeField(blank=True, null=True, verbose_name="已提醒的小时")),
            ],
            options={"verbose_name": "核验不相符计数", "verbose_name_plural": "核验不相符计数"},
        ),
        migrations.CreateModel(
            name="VerificationTerms",
            fields=[
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="verification",
                        serialize=False,
                        to="sharing.sharinggrant",
                        verbose_name="授权",
                    ),
                ),
                ("key_items", models.JSONField(verbose_name="用以查找的信息项")),
                (
                    "compared_items",
                    models.JSONField(blank=True, default=list, verbose_name="只核对不显示的信息项"),
                ),
                ("answered_items", models.JSONField(blank=True, default=list, verbose_name="可以答复的信息项")),
                ("most_subjects", models.PositiveSmallIntegerField(default=20, verbose_name="每次最多核验")),
                ("most_misses", models.PositiveIntegerField(default=60, verbose_name="每小时不相符上限")),
                ("rows_too", models.BooleanField(default=False, verbose_name="也可以查询和下载数据")),
                ("permitted_at", models.DateTimeField(verbose_name="设定时间")),
                (
                    "permitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="设定人",
                    ),
                ),
            ],
            options={
                "verbose_name": "核验范围",
                "verbose_name_plural": "核验范围",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_subjects__gte", 1), ("most_misses__gte", models.F("most_subjects"))
                        ),
                        name="sharing_a_call_fits_into_an_hour",
                    )
                ],
            },
        ),
    ]
