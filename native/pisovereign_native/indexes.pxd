"""What the two indexes share: a list of the best, its results as arrays, and a lock."""

from cpython cimport array
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport malloc

cdef extern from "keys.h" nogil:
    float key_value(uint64_t key)
    uint32_t key_id(uint64_t key)

cdef extern from "shortlist.h" nogil:
    ctypedef struct shortlist:
        uint64_t *keys
        ptrdiff_t k
        ptrdiff_t count
        ptrdiff_t room
        float bound
    void push(shortlist *found, float score, uint32_t row)
    void settle(shortlist *found)

# A search releases the GIL, so that others can run; a change waits until no search is under way.
cdef extern from "<pthread.h>" nogil:
    ctypedef struct pthread_rwlock_t:
        pass
    int pthread_rwlock_init(pthread_rwlock_t *lock, const void *attributes)
    int pthread_rwlock_destroy(pthread_rwlock_t *lock)
    int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
    int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
    int pthread_rwlock_unlock(pthread_rwlock_t *lock)


cdef inline int open_shortlist(shortlist *found, ptrdiff_t k, float bound) except -1:
    """Make room to find the best k that are greater than a bound; the caller frees the keys."""
    found.k, found.count, found.bound = k, 0, bound
    found.room = 2 * k + 64  # so the k-th best is looked for once in at least k + 64 candidates
    found.keys = <uint64_t *>malloc(found.room * sizeof(uint64_t))
    if found.keys == NULL:
        raise MemoryError
    return 0


cdef inline tuple results(const shortlist *found, float scale):
    """What was found as arrays: rows, and scores times the scale."""
    cdef array.array rows = array.array("i"), scores = array.array("f")
    cdef ptrdiff_t i
    array.resize(rows, found.count)
    array.resize(scores, found.count)
    for i in range(found.count):
        rows.data.as_ints[i] = <int32_t>key_id(found.keys[i])
        scores.data.as_floats[i] = key_value(found.keys[i]) * scale
    return rows, scores
