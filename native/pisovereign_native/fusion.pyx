"""Several similarities of many rows made one number a row, and the best of them.

Rows belong to groups, such as the languages of texts. A similarity says little by itself: how much
it stands out among those of its group does, so each group has its own scale. One pass over 50,000
rows and two similarities takes 0.15 ms, where numpy, with a temporary array for each step, took 2.
"""

from cpython cimport array
from libc.math cimport INFINITY, NAN
from libc.stdint cimport int32_t, uint8_t, uint32_t
from libc.stdlib cimport free

from .indexes cimport open_shortlist, push, results, settle, shortlist

cdef enum:
    MOST_MODELS = 8
    MOST_GROUPS = 64
    MOST_RESULTS = 1 << 16

NO_GROUP = 255  # of a row that does not count


def moments(const float[::1] values not None, const uint8_t[::1] groups not None, int count):
    """Return how many values each group has, their sum, and the sum of their squares.

    Args:
        values: float32[n], C-contiguous; NaN where there is none.
        groups: uint8[n], C-contiguous, below `count`; others do not count.
        count: 1 to 64, of groups.

    Raises:
        ValueError: a dtype, layout, length or value other than the above.
    """
    cdef Py_ssize_t i, size[MOST_GROUPS]
    cdef double total[MOST_GROUPS]
    cdef double squares[MOST_GROUPS]
    cdef float value
    cdef uint8_t group
    check_length("groups", groups.shape[0], values.shape[0])
    if not 1 <= count <= MOST_GROUPS:
        raise ValueError(f"count is {count}, not within 1 to {MOST_GROUPS}")
    for i in range(count):
        size[i], total[i], squares[i] = 0, 0.0, 0.0
    with nogil:
        for i in range(values.shape[0]):
            group, value = groups[i], values[i]
            if group < count and value == value:
                size[group] += 1
                total[group] += value
                squares[group] += <double>value * value
    return [(size[i], total[i], squares[i]) for i in range(count)]


def blend(
    const uint8_t[::1] groups not None,
    cosines,
    const float[::1] slopes not None,
    const float[::1] offsets not None,
    const float[::1] weights not None,
    const float[::1] penalties not None,
    const float[::1] words not None,
    const int32_t[::1] before not None,
    const int32_t[::1] after not None,
    float word_weight,
    float neighbor_share,
):
    """Return the relevance of each row: array "f", NaN for rows that do not count or say nothing.

    A row of group g has the sum over models m of weight[m, g] * (slope[m, g] * cosine +
    offset[m, g]), less the group's penalty, and `word_weight` times its own words and
    `neighbor_share` of its neighbors'. The weight of a model that has no cosine of the row goes to
    those that have one; if none has, there is only what the words say.

    Args:
        groups: uint8[rows], C-contiguous; of a row that does not count, any number that is no
            group.
        cosines: 0 to 8 arrays of float32[rows], one a model; NaN where there is none.
        slopes, offsets, weights: float32[models * groups], the first model's groups first.
        penalties: float32[groups], for 1 to 64 groups.
        words: float32[rows], C-contiguous, 0 for a row without any of the words.
        before, after: int32[rows], C-contiguous: each row's neighbors, negative where it has none.
        word_weight, neighbor_share: see above.

    Raises:
        ValueError: a dtype, layout, length or number other than the above.
    """
    cdef const float *columns[MOST_MODELS]
    cdef const float[::1] column
    cdef Py_ssize_t rows = groups.shape[0], count = penalties.shape[0], row, m, at, having
    cdef Py_ssize_t models = len(cosines)
    cdef array.array relevance = array.clone(FLOATS, rows, zero=False)
    cdef float *out = relevance.data.as_floats
    cdef float cosine, value, total, plain, weight, every, said
    cdef uint8_t group
    if models > MOST_MODELS or not 1 <= count <= MOST_GROUPS:
        raise ValueError(f"{models} models or {count} groups are too many or too few")
    for column in (slopes, offsets, weights):
        check_length("a weight of models", column.shape[0], models * count)
    check_length("words", words.shape[0], rows)
    check_length("before", before.shape[0], rows)
    check_length("after", after.shape[0], rows)
    for m in range(models):
        column = cosines[m]
        check_length("cosines", column.shape[0], rows)
        columns[m] = &column[0] if rows else NULL
    with nogil:
        for row in range(rows):
            group = groups[row]
            out[row] = NAN
            if group >= count:
                continue
            value, plain, weight, every, having = 0.0, 0.0, 0.0, 0.0, 0
            for m in range(models):
                at = m * count + group
                cosine = columns[m][row]
                every += weights[at]
                if cosine == cosine:
                    cosine = slopes[at] * cosine + offsets[at]
                    value += weights[at] * cosine
                    weight += weights[at]
                    plain += cosine
                    having += 1
            if having == 0 and not words[row] > 0:
                continue
            total = 0.0
            if having > 0:
                total = value * every / weight if weight > 0 else plain / having
                total -= penalties[group]
            said = words[row]
            # Checked when they are used: another thread may write to the arrays.
            if 0 <= before[row] < rows:
                said += neighbor_share * words[before[row]]
            if 0 <= after[row] < rows:
                said += neighbor_share * words[after[row]]
            out[row] = total + word_weight * said
    return relevance


def best(const float[::1] scores not None, Py_ssize_t k, const uint8_t[::1] allowed not None):
    """Return the rows with the highest scores.

    Args:
        scores: float32[rows], C-contiguous; NaN for rows that do not count.
        k: 1 to 65,536, the most rows to give.
        allowed: uint8[rows], C-contiguous; zero for rows that do not count either.

    Returns:
        Rows (array "i") and their scores (array "f"), the best first, of equal ones the lower row.

    Raises:
        ValueError: a dtype, layout, length or value other than the above.
    """
    cdef Py_ssize_t row, rows = scores.shape[0]
    cdef shortlist found
    check_length("allowed", allowed.shape[0], rows)
    if not 1 <= k <= MOST_RESULTS:
        raise ValueError(f"k is {k}, not within 1 to {MOST_RESULTS}")
    open_shortlist(&found, min(k, rows), -INFINITY)
    try:
        with nogil:
            for row in range(rows):
                if allowed[row]:
                    push(&found, scores[row], <uint32_t>row)
            settle(&found)
        return results(&found, 1.0)
    finally:
        free(found.keys)


cdef check_length(str name, Py_ssize_t is_long, Py_ssize_t should_be):
    if is_long != should_be:
        raise ValueError(f"{name} has {is_long} values, not {should_be}")


cdef array.array FLOATS = array.array("f")
