"""The tokens: FTS5 on SQLite, tsvector and GIN on PostgreSQL."""

from django.db import migrations

FORWARDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "title, summary, body, tokenize = 'unicode61 remove_diacritics 0', prefix = '1')",
    ),
    "postgresql": (
        "CREATE TABLE search_index (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        "CREATE INDEX search_index_tokens ON search_index USING gin (tokens)",
    ),
}


def make(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE search_index")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
