import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_token_links'),
        ('catalog', '0004_co_collecting'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicationDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalogue', models.CharField(choices=[('resource', '政府数据资源目录'), ('sharing', '共享目录'), ('open', '开放目录')], max_length=8, verbose_name='目录')),
                ('elements', models.JSONField(blank=True, default=list, verbose_name='公布的要素')),
                ('item_elements', models.JSONField(blank=True, default=list, verbose_name='公布的信息项要素')),
                ('includes_withheld', models.BooleanField(default=False, verbose_name='包括不予共享的条目')),
                ('document', models.CharField(max_length=200, verbose_name='文件名称、文号')),
                ('decided_on', models.DateField(verbose_name='决定日期')),
                ('grounds', models.TextField(max_length=2000, verbose_name='公布的理由')),
                ('status', models.CharField(choices=[('proposed', '待保密审查'), ('reviewed', '待确认'), ('in-force', '已公布'), ('rejected', '不予公布'), ('revoked', '已撤销')], default='proposed', max_length=8, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(verbose_name='提议时间')),
                ('review_opinion', models.TextField(blank=True, max_length=2000, verbose_name='保密审查意见')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='保密审查时间')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='公布时间')),
                ('reasons', models.TextField(blank=True, max_length=2000, verbose_name='不予公布或者撤销的理由')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='终止时间')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency', verbose_name='机关')),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publication_decisions', to='accounts.agency', verbose_name='作出决定的主管部门')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提议人')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region', verbose_name='辖区')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='保密审查人')),
            ],
            options={
                'verbose_name': '目录公布决定',
                'verbose_name_plural': '目录公布决定',
                'ordering': ['-proposed_at', '-id'],
                'indexes': [models.Index(fields=['status', '-confirmed_at'], name='catalog_publication_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency', None), ('region__isnull', False)), models.Q(('agency__isnull', False), ('region', None)), _connector='OR'), name='catalog_published_of_agency_or_region'), models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(('reviewed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='catalog_publication_reviewed_by_another'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='catalog_publication_confirmed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['in-force', 'revoked']), _negated=True), models.Q(('confirmed_at__isnull', False), ('reviewed_at__isnull', False)), _connector='OR'), name='catalog_published_after_review'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['rejected', 'revoked']), _negated=True), models.Q(('reasons', ''), _negated=True), _connector='OR'), name='catalog_publication_ended_with_reasons'), models.UniqueConstraint(condition=models.Q(('agency__isnull', False), ('status', 'in-force')), fields=('catalogue', 'agency'), name='catalog_published_once_of_agency'), models.UniqueConstraint(condition=models.Q(('region__isnull', False), ('status', 'in-force')), fields=('catalogue', 'region'), name='catalog_published_once_of_region')],
            },
        ),
    ]
