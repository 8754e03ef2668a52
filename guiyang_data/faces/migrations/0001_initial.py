from django.db import migrations, models

from guiyang_data.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = together([
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=100)),
                ('actor', models.CharField(max_length=80)),
                ('purpose', models.CharField(max_length=120)),
                ('content', models.CharField(blank=True, default='', max_length=64)),
                ('path', models.CharField(blank=True, max_length=300)),
                ('result', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '已办提交',
                'verbose_name_plural': '已办提交',
                'constraints': [models.UniqueConstraint(fields=('token', 'actor', 'purpose'), name='faces_a_form_is_carried_out_once')],
            },
        ),
        migrations.CreateModel(
            name='NumberSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.CharField(max_length=4)),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('prefix', 'year'), name='faces_one_series_a_year')],
            },
        ),
    ])
