"""The tokens of titles by themselves; indexes that hold every new document at once; how common each token is."""

from django.db import migrations

FORWARDS = {
    "sqlite": ("CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_index, row)",),
    "postgresql": (
        "ALTER TABLE search_index ADD COLUMN title tsvector",
        "UPDATE search_index SET title = ts_filter(tokens, '{a}')",
        "ALTER TABLE search_index ALTER COLUMN title SET NOT NULL",
        # a list of what is not yet in the index makes writing cheap and every question slow, until it is cleaned up
        "ALTER INDEX search_index_tokens SET (fastupdate = off)",
        "SELECT gin_clean_pending_list('search_index_tokens')",
        "CREATE INDEX search_index_title ON search_index USING gin (title) WITH (fastupdate = off)",
    ),
}


def make(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_index")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
