"""One index for everything that can be looked for, and what was looked for in vain."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """What a person can find: a data set, an entry, a request, a news item. Only plain values; its owner feeds it."""

    kind = models.CharField(_("类别"), max_length=40)
    key = models.CharField(_("标识"), max_length=100)
    title = models.CharField(_("标题"), max_length=300)
    summary = models.TextField(_("摘要"), blank=True)
    body = models.TextField(_("正文"), blank=True)
    url = models.CharField(_("地址"), max_length=300)
    is_public = models.BooleanField(_("公开"), default=False)
    agency_code = models.CharField(_("行政机关代码"), max_length=40, blank=True)
    facets = models.JSONField(_("筛选项"), default=dict, blank=True)
    weight = models.FloatField(_("权重"), default=1.0)
    updated_at = models.DateTimeField(_("更新时间"))

    class Meta:
        verbose_name = _("可搜索内容")
        verbose_name_plural = _("可搜索内容")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="search_document_once"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="search_document_weight_positive"),
        ]
        indexes = [models.Index(fields=["is_public", "kind", "-updated_at"], name="search_document_newest")]

    def __str__(self) -> str:
        return self.title


class IndexRow(models.Model):
    """The tokens of a document: an FTS5 table on SQLite, a ``tsvector`` on PostgreSQL (migration 0002).

    There is no constraint in the database between the two tables, since FTS5 has none; a row without its
    document is never found, because every question joins both.
    """

    document = models.OneToOneField(
        SearchDocument, primary_key=True, db_column="rowid", on_delete=models.CASCADE, related_name="index_row"
    )

    class Meta:
        managed = False
        db_table = "search_index"

    def __str__(self) -> str:
        return str(self.pk)


class SearchMiss(models.Model):
    """Words looked for without a result, per day: the measure of demand (第三条、第二十条). No person is kept."""

    words = models.CharField(_("搜索词"), max_length=120)
    searched_on = models.DateField(_("日期"))
    count = models.PositiveIntegerField(_("次数"), default=0)

    class Meta:
        verbose_name = _("无结果的搜索")
        verbose_name_plural = _("无结果的搜索")
        constraints = [models.UniqueConstraint(fields=["words", "searched_on"], name="search_miss_once_a_day")]

    def __str__(self) -> str:
        return self.words
