"""BM25 over the words of many short texts, where a word is a 64-bit number.

The caller numbers words by a keyed hash, so this index and where it is stored hold no words, and
numbers texts by row. A text gets a document number of its own each time it is put; the postings of
documents that were removed or replaced are passed over, and dropped when they are a third of all.
Scores are those of an index that never had them.
"""

from cpython cimport array
from libc.math cimport log1p
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memset

from .indexes cimport (
    open_shortlist, pthread_rwlock_destroy, pthread_rwlock_init, pthread_rwlock_rdlock,
    pthread_rwlock_t, pthread_rwlock_unlock, pthread_rwlock_wrlock, push, results, settle,
    shortlist,
)
from .postings cimport (
    MOST_DOCUMENTS, add_posting, find_slot, free_postings, posting_count, posting_document,
    posting_list, postings, postings_bytes, renumber, term_slot,
)

cdef enum:
    MOST_ROWS = 1 << 23  # so that a compaction always frees document numbers
    MOST_RESULTS = 1 << 16
    FEW_DEAD = 64  # documents that are not worth a compaction

cdef uint32_t NONE = 0xFFFFFFFF

cdef extern from *:
    """
    #define PISOVEREIGN_LOAD(at) __atomic_load_n((at), __ATOMIC_RELAXED)
    #define PISOVEREIGN_STORE(at, value) __atomic_store_n((at), (value), __ATOMIC_RELAXED)
    """
    size_t load "PISOVEREIGN_LOAD" (const size_t *at) noexcept nogil
    void store "PISOVEREIGN_STORE" (size_t *at, size_t value) noexcept nogil

cdef struct Document:
    uint32_t row  # NONE once it is removed
    uint32_t length


cdef class LexicalIndex:
    """Texts by row number; any thread may call anything at any time.

    Args:
        k1: 0 to 10, how much more a word that is repeated counts.
        b: 0 to 1, how much less one of a long text counts.

    Raises:
        ValueError: an argument out of its range.
    """

    cdef postings words
    cdef Document *documents
    cdef uint32_t *latest  # of each row: the number of its document, or NONE
    cdef size_t count, room  # documents, and how many there is room for
    cdef size_t row_room
    cdef size_t end, live  # changed under the lock; read with the GIL alone, and so atomic
    cdef uint64_t total  # length of all live documents
    cdef float k1, b
    cdef pthread_rwlock_t lock

    def __cinit__(self, double k1=1.2, double b=0.75):
        pthread_rwlock_init(&self.lock, NULL)
        if not (0.0 <= k1 <= 10.0 and 0.0 <= b <= 1.0):
            raise ValueError(f"k1 is {k1} and b is {b}, not within 0 to 10 and 0 to 1")
        self.k1, self.b = k1, b

    def __dealloc__(self):
        free_postings(&self.words)
        free(self.documents)
        free(self.latest)
        pthread_rwlock_destroy(&self.lock)

    def __len__(self) -> int:
        """Return how many rows hold a text."""
        return load(&self.live)

    @property
    def rows(self) -> int:
        """Return the row after the last that was ever filled."""
        return load(&self.end)

    @property
    def nbytes(self) -> int:
        """Return the memory of the index, in bytes."""
        cdef size_t total
        with nogil:
            pthread_rwlock_rdlock(&self.lock)
            total = self.room * sizeof(Document) + self.row_room * sizeof(uint32_t)
            total += postings_bytes(&self.words)
            pthread_rwlock_unlock(&self.lock)
        return total

    def put(
        self,
        Py_ssize_t row,
        const int64_t[::1] terms not None,
        const int32_t[::1] counts not None,
        Py_ssize_t length,
    ) -> None:
        """Fill a row, or replace what it holds.

        Args:
            row: 0 to `rows`; the latter makes the index longer.
            terms: int64[n], C-contiguous, such as array "q": the text's words.
            counts: int32[n], C-contiguous: how often it has each, 1 or more (255 count at most).
            length: how long the text is; usually the sum of counts.

        Raises:
            ValueError: a dtype, layout, length or count other than the above.
            IndexError: a row other than the above.
            MemoryError: the row holds what it did before.
        """
        cdef Py_ssize_t i
        cdef bint fits = True, added = False
        if counts.shape[0] != terms.shape[0]:
            raise ValueError(f"there are {terms.shape[0]} terms and {counts.shape[0]} counts")
        for i in range(counts.shape[0]):
            if counts[i] < 1:
                raise ValueError(f"count {i} is {counts[i]}, not at least 1")
        if not 0 <= length <= INT32_MAX:
            raise ValueError(f"length is {length}, not within 0 to {INT32_MAX}")
        if not 0 <= row < MOST_ROWS:
            raise IndexError(f"row is {row}, not within 0 to {MOST_ROWS - 1}")
        with nogil:
            pthread_rwlock_wrlock(&self.lock)
            fits = <size_t>row <= self.end
            if fits:
                added = self.reserve() and self.add(terms, counts, <uint32_t>length)
            if added:
                self.assign(row)
                self.compact_if_worth()
            pthread_rwlock_unlock(&self.lock)
        if not fits:
            raise IndexError(f"row {row} would leave a gap: the index has {load(&self.end)}")
        if not added:
            raise MemoryError

    def remove(self, Py_ssize_t row) -> None:
        """Empty a row.

        Raises:
            IndexError: the row holds no text.
        """
        cdef bint was_filled = False
        with nogil:
            pthread_rwlock_wrlock(&self.lock)
            if 0 <= row and <size_t>row < self.end:
                was_filled = self.forget(row)
                self.compact_if_worth()
            pthread_rwlock_unlock(&self.lock)
        if not was_filled:
            raise IndexError(f"row {row} holds no text")

    def compact(self) -> None:
        """Drop the remains of removed texts now, rather than when it is a third of all.

        Raises:
            MemoryError: it needs as much memory again for a moment; nothing has changed.
        """
        cdef bint done
        with nogil:
            pthread_rwlock_wrlock(&self.lock)
            done = self.drop_dead()
            pthread_rwlock_unlock(&self.lock)
        if not done:
            raise MemoryError

    def search(
        self,
        const int64_t[::1] terms not None,
        Py_ssize_t k,
        const float[::1] weights=None,
        const uint8_t[::1] allowed=None,
    ):
        """Find the rows that say most of some words.

        Args:
            terms: int64[n], C-contiguous; a word that is repeated counts as often.
            k: 1 to 65,536, the most rows to give.
            weights: float32[n], C-contiguous, finite, above 0; without them each word weighs 1.
            allowed: uint8[rows], C-contiguous; zero for rows that do not count.

        Returns:
            Rows (array "i") and their scores (array "f"), the best first, of equal ones the lower
            row. Only rows that have one of the words.

        Raises:
            ValueError: a dtype, layout, length or value other than the above.
        """
        cdef size_t row, end = load(&self.end)  # rows added meanwhile are left for the next search
        cdef const uint8_t *mask = NULL
        cdef shortlist found
        cdef float *scores
        check_weights(terms, weights)
        if not 1 <= k <= MOST_RESULTS:
            raise ValueError(f"k is {k}, not within 1 to {MOST_RESULTS}")
        if allowed is not None and <size_t>allowed.shape[0] != end:
            raise ValueError(f"allowed has {allowed.shape[0]} rows, the index has {end}")
        if allowed is not None and end > 0:
            mask = &allowed[0]
        open_shortlist(&found, min(k, <Py_ssize_t>end), 0.0)
        try:
            scores = <float *>calloc(end + 1, sizeof(float))
            if scores == NULL:
                raise MemoryError
            with nogil:
                self.score(terms, weights, scores, end)
                for row in range(end):
                    if scores[row] > found.bound and (mask == NULL or mask[row]):
                        push(&found, scores[row], <uint32_t>row)
                free(scores)
                settle(&found)
            return results(&found, 1.0)
        finally:
            free(found.keys)

    def all_scores(self, const int64_t[::1] terms not None, const float[::1] weights=None):
        """Score every row: array "f" of `rows`, zero for a row that has none of the words.

        Raises:
            ValueError: see `search`.
        """
        cdef size_t end = load(&self.end)
        # Nothing is not zeroed: C's memset wants a pointer even then.
        cdef array.array scores = array.clone(FLOATS, end, zero=end > 0)
        check_weights(terms, weights)
        with nogil:
            self.score(terms, weights, scores.data.as_floats, end)
        return scores

    def rarities(self, const int64_t[::1] terms not None):
        """Return what each word adds to a row that has it once, of mean length: array "f".

        The fewer rows have a word, the more it is: ln(1 + (n - m + 0.5) / (m + 0.5)) for m of n.
        """
        cdef Py_ssize_t i
        cdef array.array rarities = array.clone(FLOATS, terms.shape[0], zero=False)
        with nogil:
            pthread_rwlock_rdlock(&self.lock)
            for i in range(terms.shape[0]):
                rarities.data.as_floats[i] = self.rarity(
                    find_slot(&self.words, <uint64_t>terms[i]) if self.words.size else NULL
                )
            pthread_rwlock_unlock(&self.lock)
        return rarities

    cdef inline float rarity(self, term_slot *slot) noexcept nogil:
        """Return the inverse document frequency of a word; `slot` is NULL for an unknown one."""
        cdef size_t having = 0 if slot == NULL else slot.count, i
        cdef const uint32_t *list
        if slot != NULL and self.count > self.live:
            having, list = 0, posting_list(slot)
            for i in range(slot.count):
                having += self.documents[posting_document(list[i])].row != NONE
        return log1p((self.live - having + 0.5) / (having + 0.5))

    cdef void score(
        self, const int64_t[::1] terms, const float[::1] weights, float *scores, size_t end
    ) noexcept nogil:
        """Add each term's share to the scores of the rows before `end`."""
        cdef Py_ssize_t i
        pthread_rwlock_rdlock(&self.lock)
        if self.live > 0 and self.words.size > 0:
            for i in range(terms.shape[0]):
                self.add_term(
                    <uint64_t>terms[i], weights[i] if weights is not None else 1.0, scores, end
                )
        pthread_rwlock_unlock(&self.lock)

    cdef inline void add_term(
        self, uint64_t term, float weight, float *scores, size_t end
    ) noexcept nogil:
        cdef term_slot *slot = find_slot(&self.words, term)
        cdef const uint32_t *list = posting_list(slot)
        cdef size_t i
        cdef const Document *document
        cdef float times, most, base = self.k1 * (1 - self.b), rise = 0.0
        if self.total > 0:
            rise = self.k1 * self.b * self.live / self.total
        most = weight * (self.k1 + 1) * self.rarity(slot)
        for i in range(slot.count):
            document = &self.documents[posting_document(list[i])]
            if document.row < end:  # and so not NONE
                times = posting_count(list[i])
                scores[document.row] += most * times / (times + base + rise * document.length)

    cdef bint reserve(self) noexcept nogil:
        """Make room for one more document and one more row; False if there is no memory."""
        cdef size_t room
        cdef void *memory
        if self.count == MOST_DOCUMENTS and not self.drop_dead():
            return False
        if self.count == self.room:
            room = self.room + self.room // 2 + 64
            memory = realloc(self.documents, room * sizeof(Document))
            if memory == NULL:
                return False
            self.documents, self.room = <Document *>memory, room
        if self.end == self.row_room:
            room = self.row_room + self.row_room // 2 + 64
            memory = realloc(self.latest, room * sizeof(uint32_t))
            if memory == NULL:
                return False
            self.latest, self.row_room = <uint32_t *>memory, room
        return True

    cdef bint add(
        self, const int64_t[::1] terms, const int32_t[::1] counts, uint32_t length
    ) noexcept nogil:
        """Append a document that belongs to no row yet; False if there is no memory."""
        cdef uint32_t number = <uint32_t>self.count
        cdef Py_ssize_t i
        self.documents[number] = Document(NONE, length)
        self.count += 1
        for i in range(terms.shape[0]):
            if not add_posting(&self.words, <uint64_t>terms[i], number, <uint32_t>counts[i]):
                return False  # what it got so far is dead, like a removed document
        return True

    cdef void assign(self, size_t row) noexcept nogil:
        """Make the last document that of a row."""
        cdef uint32_t number = <uint32_t>(self.count - 1)
        if row == self.end:
            store(&self.end, self.end + 1)
        else:
            self.forget(row)
        self.latest[row] = number
        self.documents[number].row = <uint32_t>row
        self.total += self.documents[number].length
        store(&self.live, self.live + 1)

    cdef bint forget(self, size_t row) noexcept nogil:
        """Remove a row's document; False if it has none."""
        cdef uint32_t number = self.latest[row]
        if number == NONE:
            return False
        self.documents[number].row = NONE
        self.total -= self.documents[number].length
        self.latest[row] = NONE
        store(&self.live, self.live - 1)
        return True

    cdef void compact_if_worth(self) noexcept nogil:
        if self.count - self.live > self.live // 2 + FEW_DEAD:
            self.drop_dead()  # without memory for it everything stays as it is

    cdef bint drop_dead(self) noexcept nogil:
        """Number the live documents anew and keep only their postings; False without memory."""
        cdef postings kept
        cdef uint32_t *numbers = <uint32_t *>malloc((self.count + 1) * sizeof(uint32_t))
        cdef uint32_t number = 0
        cdef size_t i
        if numbers == NULL:
            return False
        for i in range(self.count):
            numbers[i] = NONE if self.documents[i].row == NONE else number
            number += self.documents[i].row != NONE
        memset(&kept, 0, sizeof(kept))
        if not renumber(&self.words, &kept, numbers, NONE):
            free_postings(&kept)
            free(numbers)
            return False
        for i in range(self.count):
            if numbers[i] != NONE:
                self.documents[numbers[i]] = self.documents[i]
                self.latest[self.documents[i].row] = numbers[i]
        free(numbers)
        free_postings(&self.words)
        self.words, self.count = kept, self.live
        return True


cdef check_weights(const int64_t[::1] terms, const float[::1] weights):
    cdef Py_ssize_t i
    if weights is None:
        return
    if weights.shape[0] != terms.shape[0]:
        raise ValueError(f"there are {terms.shape[0]} terms and {weights.shape[0]} weights")
    for i in range(weights.shape[0]):
        if not 0.0 < weights[i] < 1e6:
            raise ValueError(f"weight {i} is {weights[i]}, not within 0 to 1,000,000")


cdef array.array FLOATS = array.array("f")
