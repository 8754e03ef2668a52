"""The tokens: FTS5 on SQLite, tsvector and GIN on PostgreSQL, those of titles by themselves as well."""

from django.db import migrations

FORWARDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_index USING fts5("
        "title, summary, body, tokenize = 'unicode61 remove_diacritics 0', prefix = '1')",
        # how common each token is
        "CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_index, row)",
    ),
    "postgresql": (
        "CREATE TABLE search_index (rowid bigint PRIMARY KEY, tokens tsvector NOT NULL, title tsvector NOT NULL)",
        # a list of what is not yet in an index makes writing cheap and every question slow, until it is cleaned up
        "CREATE INDEX search_index_tokens ON search_index USING gin (tokens) WITH (fastupdate = off)",
        "CREATE INDEX search_index_title ON search_index USING gin (title) WITH (fastupdate = off)",
    ),
}
BACKWARDS = {
    "sqlite": ("DROP TABLE search_vocabulary", "DROP TABLE search_index"),
    "postgresql": ("DROP TABLE search_index",),
}


def make(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in BACKWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
