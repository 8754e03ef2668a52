"""The same acts over REST, by systems with tokens (第十六条第二款)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sharing.models import MatterMaterial
from sharing.services.materials.importing import run_matter_import
from tests.factories import materials as made
from tests.factories.accounts import bearer, system
from tests.keeping import kept

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def with_a_confirmed_material() -> made.Scene:
    found = made.scene()
    made.confirmed(found)
    return found


_kept, scene = kept(with_a_confirmed_material)


class Caller:
    """A system of the agency that calls with its token."""

    def __init__(self, scene: made.Scene, *scopes: str) -> None:
        self.token = bearer(system(scene.agency), *(scopes or ("sharing:read", "materials:write")))
        self.client = Client()

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/materials/{path}", **self.token)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        url = f"/api/v1/materials/{path}"
        return self.client.post(url, body or {}, content_type="application/json", **self.token, **headers)


def test_a_list_of_names_is_answered_with_the_way_to_each(scene: made.Scene) -> None:
    answer = Caller(scene, "sharing:read").post("check/", {"names": [made.ROUTE, "户口簿"]}).json()
    assert answer["agency"] == scene.agency.code
    first, second = answer["answers"]
    assert first["outcome"] == "supplied"
    [way] = first["ways"]
    assert (way["entry"], way["step"], way["sharing_type"]) == (scene.entry.resource_code, "apply", "conditional")
    assert way["call"] == "POST /api/v1/sharing/applications/"
    assert second["outcome"] == "not-available"


def test_a_matter_is_answered_by_its_id_and_neither_or_both_are_refused(scene: made.Scene) -> None:
    caller = Caller(scene)
    [first, _second] = caller.post("check/", {"matter": scene.matter.pk}).json()["answers"]
    assert (first["against"], first["material"]) == (True, scene.material.pk)
    assert caller.post("check/", {}).status_code == 422
    assert caller.post("check/", {"matter": scene.matter.pk, "names": ["x"]}).status_code == 422
    assert caller.post("check/", {"names": ["x"] * 201}).status_code == 422
    assert caller.post("check/", {"names": ["a" * 201]}).status_code == 422
    assert caller.post("check/", {"matter": 10**18}).status_code in {404, 422}
    assert caller.post("check/", {"names": ["\ud800证明"]}).status_code == 422
    strange = caller.post("check/", {"names": ["\u202e证明", "' OR 1=1 --", "<script>", "{{7*7}}", "%_%"]})
    assert [one["outcome"] for one in strange.json()["answers"]] == ["not-available"] * 5


def test_a_matter_is_entered_once_for_the_same_key(scene: made.Scene) -> None:
    caller = Caller(scene)
    body = {"name": "网约车许可", "code": "X-1", "materials": [{"label": made.ROUTE}]}
    first = caller.post("matters/", body, HTTP_IDEMPOTENCY_KEY="k")
    again = caller.post("matters/", body, HTTP_IDEMPOTENCY_KEY="k")
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert first.json()["against"] == 1
    assert caller.post("matters/", body).status_code == 422


def test_what_is_to_be_mended_is_listed_and_dropped(scene: made.Scene) -> None:
    caller = Caller(scene)
    [row] = caller.get("demands/").json()["results"]
    assert caller.get("mending/").json()["results"][0]["next_due_on"] == made.DUE_ON.isoformat()
    assert caller.post(f"items/{row['id']}/drop-material/").json()["status"] == "dropped"
    assert caller.get("demands/").json()["results"] == []
    assert caller.post(f"items/{row['id']}/state-reasons/", {"reasons": made.REASONS}).status_code == 409


def test_without_the_scope_nothing_is_changed(scene: made.Scene) -> None:
    caller = Caller(scene, "sharing:read")
    assert caller.post(f"items/{scene.material.pk}/drop-material/").status_code == 403
    assert caller.get("matters/").status_code == 200
    assert MatterMaterial.objects.get(pk=scene.material.pk).status == "asked"


def test_a_system_confirms_nothing_for_the_authority(scene: made.Scene) -> None:
    body = {"material": made.MATERIALS[1], "entry": scene.entry.resource_code, "items": ["route"]}
    proposed = Caller(scene).post("supplies/", body)
    assert proposed.status_code == 201
    assert Caller(scene).post(f"supplies/{proposed.json()['id']}/confirm-supply/").status_code == 403


def test_a_file_is_taken_in_looked_at_and_followed(scene: made.Scene) -> None:
    # given
    caller = Caller(scene)
    file = SimpleUploadedFile("新.csv", "事项名称,材料名称\n新事项,营业执照\n,证明\n".encode())
    job = caller.client.post("/api/v1/materials/imports/", {"file": file}, **caller.token).json()
    assert job["mapping"] == {"事项名称": "name", "材料名称": "material"}
    # when
    seen = caller.post(f"imports/{job['id']}/preview/", {}).json()
    assert (seen["rows"], seen["materials"], seen["created"]) == (1, 2, 1)
    assert caller.post(f"imports/{job['id']}/begin/", {"mapping": {"没有": "name"}}).status_code == 422
    begun = caller.post(f"imports/{job['id']}/begin/", {})
    # then
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    run_matter_import(job["id"], at=made.AT)
    assert caller.get(f"imports/{job['id']}/").json()["created"] == 1


def test_figures_are_everyones(scene: made.Scene) -> None:
    [row] = Client().get("/api/v1/materials/figures/").json()
    assert (row["agency"], row["supplied"], row["against"]) == (scene.agency.code, 1, 1)
    assert Client().get("/api/v1/materials/matters/").status_code == 401
