"""What a material is called, however it is written, and how alike two names are. No ORM."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_COPIES = re.compile(r"(?:各?[一二两三四五六七八九十\d]+[份张套页])+$")
_FORMS = re.compile(r"(?:的?(?:原件[及和或与]复印件|原件|复印件|扫描件|影印件|副本|正本))+$")
_SIGNS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_SAYS_LITTLE = re.compile(
    r"证明材料|证明文件|证明|证书|证件|材料|信息|数据|资料|基本|核验|查询|登记|名录|名单|清单|情况|申请人|本人|居民|有效|合法|相关"
)
"""Words that many names have and that tell little of what is meant."""


def key_of(name: str) -> str:
    """What names of one material have in common: no asides, copies, forms, signs; small letters, half width.

    ``居民身份证（原件及复印件）1份`` and ``居民身份证`` are one.
    """
    text = unicodedata.normalize("NFKC", name[: 2 * LONGEST]).lower()
    bare = _ASIDE.sub("", text)
    for _again in range(2):
        bare = _FORMS.sub("", _COPIES.sub("", _SIGNS.sub("", bare)))
    return (bare or _SIGNS.sub("", text) or text.strip())[:LONGEST]


def plain_name(label: str) -> str:
    """A material's name to show, without asides, copies and forms; as it is written where nothing else is left."""
    text = unicodedata.normalize("NFKC", label[: 2 * LONGEST])
    bare = " ".join(_ASIDE.sub("", text).split())
    for _again in range(2):
        bare = _FORMS.sub("", _COPIES.sub("", bare)).strip()
    return (bare or label)[:LONGEST]


def pairs_of(name: str) -> frozenset[str]:
    """The pairs of signs that tell what a name means, without the words that many names have."""
    key = key_of(name)
    telling = _SAYS_LITTLE.sub("", key)
    told = telling if len(telling) > 1 else key
    return frozenset(told[place : place + 2] for place in range(len(told) - 1)) or frozenset({told})


def likeness(one: str, other: str) -> float:
    """0 to 1: how much of the shorter name's telling pairs of signs stand in the other."""
    first, second = pairs_of(one), pairs_of(other)
    return len(first & second) / min(len(first), len(second))
