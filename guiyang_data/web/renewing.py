"""Writing anew under the key in use what lies encrypted or indexed under an earlier one.

Every row is written by itself, and only if nobody changed it meanwhile: this may be broken off, repeated, and run
while the portal works. What is read beside it is found under either key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

from guiyang_data.accounts.models import Person, User
from guiyang_data.accounts.protection import blind_index, decrypt, encrypt, is_current
from guiyang_data.accounts.telephones import phone_index
from guiyang_data.notices.followers import Follow
from sharing.edocuments.codes import code_index, holder_index, row_key_index
from sharing.identities import subject_index, subject_indexes
from sharing.models import EDocument, ReadingTrace, TracedSubject

SUFFIX = "_encrypted"
ELSEWHERE: Mapping[type[models.Model], tuple[str, ...]] = {ReadingTrace: ("asked",)}
"""Encrypted fields that are not called so."""
Index = Callable[[str], str]
INDEXES: Mapping[type[models.Model], Mapping[str, tuple[str, Index]]] = {
    Person: {"id_number_encrypted": ("id_number_index", blind_index)},
    User: {"phone_encrypted": ("phone_index", phone_index)},
    Follow: {"address_encrypted": ("address_index", blind_index)},
    EDocument: {
        "holder_encrypted": ("holder_index", holder_index),
        "holder_id_encrypted": ("holder_id_index", holder_index),
        "row_key_encrypted": ("row_key_index", lambda text: row_key_index(text.encode())),
        "code_encrypted": ("code_index", code_index),
    },
}
"""Which index is made of which encrypted text, and how."""


@dataclass(kw_only=True)
class Renewed:
    """What was done for one table: rows looked at and rows written anew."""

    table: str
    seen: int = 0
    written: int = 0


def encrypted_fields() -> dict[type[models.Model], list[str]]:
    """The encrypted fields of every table that has some."""
    found = {}
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if field.attname.endswith(SUFFIX)]
        names += ELSEWHERE.get(model, ())
        if names:
            found[model] = names
    return found


def renew_all() -> Iterator[Renewed]:
    """Every table in turn, as it is done."""
    for model, names in encrypted_fields().items():
        yield _renew(model, names)


def _renew(model: type[models.Model], names: list[str]) -> Renewed:
    done = Renewed(table=str(model._meta.verbose_name))
    for row in model._default_manager.only("pk", *names).order_by("pk").iterator(chunk_size=500):
        done.seen += 1
        before = {name: text for name in names if (text := getattr(row, name)) and not is_current(text)}
        if before:
            done.written += _write(model, row.pk, before)
    return done


def _write(model: type[models.Model], pk: object, before: Mapping[str, str]) -> int:
    after: dict[str, str] = {}
    for name, cipher in before.items():
        text = decrypt(cipher)
        after[name] = encrypt(text)
        if name in INDEXES.get(model, {}):
            index, made = INDEXES[model][name]
            after[index] = made(text)
    return model._default_manager.filter(pk=pk, **before).update(**after)


@transaction.atomic
def _rename(person: Person) -> int:
    """Call a known person in the traces of readings by the index of the key in use."""
    number = decrypt(person.id_number_encrypted)
    current, *earlier = subject_indexes(number)
    rows = TracedSubject.objects.filter(index__in=earlier)
    twice = TracedSubject.objects.filter(index=current).values("trace")
    rows.filter(trace__in=twice).delete()
    return rows.update(index=subject_index(number))


def rename_known_persons() -> Renewed:
    """Whoever proved an identity is found in the traces of readings by the key in use alone."""
    done = Renewed(table=str(TracedSubject._meta.verbose_name))
    for person in Person.objects.order_by("pk").iterator(chunk_size=500):
        done.seen += 1
        done.written += _rename(person)
    return done
