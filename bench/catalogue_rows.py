"""A catalogue as large as a city's, written in bulk by the database itself: entries in force, drafts, items, index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from bench.words import titles
from catalog.models import Category
from catalog.services.finding import documents
from guiyang_data.accounts.models import User
from guiyang_data.search.services import index_many
from guiyang_data.timekeeping import now

ENTRIES = """
INSERT INTO catalog_catalogentry (id, resource_code, provider_id, source_key, open_corrections, quality_measure,
    created_at)
SELECT n, %(category)s || '/' || lpad(n::text, 6, '0'),
       (%(agencies)s::bigint[])[1 + n %% cardinality(%(agencies)s::bigint[])], '', 0, '', %(at)s
FROM generate_series(1, %(number)s) AS n
"""
REVISIONS = """
INSERT INTO catalog_entryrevision (id, entry_id, number, status, title, abstract, category_id, field, keywords,
    format_class, format_type, sharing_type, sharing_condition, sharing_basis, sharing_method, is_open,
    opening_condition, closed_ground, closed_basis, update_cycle, spatial_scope, time_scope, source_system, contact,
    contact_phone, related_codes, note, grade, compiled_by_id, send_back_reasons, created_at, in_force_on, layout,
    substance, updated_at, send_back_fields, writers, bad_share_limit)
SELECT n, n, 1, CASE WHEN n %% 50 = 0 THEN 'draft' ELSE 'in-force' END, title,
       title || '，写明装的是什么数据、主要有哪些信息项、覆盖什么范围。', %(category)s,
       (ARRAY['transport', 'medical', 'education', 'environment', 'other'])[1 + n %% 5], '出行、设施',
       'spreadsheet', 'CSV',
       CASE WHEN n %% 3 = 0 THEN 'conditional' ELSE 'unconditional' END,
       CASE WHEN n %% 3 = 0 THEN '限履行职责使用' ELSE '' END, '', '共享平台', n %% 2 = 0, '',
       CASE WHEN n %% 2 = 0 THEN NULL ELSE 3 END, '', 'monthly', '', '', '', '信息科', '', '[]', '', 1, %(person)s, '',
       %(at)s, CASE WHEN n %% 50 = 0 THEN NULL ELSE %(at)s::date END, '', '', %(at)s, '{}', '[]', 100
FROM unnest(%(titles)s::text[]) WITH ORDINALITY AS given(title, n)
"""
ITEMS = """
INSERT INTO catalog_informationitem (revision_id, position, name, code, data_type, unit, meaning, required, is_key,
    code_list, is_unique, minimum, maximum, pattern, check_digits, reference_code, reference_item, sensitivity, grade)
SELECT revision.id, place, '信息项' || place, 'item_' || place, 'C', '', '', place = 1, false, '[]',
       false, '', '', '', '', '', '', 'none', 1
FROM catalog_entryrevision AS revision CROSS JOIN generate_series(1, %(each)s) AS place
"""
IN_FORCE = """
UPDATE catalog_catalogentry SET in_force_id = revision.id FROM catalog_entryrevision AS revision
WHERE revision.entry_id = catalog_catalogentry.id AND revision.status = 'in-force'
"""
TABLES = ("catalog_catalogentry", "catalog_entryrevision", "catalog_informationitem")
KNOWN = (*TABLES, "search_searchdocument", "search_index", "accounts_agency", "accounts_region")
"""Tables about which the server must know how much is in them, as it does in a portal that is a day old."""


def entries(number: int, *, agencies: Sequence[int], person: User, each: int = 2) -> int:
    """So many entries with ``each`` items, one in fifty a draft, all findable; how many are in force."""
    category = Category.objects.filter(level=Category.Level.ITEM).order_by("code").values_list("code", flat=True)[0]
    values: dict[str, Any] = {
        "number": number,
        "each": each,
        "agencies": list(agencies),
        "person": person.pk,
        "category": category,
        "titles": titles(number),
        "at": now(),
    }
    with connection.cursor() as cursor:
        for statement in (ENTRIES, REVISIONS, ITEMS, IN_FORCE):
            cursor.execute(statement, values)
        in_force = int(cursor.rowcount)
        for table in TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
    index_many(documents())
    with connection.cursor() as cursor:
        for table in KNOWN:
            cursor.execute(f"VACUUM ANALYZE {table}")
    return in_force
