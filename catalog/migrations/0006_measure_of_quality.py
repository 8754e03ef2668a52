from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_publication_decisions'),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogentry',
            name='quality_measure',
            field=models.CharField(blank=True, help_text='质量分按哪一版评分办法算出，办法变动后由巡查重算', max_length=8, verbose_name='评分办法'),
        ),
    ]
