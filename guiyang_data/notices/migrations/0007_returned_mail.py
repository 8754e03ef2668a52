from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0006_desk_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='日期')),
                ('outcome', models.CharField(choices=[('undelivered', '登记为没有送达'), ('not-final', '对方还在尝试，或者已经收下'), ('known', '以前已经登记'), ('forged', '签名不符'), ('unknown', '不是退信，或者看不懂')], max_length=11, verbose_name='结果')),
                ('number', models.PositiveIntegerField(default=0, verbose_name='封数')),
            ],
            options={
                'verbose_name': '退信计数',
                'verbose_name_plural': '退信计数',
                'ordering': ['-day', 'outcome'],
                'constraints': [models.UniqueConstraint(fields=('day', 'outcome'), name='notices_returns_counted_once')],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='turn',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='第几次发送'),
        ),
    ]
