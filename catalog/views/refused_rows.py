"""The rows of a load that were not taken in, as files: what is wrong with them, and to be put right."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views import View

from catalog.collecting import items_of_others
from catalog.views.gathering import find_load
from catalog.views.shared import user_of
from guiyang_data.errors import NotSeen
from guiyang_data.tables.refused_rows import rows_to_mend


class BadRowsDownload(LoginRequiredMixin, View):
    """Every refused cell with its reason and its whole row, guarded for a spreadsheet."""

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        load = find_load(user_of(request), pk)
        path = load.bad_rows_file
        if path is None or not path.is_file():
            raise NotSeen("这个批次没有退回的行。")
        name = f"退回行-{load.file_name.rsplit('.', 1)[0]}.csv"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


class RowsToMend(LoginRequiredMixin, View):
    """The refused rows by item, with their reasons before them: put right, they are loaded again as they are."""

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        load = find_load(user_of(request), pk)
        path = load.bad_rows_file
        if path is None or not path.is_file():
            raise NotSeen("这个批次没有退回的行。")
        others = items_of_others(load.revision, load.collector_id)
        names = [item.name for item in load.revision.items.all() if item.code not in others]
        name = f"待改正的行-{load.file_name.rsplit('.', 1)[0]}.csv"
        answer = StreamingHttpResponse(rows_to_mend(path, names), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
        return answer
