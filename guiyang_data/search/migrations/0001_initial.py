import django.db.models.deletion
from django.db import migrations, models

from guiyang_data.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = together([
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='类别')),
                ('key', models.CharField(max_length=100, verbose_name='标识')),
                ('title', models.CharField(max_length=300, verbose_name='标题')),
                ('summary', models.TextField(blank=True, verbose_name='摘要')),
                ('body', models.TextField(blank=True, verbose_name='正文')),
                ('url', models.CharField(max_length=300, verbose_name='地址')),
                ('is_public', models.BooleanField(default=False, verbose_name='公开')),
                ('agency_code', models.CharField(blank=True, max_length=40, verbose_name='行政机关代码')),
                ('facets', models.JSONField(blank=True, default=dict, verbose_name='筛选项')),
                ('weight', models.FloatField(default=1.0, verbose_name='权重')),
                ('updated_at', models.DateTimeField(verbose_name='更新时间')),
            ],
            options={
                'verbose_name': '可搜索内容',
                'verbose_name_plural': '可搜索内容',
                'indexes': [models.Index(fields=['is_public', 'kind', '-updated_at'], name='search_document_newest')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='search_document_once'), models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='search_document_weight_positive')],
            },
        ),
        migrations.CreateModel(
            name='SearchMiss',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=120, verbose_name='搜索词')),
                ('searched_on', models.DateField(verbose_name='日期')),
                ('count', models.PositiveIntegerField(default=0, verbose_name='次数')),
            ],
            options={
                'verbose_name': '无结果的搜索',
                'verbose_name_plural': '无结果的搜索',
                'constraints': [models.UniqueConstraint(fields=('words', 'searched_on'), name='search_miss_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='IndexRow',
            fields=[
                ('document', models.OneToOneField(db_column='rowid', on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='index_row', serialize=False, to='search.searchdocument')),
            ],
            options={
                'db_table': 'search_index',
                'managed': False,
            },
        ),
    ])
