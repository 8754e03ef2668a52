import django.db.models.deletion
from django.db import migrations, models

from guiyang_data.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = together([
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('subject', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('hash', models.CharField(blank=True, default='', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=120, verbose_name='对象')),
                ('sequence', models.PositiveIntegerField(verbose_name='序号')),
                ('verb', models.CharField(max_length=60, verbose_name='事项')),
                ('refused', models.BooleanField(default=False, verbose_name='未获准')),
                ('actor', models.CharField(max_length=60, verbose_name='办理人')),
                ('agency', models.CharField(blank=True, max_length=18, verbose_name='所在机关')),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('payload', models.JSONField(default=dict, verbose_name='内容')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('previous_hash', models.CharField(blank=True, max_length=64, verbose_name='前一条')),
                ('hash', models.CharField(max_length=64, verbose_name='校验值')),
            ],
            options={
                'verbose_name': '办理记录',
                'verbose_name_plural': '办理记录',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['actor', 'at'], name='ledger_event_actor')],
                'constraints': [models.UniqueConstraint(fields=('subject', 'sequence'), name='ledger_event_one_row_a_place')],
            },
        ),
        migrations.CreateModel(
            name='Access',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reading', models.UUIDField(verbose_name='读取编号')),
                ('phase', models.CharField(choices=[('opened', '开始'), ('closed', '结束')], max_length=6, verbose_name='阶段')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('actor', models.CharField(max_length=60, verbose_name='读取人')),
                ('agency', models.CharField(blank=True, max_length=18, verbose_name='所在机关')),
                ('resource', models.CharField(max_length=120, verbose_name='对象')),
                ('grant', models.CharField(blank=True, max_length=120, verbose_name='授权')),
                ('purpose', models.CharField(blank=True, max_length=500, verbose_name='用途')),
                ('case_number', models.CharField(blank=True, max_length=120, verbose_name='办件编号')),
                ('items', models.JSONField(default=list, verbose_name='信息项')),
                ('version', models.IntegerField(null=True, verbose_name='版本')),
                ('query', models.JSONField(default=dict, verbose_name='查询')),
                ('rows', models.BigIntegerField(null=True, verbose_name='行数')),
                ('outcome', models.CharField(blank=True, max_length=200, verbose_name='结果')),
            ],
            options={
                'verbose_name': '读取记录',
                'verbose_name_plural': '读取记录',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['resource', 'at'], name='ledger_access_resource'), models.Index(fields=['grant', 'at'], name='ledger_access_grant'), models.Index(fields=['agency', 'at'], name='ledger_access_agency')],
                'constraints': [models.UniqueConstraint(fields=('reading', 'phase'), name='ledger_access_each_phase_once')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True, verbose_name='封存号')),
                ('root', models.CharField(max_length=64, verbose_name='根')),
                ('count', models.PositiveIntegerField(verbose_name='条数')),
                ('heads', models.JSONField(default=dict, verbose_name='各链链首')),
                ('previous_hash', models.CharField(blank=True, max_length=64, verbose_name='前一封存')),
                ('hash', models.CharField(max_length=64, verbose_name='校验值')),
                ('algorithm', models.CharField(max_length=20, verbose_name='签名算法')),
                ('signature', models.TextField(verbose_name='签名')),
                ('sealed_at', models.DateTimeField(verbose_name='封存时间')),
            ],
            options={
                'verbose_name': '封存',
                'verbose_name_plural': '封存',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='SealMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='ledger.seal')),
                ('kind', models.CharField(choices=[('event', '办理记录'), ('access', '读取记录')], max_length=6)),
                ('row', models.BigIntegerField()),
                ('leaf', models.PositiveIntegerField()),
                ('hash', models.CharField(blank=True, default='', max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'row'), name='ledger_each_row_sealed_once'), models.UniqueConstraint(fields=('seal', 'leaf'), name='ledger_each_leaf_once')],
            },
        ),
        migrations.CreateModel(
            name='LedgerCursor',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('seal', models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ])
