import django.db.models.deletion
from guiyang_data.migrating import together
import guiyang_data.attachments.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = together([
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file', models.FileField(max_length=200, upload_to=guiyang_data.attachments.models.random_place, verbose_name='文件')),
                ('name', models.CharField(max_length=160, verbose_name='文件名')),
                ('size', models.PositiveBigIntegerField(verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='校验值')),
                ('media_type', models.CharField(max_length=100, verbose_name='类型')),
                ('subject', models.CharField(db_index=True, max_length=100, verbose_name='所属事项')),
                ('purpose', models.CharField(blank=True, max_length=60, verbose_name='用途')),
                ('is_private', models.BooleanField(default=True, verbose_name='不公开')),
                ('uploaded_at', models.DateTimeField(verbose_name='上传时间')),
                ('uploaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '附件',
                'verbose_name_plural': '附件',
                'ordering': ['uploaded_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='校验值')),
                ('tool', models.CharField(max_length=20, verbose_name='检查工具版本')),
                ('inspected_at', models.DateTimeField(verbose_name='检查时间')),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='attachments.attachment', verbose_name='附件')),
            ],
            options={
                'verbose_name': '附件检查',
                'verbose_name_plural': '附件检查',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='InspectionFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='检出的内容')),
                ('place', models.CharField(max_length=200, verbose_name='位置')),
                ('count', models.PositiveIntegerField(default=1, verbose_name='数量')),
                ('sample', models.CharField(blank=True, max_length=80, verbose_name='示例（已遮盖）')),
                ('is_hidden', models.BooleanField(default=False, verbose_name='在看不到的位置')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('reasons', models.CharField(blank=True, max_length=500, verbose_name='确认的理由')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='attachments.inspection', verbose_name='检查')),
            ],
            options={
                'verbose_name': '检出的内容',
                'verbose_name_plural': '检出的内容',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('reasons', '')), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('reasons', ''), _negated=True)), _connector='OR'), name='attachments_confirmed_with_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('code__in', ['bank-card', 'mobile', 'resident-id']), ('is_hidden', True), _negated=True), ('confirmed_by', None), _connector='OR'), name='attachments_hidden_numbers_are_never_confirmed')],
            },
        ),
    ])
