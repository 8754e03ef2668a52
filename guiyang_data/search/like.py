"""What is like a text of any length, such as a pasted letter: by its few most telling words, with bounded work.

A long text shares some word with almost everything. So a document must hold two of the telling words; one is enough
only where that finds too little. However many match, only ``MOST_CANDIDATES`` are looked at by their titles, and
``MOST_RANKED`` of them by all they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet

from guiyang_data.search.engines import engine_of
from guiyang_data.search.models import IndexRow
from guiyang_data.search.selectors import Filters, Hit, Scope, best_of, hits_in_order
from guiyang_data.search.words import EMPTY_WORDS, Term, normalised, question_words, term_of

LONGEST_TEXT = 3000
"""Characters of a pasted text that are looked at; what it is about stands in its beginning."""
MOST_WORDS = 6
FEWEST_WORDS = 3
"""How many of the telling words are asked for one by one where two together find too little."""
FIRST_WORDS = 3
"""Of so many of the telling words, titles that hold two are looked for before anything else: seldom is more needed."""
MOST_CANDIDATES = 1000
MOST_RANKED = 100
MOST_TITLES = 400
MOST_TITLES_RANKED = 30
COMMON = 0.02
"""A word that stands in more than this part of all documents says less the more of them it stands in."""
BEGINNING = 60
"""Characters in which people say what they want."""
SAID_BY_EVERYONE = frozenset(
    "数据 信息 资料 情况 名单 明细 目录 统计 公开 开放 共享 提供 申请 希望 建议 咨询 反映 投诉 请求 问题 "
    "相关 部门 政府 机关 单位 领导 市民 群众 您好 你好 谢谢 尊敬 贵阳 贵阳市 贵州 本市 全市 我市 我们 他们 现在 "
    "反对 质疑 举报 控告 控诉 呼吁 恳请 强烈 坚决 要求 关于 事宜 疑问 关注 解决 处理 尽快 如何 怎么 哪里 哪些 需要 "
    "因为 所以 但是 而且 以及 进行 目前 可以 应该 能够 没有 不能 什么 为什么 时候 是否 已经 一直 还是".split()
)
"""Words that stand in every other request, and so tell nothing about this one; used where there is nothing else."""


def like(
    text: str,
    *,
    kinds: Collection[str],
    limit: int,
    public_only: bool = True,
    filters: Filters | None = None,
    by_title: bool = False,
) -> tuple[Hit, ...]:
    """Documents like ``text``, best first. At most three questions to the index of two queries each, and one for what
    is shown.

    ``filters`` as for ``find``: only among documents with these facets. ``by_title``: the title must hold one of the
    telling words; for kinds whose body is prose, in which two words meet by chance.
    """
    asked = telling(text)
    if not asked:
        return ()
    scope = Scope(kinds=tuple(kinds), public_only=public_only, filters=tuple((filters or {}).items()))
    best: list[int] = []
    for find in _rounds(asked, by_title=by_title):
        if len(best) < limit:
            best += [pk for pk in find(scope) if pk not in best][: limit - len(best)]
    return hits_in_order(best, asked)


def _rounds(asked: Sequence[Term], *, by_title: bool) -> Iterator[Callable[[Scope], list[int]]]:
    """What is asked of the index, one after the other, until enough is found."""
    if len(asked) > 1:
        if by_title:
            yield partial(_ranked_titles, asked)
        yield partial(_ranked, asked, is_two=True, by_title=by_title)
    yield partial(_ranked, asked[:FEWEST_WORDS], is_two=False, by_title=by_title)


def tells(text: str) -> bool:
    """Whether a text has a word that not every other request has."""
    return any(not says_nothing(word) for word in question_words(text[:LONGEST_TEXT]))


def says_nothing(word: str) -> bool:
    """Whether a word stands in every other request."""
    return word in EMPTY_WORDS or word in SAID_BY_EVERYONE


def telling(text: str) -> tuple[Term, ...]:
    """The words that say most about a text, the most telling first: long, repeated, and said at the beginning."""
    words = list(question_words(text[:LONGEST_TEXT]))
    at_first = set(question_words(text[:BEGINNING]))
    counted = Counter(words)
    chosen = [word for word in counted if len(word) > 1 and not says_nothing(word)]
    if not chosen:
        chosen = [word for word in counted if word not in EMPTY_WORDS] or list(counted)
    place = {word: number for number, word in enumerate(counted)}
    using = IndexRow.objects.db
    shares = engine_of(using).shares(chosen, using=using)

    def weight(word: str) -> tuple[float, int]:
        length = min(len(word), 4) / 2
        number = 0.4 if word.isdigit() else 1.0
        rarity = min(COMMON / shares[word], 1.0) ** 0.5 if shares.get(word) else 1.0
        return length * number * rarity * counted[word] ** 0.5 * (2.0 if word in at_first else 1.0), -place[word]

    return tuple(term_of(word) for word in sorted(chosen, key=weight, reverse=True)[:MOST_WORDS])


def _ranked_titles(asked: Sequence[Term], scope: Scope) -> list[int]:
    """Titles that hold two of the first words, best first."""
    engine = engine_of(IndexRow.objects.db)
    rows = IndexRow.objects.filter(scope.condition("document__")).order_by()
    found = _likeliest(
        engine.matching(engine.two_of(asked[:FIRST_WORDS]), rows, title_only=True), asked, most=MOST_TITLES
    )
    question = engine.question(asked, is_any=True)
    return best_of(_only(found[:MOST_TITLES_RANKED], question), most=MOST_TITLES_RANKED)


def _ranked(asked: Sequence[Term], scope: Scope, *, is_two: bool, by_title: bool) -> list[int]:
    """What answers, best first; of very many the ones whose titles say most."""
    engine = engine_of(IndexRow.objects.db)
    question = engine.two_of(asked) if is_two else engine.question(asked, is_any=True)
    rows = IndexRow.objects.filter(scope.condition("document__")).order_by()
    in_title = engine.question(asked, is_any=True) if by_title else ""
    found = _likeliest(engine.matching(question, rows, in_title=in_title), asked, most=MOST_CANDIDATES)
    return best_of(_only(found[:MOST_RANKED], question), most=MOST_RANKED)


def _likeliest(matching: QuerySet[IndexRow], asked: Sequence[Term], *, most: int) -> list[int]:
    """Those of so many candidates that match, by how much their titles say."""
    found = list(matching.values_list("pk", "document__title")[:most])
    return [pk for pk, _title in sorted(found, key=lambda row: (_said(row[1], asked), row[0]), reverse=True)]


def _only(pks: Sequence[int], question: str) -> QuerySet[Any]:
    """These documents, ranked by the question: read first and ranked then, for an index that is asked inside a question
    to itself is asked again for every candidate.
    """
    return engine_of(IndexRow.objects.db).ranked(question, IndexRow.objects.filter(pk__in=pks))


def _said(title: str, asked: Sequence[Term]) -> float:
    """How much of what is asked for a title says, the most telling words counting most, for its length."""
    said = normalised(title)
    return sum(1 / (place + 2) for place, term in enumerate(asked) if term.word in said) / (len(said) + 20)
