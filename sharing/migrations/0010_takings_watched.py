import django.db.models.deletion
from django.db import migrations, models

ONE_RIGHT = models.Q(("grant__isnull", False), ("taking", None)) | models.Q(("grant", None), ("taking__isnull", False))


class Migration(migrations.Migration):
    dependencies = [("sharing", "0009_verification_asked")]

    operations = [
        # counted anew from the log of the day; what a grant asked for before is not kept
        migrations.DeleteModel(name="LookupDay"),
        migrations.CreateModel(
            name="LookupDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("access", models.CharField(max_length=120)),
                ("day", models.DateField()),
                ("lookups", models.PositiveIntegerField(default=0)),
                ("steps", models.PositiveIntegerField(default=0)),
                ("rising", models.PositiveIntegerField(default=0)),
                ("last_key", models.CharField(blank=True, max_length=200)),
                ("seen", models.BinaryField(default=bytes)),
            ],
            options={
                "verbose_name": "逐个查询",
                "verbose_name_plural": "逐个查询",
                "constraints": [
                    models.UniqueConstraint(fields=("access", "day"), name="sharing_one_lookups_row_a_day")
                ],
            },
        ),
        migrations.AddField(
            model_name="deferral",
            name="taking",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deferrals",
                to="sharing.taking",
                verbose_name="获取登记",
            ),
        ),
        migrations.AddField(
            model_name="usageflag",
            name="taking",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="flags",
                to="sharing.taking",
                verbose_name="获取登记",
            ),
        ),
        migrations.AlterField(
            model_name="deferral",
            name="grant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deferrals",
                to="sharing.sharinggrant",
                verbose_name="授权",
            ),
        ),
        migrations.AlterField(
            model_name="usageflag",
            name="grant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="flags",
                to="sharing.sharinggrant",
                verbose_name="授权",
            ),
        ),
        migrations.AlterField(
            model_name="usageflag",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "待处理"),
                    ("explained", "已说明"),
                    ("suspended", "已暂停授权"),
                    ("questioned", "已要求纠正"),
                ],
                default="open",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="deferral",
            constraint=models.CheckConstraint(condition=ONE_RIGHT, name="sharing_deferral_of_one_right"),
        ),
        migrations.AddConstraint(
            model_name="usageflag",
            constraint=models.CheckConstraint(condition=ONE_RIGHT, name="sharing_flag_of_one_right"),
        ),
        migrations.AddConstraint(
            model_name="usageflag",
            constraint=models.UniqueConstraint(
                fields=("taking", "kind", "day"), name="sharing_one_flag_of_a_taking_a_day"
            ),
        ),
    ]
