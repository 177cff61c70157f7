"""Rankings of `OwnerIndex` by the database alone: for owners that have too much for an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from uuid import UUID

from psycopg.rows import TupleRow

from pisovereign.search_index.collections import Collection
from pisovereign.search_index.index_types import Candidate, NearestQuery, RankQuery
from pisovereign.search_index.ranking import (
    GROUPS,
    K1,
    LANGUAGE_PRIOR_COUNT,
    NEIGHBOR_GAP_S,
    NEIGHBOR_SHARE,
    PRIOR_COUNT,
    PRIOR_DEVIATION,
    PRIOR_MEAN,
    WORD_WEIGHT,
    B,
    VectorModel,
    blends,
)
from pisovereign.search_index.vectors import as_halfvec
from pisovereign.storage.pool import Connection

# An unknown language is ''. Each vector's text is read once and not for each row, as it stands in a
# table of its own. idf as Lucene has it, which is never negative.
_RANK = """
WITH asked AS MATERIALIZED (
    SELECT model, vector::halfvec AS vector
    FROM unnest(%(models)s::text[], %(vectors)s::text[]) AS a (model, vector)
),
share AS (
    SELECT model, language, weight, place, sum(weight) OVER (PARTITION BY language) AS every
    FROM unnest(%(share_models)s::text[], %(share_languages)s::text[], %(weights)s::float8[],
                %(places)s::int[]) AS s (model, language, weight, place)
),
penalty AS (
    SELECT * FROM unnest(%(languages)s::text[], %(penalties)s::float8[]) AS p (language, penalty)
),
wanted AS (
    SELECT * FROM unnest(%(terms)s::bigint[], %(term_weights)s::float8[]) AS w (term, weight)
),
corpus AS (
    SELECT count(*)::float8 AS size, greatest(avg(length), 1)::float8 AS mean
    FROM {terms} WHERE user_id = %(user)s
),
visible AS MATERIALIZED (
    SELECT m.id, m.seq, ({told_at})::float8 AS told_at, {kind} AS kind,
        CASE WHEN t.language = ANY(%(languages)s) THEN t.language ELSE '' END AS language
    FROM {texts} m JOIN {terms} t ON t.user_id = m.user_id AND t.{key} = m.id
    WHERE m.user_id = %(user)s AND NOT ({hidden})
),
cosines AS MATERIALIZED (
    SELECT v.id, v.language, e.model, 1 - (e.embedding <=> a.vector) AS cosine
    FROM asked a
    JOIN {embeddings} e ON e.user_id = %(user)s AND e.model = a.model
    JOIN visible v ON v.id = e.{key}
),
overall AS (
    SELECT model, (sum(cosine) + %(prior)s * %(mean)s) / (count(*) + %(prior)s) AS mean,
        (sum(cosine ^ 2) + %(prior)s * %(square)s) / (count(*) + %(prior)s) AS square
    FROM cosines GROUP BY model
),
usual AS (
    SELECT c.model, c.language,
        (sum(cosine) + %(group_prior)s * o.mean) / (count(*) + %(group_prior)s) AS mean,
        (sum(cosine ^ 2) + %(group_prior)s * o.square) / (count(*) + %(group_prior)s) AS square
    FROM cosines c JOIN overall o USING (model) GROUP BY c.model, c.language, o.mean, o.square
),
standard AS (
    SELECT c.*, s.weight, s.every, s.place,
        (cosine - mean) / sqrt(greatest(square - mean ^ 2, %(least_variance)s)) AS z
    FROM cosines c JOIN usual USING (model, language) JOIN share s USING (model, language)
),
dense AS (
    SELECT id, array_agg(model ORDER BY weight DESC, place) AS models,
        array_agg(cosine ORDER BY weight DESC, place) AS cosines,
        CASE WHEN sum(weight) > 0 THEN sum(weight * z) * max(every) / sum(weight)
             ELSE avg(z) END AS dense
    FROM standard GROUP BY id
),
hit AS (
    SELECT t.{key}, t.length, h.term, h.count
    FROM {terms} t, unnest(t.terms, t.counts) AS h (term, count)
    WHERE t.user_id = %(user)s AND t.terms && %(terms)s AND h.term = ANY(%(terms)s)
),
idf AS (
    SELECT w.term, w.weight,
        ln(1 + (size - count(h.term) + 0.5) / (count(h.term) + 0.5)) AS idf
    FROM corpus, wanted w LEFT JOIN hit h ON h.term = w.term GROUP BY w.term, w.weight, size
),
lexical AS (
    SELECT {key}, sum(
        weight * idf * count * (%(k1)s + 1)
            / (count + %(k1)s * (1 - %(b)s + %(b)s * length / mean))
    ) / (SELECT sum(weight * idf) FROM idf) AS cover
    FROM hit JOIN idf USING (term), corpus GROUP BY {key}
),
told AS (
    SELECT v.*, coalesce(l.cover, 0) AS cover
    FROM visible v LEFT JOIN lexical l ON l.{key} = v.id
),
near AS (
    SELECT *,
        CASE WHEN told_at - lag(told_at) OVER w BETWEEN -%(gap)s AND %(gap)s
             THEN lag(cover) OVER w ELSE 0 END AS before,
        CASE WHEN lead(told_at) OVER w - told_at BETWEEN -%(gap)s AND %(gap)s
             THEN lead(cover) OVER w ELSE 0 END AS after
    FROM told WINDOW w AS (ORDER BY seq)
),
parts AS (
    SELECT n.id, d.models, d.cosines, d.dense - p.penalty AS dense,
        %(word_weight)s * (n.cover + %(neighbor_share)s * (n.before + n.after)) AS lexical
    FROM near n JOIN penalty p USING (language) LEFT JOIN dense d ON d.id = n.id
    WHERE (%(kind)s::text IS NULL OR n.kind = %(kind)s)
      AND (d.id IS NOT NULL OR n.cover > 0)
)
SELECT id, models, cosines, dense, lexical FROM parts
WHERE %(threshold)s::float8 IS NULL OR coalesce(cosines[1], 0) >= %(threshold)s
ORDER BY coalesce(dense, 0) + lexical DESC, id
LIMIT %(count)s
"""
# The vector stands in a subquery of its own, so that its text is read once and not for each row.
_NEAREST = """
SELECT m.id, 1 - (e.embedding <=> (SELECT %(vector)s::halfvec)) AS cosine
FROM {embeddings} e JOIN {texts} m ON m.id = e.{key} AND m.user_id = e.user_id
WHERE e.user_id = %(user)s AND e.model = %(model)s AND NOT ({hidden})
  AND (%(kind)s::text IS NULL OR {kind} = %(kind)s)
ORDER BY cosine DESC LIMIT %(limit)s
"""


async def rank(
    connection: Connection,
    collection: Collection,
    user: UUID,
    query: RankQuery,
    models: Sequence[VectorModel],
) -> list[Candidate]:
    """Return what `OwnerIndex.rank` returns, with cosines of 16 bits a dimension."""
    rows = await _fetch(connection, collection.sql(_RANK), _values(user, query, models))
    return [
        Candidate(
            id=identifier,
            cosines=dict(zip(having or (), cosines or (), strict=True)),
            similarity=cosines[0] if cosines else None,
            dense=dense,
            lexical=lexical,
        )
        for identifier, having, cosines, dense, lexical in rows
    ]


async def nearest(
    connection: Connection, collection: Collection, user: UUID, query: NearestQuery
) -> list[tuple[UUID, float]]:
    """Return what `OwnerIndex.nearest` returns."""
    values = query._asdict() | {"user": user, "vector": as_halfvec(query.vector)}
    rows = await _fetch(connection, collection.sql(_NEAREST), values)
    return [(row[0], row[1]) for row in rows]


async def _fetch(
    connection: Connection, statement: str, values: Mapping[str, Any]
) -> list[TupleRow]:
    return await (await connection.execute(statement.encode(), values)).fetchall()


def _values(user: UUID, query: RankQuery, models: Sequence[VectorModel]) -> dict[str, Any]:
    asked = [model for model in models if model.id in query.vectors]
    mixed = blends(asked, query.language)
    languages = [language or "" for language in GROUPS]
    pairs = list(product(range(len(GROUPS)), range(len(asked))))
    return {
        "user": user,
        "models": [model.id for model in asked],
        "vectors": [as_halfvec(query.vectors[model.id]) for model in asked],
        "share_models": [asked[place].id for _, place in pairs],
        "share_languages": [languages[group] for group, _ in pairs],
        "weights": [mixed[group].weights[place] for group, place in pairs],
        "places": [place for _, place in pairs],
        "languages": languages,
        "penalties": [blend.penalty for blend in mixed],
        "terms": query.terms.hashes.tolist(),
        "term_weights": query.terms.weights.tolist(),
        "prior": PRIOR_COUNT,
        "mean": PRIOR_MEAN,
        "square": PRIOR_DEVIATION**2 + PRIOR_MEAN**2,
        "group_prior": LANGUAGE_PRIOR_COUNT,
        "least_variance": PRIOR_DEVIATION**2 / 100,
        "k1": K1,
        "b": B,
        "gap": NEIGHBOR_GAP_S,
        "word_weight": WORD_WEIGHT,
        "neighbor_share": NEIGHBOR_SHARE,
        "kind": query.kind,
        "threshold": query.threshold,
        "count": query.limit,
    }
