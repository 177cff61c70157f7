"""Finding texts by meaning and by words: one index for each owner and each kind of texts.

`collections` says which tables hold texts. `index_cache` keeps their indexes, which `index_store`
reads; `ranking` says how good a match is, and `late_searches` how long an answer waits for one.
`terms` makes keyed hashes of words, `versions` writes so that no index misses a change, and
`vectors` says how vectors are stored.
"""

__all__ = [
    "collections",
    "index",
    "index_cache",
    "index_store",
    "index_types",
    "late_searches",
    "ranking",
    "terms",
    "vectors",
    "versions",
]
