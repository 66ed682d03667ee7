"""Answers that browsers save as a file."""

from fastapi import Response

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: str | bytes, media_type: str, filename: str) -> Response:
    return Response(content, media_type=media_type, headers=saved_as(filename))


def saved_as(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"'}
