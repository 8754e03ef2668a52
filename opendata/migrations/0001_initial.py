import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from guiyang_data.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('catalog', '0001_initial'),
    ]

    operations = together([
        migrations.CreateModel(
            name='OpeningPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('draft', '草稿'), ('in-review', '保密审查'), ('published', '已开放'), ('superseded', '已被新方案取代'), ('dropped', '已放弃')], default='draft', max_length=10, verbose_name='状态')),
                ('techniques', models.JSONField(default=dict, verbose_name='脱敏方法')),
                ('detected', models.JSONField(default=dict, verbose_name='识别结果')),
                ('risk', models.JSONField(default=dict, verbose_name='重标识风险')),
                ('created_at', models.DateTimeField(verbose_name='编制时间')),
                ('updated_at', models.DateTimeField(verbose_name='修改时间')),
                ('compiled_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opening_plans', to='catalog.catalogentry')),
                ('review', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opening_plan', to='catalog.confidentialityreview')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.entryrevision')),
            ],
            options={
                'verbose_name': '开放方案',
                'verbose_name_plural': '开放方案',
                'ordering': ['-created_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['draft', 'in-review'])), fields=('entry',), name='opendata_one_plan_on_its_way'), models.UniqueConstraint(condition=models.Q(('status', 'published')), fields=('entry',), name='opendata_one_plan_carried_out')],
            },
        ),
        migrations.CreateModel(
            name='PublishJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('load_id', models.UUIDField(default=uuid.uuid4, help_text='随版本写入数据表，中断后据此认出已写成的版本', unique=True, verbose_name='批次号')),
                ('state', models.CharField(choices=[('waiting', '等待处理'), ('running', '处理中'), ('done', '已开放'), ('failed', '未能开放')], default='waiting', max_length=8, verbose_name='状态')),
                ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='进度')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('message', models.TextField(blank=True, verbose_name='说明')),
                ('asked_at', models.DateTimeField(verbose_name='提出时间')),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='完成时间')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='opendata.openingplan')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.dataversion')),
            ],
            options={
                'verbose_name': '开放作业',
                'verbose_name_plural': '开放作业',
                'ordering': ['-asked_at', '-id'],
                'indexes': [models.Index(fields=['state', 'seen_at'], name='opendata_job_state')],
                'constraints': [models.UniqueConstraint(fields=('plan', 'source'), name='opendata_a_version_is_made_once')],
            },
        ),
        migrations.CreateModel(
            name='Demand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('requests', models.PositiveIntegerField(default=0)),
                ('searches', models.PositiveIntegerField(default=0)),
                ('followers', models.PositiveIntegerField(default=0)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='demand', to='catalog.catalogentry')),
            ],
            options={
                'verbose_name': '需求',
                'verbose_name_plural': '需求',
                'constraints': [models.UniqueConstraint(fields=('entry', 'day'), name='opendata_demand_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='OpenDataset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='标识')),
                ('status', models.CharField(choices=[('published', '已开放'), ('withdrawn', '已撤回')], default='published', max_length=10, verbose_name='状态')),
                ('title', models.CharField(max_length=200, verbose_name='名称')),
                ('abstract', models.TextField(verbose_name='摘要')),
                ('field', models.CharField(max_length=16, verbose_name='领域')),
                ('keywords', models.CharField(blank=True, max_length=300, verbose_name='关键字')),
                ('update_cycle', models.CharField(max_length=12, verbose_name='更新周期')),
                ('provider_name', models.CharField(max_length=120, verbose_name='提供机关')),
                ('provider_code', models.CharField(max_length=18)),
                ('region_code', models.CharField(max_length=12)),
                ('licence', models.TextField(default='免费使用，可以复制、修改、再分发和用于商业；使用时注明来源和取得日期，不得用于违法活动。', verbose_name='许可')),
                ('published_on', models.DateField(verbose_name='首次开放')),
                ('updated_at', models.DateTimeField(verbose_name='更新时间')),
                ('downloads', models.PositiveBigIntegerField(default=0, verbose_name='下载次数')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='撤回时间')),
                ('withdrawal_reasons', models.TextField(blank=True, verbose_name='撤回理由')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='dataset', to='catalog.catalogentry')),
            ],
            options={
                'verbose_name': '开放数据集',
                'verbose_name_plural': '开放数据集',
                'ordering': ['-updated_at', '-id'],
                'indexes': [models.Index(fields=['status', 'field'], name='opendata_dataset_field'), models.Index(fields=['status', '-updated_at'], name='opendata_dataset_newest')],
            },
        ),
        migrations.CreateModel(
            name='PublishedVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='版本')),
                ('table_version', models.PositiveIntegerField()),
                ('rows', models.BigIntegerField(verbose_name='行数')),
                ('columns', models.JSONField(verbose_name='信息项')),
                ('profile', models.JSONField(default=list, verbose_name='概况')),
                ('files', models.JSONField(default=dict, help_text='各格式的大小（字节）和 SHA-256 校验值', verbose_name='文件')),
                ('made_at', models.DateTimeField(verbose_name='生成时间')),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='opendata.opendataset')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='opendata.openingplan')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.dataversion')),
            ],
            options={
                'verbose_name': '开放版本',
                'verbose_name_plural': '开放版本',
                'ordering': ['dataset', '-number'],
                'constraints': [models.UniqueConstraint(fields=('dataset', 'number'), name='opendata_one_version_a_number')],
            },
        ),
        migrations.AddField(
            model_name='OpenDataset',
            name='current',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opendata.publishedversion'),
        ),
    ])
