"""Whom a reading touched, what is told later, and who came to a counter."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_token_links'),
        ('catalog', '0007_writers'),
        ('sharing', '0005_verification'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CounterProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_index', models.CharField(blank=True, db_index=True, max_length=64)),
                ('code_expires_at', models.DateTimeField(blank=True, null=True)),
                ('tries_left', models.PositiveSmallIntegerField(default=0)),
                ('proved_at', models.DateTimeField(blank=True, null=True, verbose_name='当面核验时间')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
                ('proved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='counter_proof', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '当面核验',
                'verbose_name_plural': '当面核验',
            },
        ),
        migrations.CreateModel(
            name='Examination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('examined_to', models.BigIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('asked_at', models.DateTimeField(verbose_name='要求查看的时间')),
                ('seen_at', models.DateTimeField(verbose_name='最近进展')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': '逐次核对',
                'verbose_name_plural': '逐次核对',
            },
        ),
        migrations.CreateModel(
            name='ReadingTrace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reading', models.UUIDField(unique=True, verbose_name='读取编号')),
                ('version', models.PositiveIntegerField(verbose_name='数据版本')),
                ('since', models.PositiveIntegerField(blank=True, null=True, verbose_name='自哪一版起的变化')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('kind', models.CharField(max_length=20, verbose_name='方式')),
                ('agency', models.CharField(blank=True, max_length=18, verbose_name='读取机关')),
                ('access', models.CharField(max_length=120, verbose_name='授权')),
                ('case_number', models.CharField(blank=True, max_length=120, verbose_name='办件编号')),
                ('names_all', models.BooleanField(default=False, verbose_name='指名读取')),
                ('asked', models.TextField(blank=True, verbose_name='查询（加密）')),
                ('is_exact', models.BooleanField(default=True)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.catalogentry')),
            ],
            options={
                'verbose_name': '读取涉及的人',
                'verbose_name_plural': '读取涉及的人',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Found',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_certain', models.BooleanField(default=True)),
                ('examination', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='found', to='sharing.examination')),
                ('trace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sharing.readingtrace')),
            ],
            options={
                'verbose_name': '批量读取涉及的人',
                'verbose_name_plural': '批量读取涉及的人',
            },
        ),
        migrations.CreateModel(
            name='TracedSubject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index', models.CharField(max_length=64, verbose_name='证件号码索引')),
                ('trace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subjects', to='sharing.readingtrace')),
            ],
            options={
                'verbose_name': '指名读取的人',
                'verbose_name_plural': '指名读取的人',
            },
        ),
        migrations.CreateModel(
            name='Deferral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_number', models.CharField(blank=True, max_length=120, verbose_name='办件编号')),
                ('basis', models.CharField(max_length=300, verbose_name='法律依据')),
                ('reasons', models.TextField(max_length=2000, verbose_name='理由')),
                ('until', models.DateField(verbose_name='延后至')),
                ('status', models.CharField(choices=[('proposed', '待确认'), ('in-force', '延后告知中'), ('declined', '不予确认'), ('lifted', '已提前结束')], default='proposed', max_length=10, verbose_name='状态')),
                ('status_reasons', models.TextField(blank=True, max_length=2000, verbose_name='不予确认、提前结束的理由')),
                ('proposed_at', models.DateTimeField(verbose_name='提出时间')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='提前结束时间')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency', verbose_name='提出机关')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deferrals', to='sharing.sharinggrant', verbose_name='授权')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '延后告知',
                'verbose_name_plural': '延后告知',
                'ordering': ['-proposed_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('basis', ''), _negated=True), models.Q(('reasons', ''), _negated=True)), name='sharing_deferral_has_its_basis'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'in-force'), _negated=True), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='sharing_deferral_by_two'), models.CheckConstraint(condition=models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), name='sharing_deferral_by_another')],
            },
        ),
        migrations.AddIndex(
            model_name='examination',
            index=models.Index(fields=['asked_at'], name='sharing_examination_asked'),
        ),
        migrations.AddIndex(
            model_name='readingtrace',
            index=models.Index(fields=['entry', 'version'], name='sharing_trace_of_version'),
        ),
        migrations.AddIndex(
            model_name='readingtrace',
            index=models.Index(condition=models.Q(('names_all', False)), fields=['id'], name='sharing_trace_of_many'),
        ),
        migrations.AddConstraint(
            model_name='found',
            constraint=models.UniqueConstraint(fields=('examination', 'trace'), name='sharing_found_once'),
        ),
        migrations.AddConstraint(
            model_name='tracedsubject',
            constraint=models.UniqueConstraint(fields=('index', 'trace'), name='sharing_subject_named_once'),
        ),
    ]
