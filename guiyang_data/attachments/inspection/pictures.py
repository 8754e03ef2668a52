"""Pictures: where and how they were taken, and what was written into them besides the picture."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import IO, Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from guiyang_data.attachments.inspection.findings import UNREAD_PICTURE, Findings, Unreadable

MOST_PIXELS = 200_000_000
ORDINARY = {"Orientation", "ResolutionUnit", "XResolution", "YResolution", "YCbCrPositioning", "ExifOffset", "GPSInfo"}
ORDINARY |= {"ExifImageWidth", "ExifImageHeight", "ImageWidth", "ImageLength", "ColorSpace", "BitsPerSample"}
ORDINARY |= {"ExifVersion", "FlashPixVersion", "ComponentsConfiguration", "ExifInteroperabilityOffset", "Software"}
"""Tags that say how to show a picture and nothing about who took it."""
KEPT = {"icc_profile", "transparency", "dpi", "gamma"}
"""What a picture needs to look the same."""
TELLING = ("comment", "xmp", "XML:com.adobe.xmp", "photoshop")


def read_picture(source: Path | IO[bytes], place: str, findings: Findings, *, unread: bool = True) -> None:
    """Position, data of the camera and texts of a picture; ``unread``: note that its own text was not read."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source) as picture:
                _read_data(picture, place, findings)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Unreadable("图片打不开") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable("图片过大") from error
    if unread:
        findings.add(UNREAD_PICTURE, place, is_hidden=False)


def _read_data(picture: Image.Image, place: str, findings: Findings) -> None:
    exif = picture.getexif()
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        findings.add("location", place)
    tags = {**dict(exif), **exif.get_ifd(ExifTags.IFD.Exif)}
    telling = {_name(tag): value for tag, value in tags.items() if _name(tag) not in ORDINARY and value}
    texts = {name: picture.info[name] for name in TELLING if picture.info.get(name)}
    texts |= getattr(picture, "text", {})
    found = {**telling, **texts}
    if found:
        findings.add("photo-data", place, count=len(found), sample="、".join(sorted(map(str, found)))[:80])
    findings.read_each((_as_text(value) for value in found.values()), f"{place} 的附加信息", is_hidden=True)


def _name(tag: int) -> str:
    return str(ExifTags.TAGS.get(tag, tag))


def _as_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def clean_picture(source: Path | IO[bytes], target: Path | IO[bytes]) -> None:
    """Write the picture alone, upright, without what was written into it besides."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source) as picture:
            form = picture.format or "PNG"
            upright = ImageOps.exif_transpose(picture)
            upright.info = {name: value for name, value in picture.info.items() if name in KEPT}
            upright.getexif().clear()
            upright.save(target, format=form, quality=95)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable("图片打不开，不能清理") from error
