"""What our migrations add to Django's operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Make the tables of several models, once all of these models are known.

    After each model that is added, Django makes anew every class that refers to one that it refers to, and here nearly
    all refer to users and agencies: for a hundred and thirty models that is most of the time a new database takes.
    """

    def __init__(self, tables: Sequence[CreateModel]) -> None:
        self.tables = list(tables)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # the classes, which are made again when they are next asked for
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return type(self).__name__, [self.tables], {}

    def describe(self) -> str:
        return f"Create {', '.join(table.name for table in self.tables)}"


def together(operations: Sequence[Operation]) -> list[Operation]:
    """The same operations, those that follow on one another to make models in one step."""
    made: list[Operation] = []
    waiting: list[CreateModel] = []
    for operation in operations:
        if isinstance(operation, CreateModel):
            waiting.append(operation)
        else:
            made += [CreateModels(waiting), operation] if waiting else [operation]
            waiting = []
    return [*made, CreateModels(waiting)] if waiting else made
