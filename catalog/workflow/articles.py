"""The articles that the acts of the catalogue stand on."""

from __future__ import annotations

from guiyang_data.statute.law import REGULATION

SYSTEMS = REGULATION.article("第十条")
COMPILE = REGULATION.article("第十一条第二款")
REVIEW = REGULATION.article("第十一条第三款")
GATHER = REGULATION.article("第十二条第一款")
TOGETHER = REGULATION.article("第十二条第二款")
RIGHT = REGULATION.article("第十二条第三款")
MANAGE = REGULATION.article("第十三条第一款")
ADJUST = REGULATION.article("第十三条第二款")
CONFIDENTIALITY = REGULATION.article("第二十四条")
