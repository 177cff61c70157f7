"""Cosine similarity over many vectors in a byte a value, with the best found in the same pass.

A vector becomes integers by the greatest of its values, and a scale that makes their length 1. So
similarities are cosines of what is kept, and as products of integers are exact, every kernel gives
the same ones. Rows are numbered by the caller and lie in chunks: an index grows without moving.

The integers lie in two planes of nibbles. The upper ones decide for nearly every row that it cannot
be among the best, so a search reads little more than half the memory, and finds exactly what a
search of all of it would. Measured with MiniLM's vectors on one x86-64 core, top 10 of 100,000 and
1,000,000: 0.6 and 7.5 ms; reading all takes 1.4 and 13.4. Random vectors, whose best are hardly
better than the rest, need more of the lower plane: 1.7 and 17.
"""

from cpython cimport array
from libc.math cimport INFINITY, NAN
from libc.stdint cimport int8_t, int32_t, uint8_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from .indexes cimport (
    open_shortlist, pthread_rwlock_destroy, pthread_rwlock_init, pthread_rwlock_rdlock,
    pthread_rwlock_t, pthread_rwlock_unlock, pthread_rwlock_wrlock, results, settle, shortlist,
)
from .scan cimport (
    CHUNK_BYTES, DOTS_COUNT, DOTS_KERNELS, all_finite, ask, cosines_of, dots_run, free_chunk,
    new_chunk, pack_row, question, rough_cosines_of, rows_view, scan_block, scan_waiting, scanner,
)

cdef enum:
    BLOCK = 64  # rows that are scored before the best are picked
    GROUP = 64  # bytes of a plane at a time
    WIDEST = 8192  # values: the sum of so many products fits 32 bits
    MOST_ROWS = 1 << 24
    MOST_RESULTS = 1 << 16

cdef struct Chunk:
    uint8_t *high
    uint8_t *low
    float *scales  # NaN marks an empty row: no comparison picks it
    float *slacks


def kernels() -> tuple[str, ...]:
    """Return the names of the kernels that this processor can run, fastest first."""
    return tuple(
        DOTS_KERNELS[i].name.decode() for i in range(DOTS_COUNT) if DOTS_KERNELS[i].runs_here()
    )


cdef dots_run *find_kernel(str name) except NULL:
    for i in range(DOTS_COUNT):
        if DOTS_KERNELS[i].name.decode() == name and DOTS_KERNELS[i].runs_here():
            return DOTS_KERNELS[i].run
    raise ValueError(f"no kernel {name!r} runs here, only {', '.join(kernels())}")


cdef class VectorIndex:
    """Vectors by row number; any thread may call anything at any time.

    Args:
        width: values of a vector, 1 to 8,192.
        kernel: one of `kernels()`, for tests; without it the fastest.

    Raises:
        ValueError: an argument other than the above.
    """

    cdef Py_ssize_t width, size  # values of a vector, bytes of a row in each plane
    cdef Py_ssize_t chunk_rows  # a multiple of BLOCK
    cdef dots_run *run
    cdef readonly str kernel
    cdef Chunk *chunks
    cdef Py_ssize_t chunk_count, room  # chunks, and how many the list has room for
    cdef Py_ssize_t end, filled  # these and the list change under the lock and the GIL
    cdef pthread_rwlock_t lock  # nobody waits for it with the GIL

    def __cinit__(self, Py_ssize_t width, str kernel=None):
        pthread_rwlock_init(&self.lock, NULL)
        if not 1 <= width <= WIDEST:
            raise ValueError(f"width is {width}, not within 1 to {WIDEST}")
        self.width = width
        self.size = (width + 2 * GROUP - 1) // (2 * GROUP) * GROUP
        self.chunk_rows = (
            CHUNK_BYTES // (2 * self.size + 2 * <Py_ssize_t>sizeof(float)) // BLOCK * BLOCK
        )
        self.kernel = kernels()[0] if kernel is None else kernel
        self.run = find_kernel(self.kernel)

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.chunk_count):
            free_chunk(self.chunks[i].high)
        free(self.chunks)
        pthread_rwlock_destroy(&self.lock)

    def __len__(self) -> int:
        """Return how many rows hold a vector."""
        return self.filled

    @property
    def rows(self) -> int:
        """Return the row after the last that was ever filled."""
        return self.end

    @property
    def nbytes(self) -> int:
        """Return the memory of the index, in bytes."""
        return self.chunk_count * <Py_ssize_t>CHUNK_BYTES + self.room * <Py_ssize_t>sizeof(Chunk)

    def put(self, Py_ssize_t row, const float[::1] vector not None) -> None:
        """Fill a row, or replace what it holds.

        Args:
            row: 0 to `rows`; the latter makes the index longer.
            vector: float32[width], C-contiguous, finite; its length does not matter.

        Raises:
            ValueError: a dtype, layout, shape or value other than the above.
            IndexError: a row other than the above.
            MemoryError: there is none for another chunk; nothing has changed.
        """
        cdef Py_ssize_t at = row % self.chunk_rows
        cdef bint fits = True, grown = True
        cdef Chunk *chunk
        self.check(vector)
        if not 0 <= row < MOST_ROWS:
            raise IndexError(f"row is {row}, not within 0 to {MOST_ROWS - 1}")
        with nogil:
            pthread_rwlock_wrlock(&self.lock)
        fits = row <= self.end
        if fits:
            grown = row // self.chunk_rows < self.chunk_count or self.grow()
            if grown:
                chunk = &self.chunks[row // self.chunk_rows]
                if row == self.end:
                    self.end += 1
                    chunk.scales[at] = NAN
                self.filled += chunk.scales[at] != chunk.scales[at]
                pack_row(
                    &vector[0], self.width, 2 * self.size, chunk.high + at * self.size,
                    chunk.low + at * self.size, &chunk.scales[at], &chunk.slacks[at],
                )
        pthread_rwlock_unlock(&self.lock)
        if not grown:
            raise MemoryError
        if not fits:
            raise IndexError(f"row {row} would leave a gap: the index has {self.end}")

    def remove(self, Py_ssize_t row) -> None:
        """Empty a row and wipe its memory.

        Raises:
            IndexError: the row holds no vector.
        """
        cdef Py_ssize_t at = row % self.chunk_rows
        cdef bint was_filled = False
        cdef Chunk *chunk
        with nogil:
            pthread_rwlock_wrlock(&self.lock)
        if 0 <= row < self.end:
            chunk = &self.chunks[row // self.chunk_rows]
            was_filled = chunk.scales[at] == chunk.scales[at]
        if was_filled:
            memset(chunk.high + at * self.size, 0, self.size)
            memset(chunk.low + at * self.size, 0, self.size)
            chunk.scales[at] = NAN
            self.filled -= 1
        pthread_rwlock_unlock(&self.lock)
        if not was_filled:
            raise IndexError(f"row {row} holds no vector")

    def search(
        self, const float[::1] query not None, Py_ssize_t k, const uint8_t[::1] allowed=None
    ):
        """Find the rows most similar to a query.

        Args:
            query: float32[width], C-contiguous, finite; its length does not matter.
            k: 1 to 65,536, the most rows to give.
            allowed: uint8[rows], C-contiguous; zero for rows that do not count.

        Returns:
            Rows (array "i") and their cosines (array "f"), the most similar first, of equal ones
            the lower row. Fewer than k where fewer rows are filled and allowed.

        Raises:
            ValueError: a dtype, layout, shape or value other than the above.
        """
        cdef Py_ssize_t end = self.end  # rows added meanwhile are left for the next search
        cdef const uint8_t *mask = NULL
        cdef shortlist found
        cdef int8_t[WIDEST + 2 * GROUP] room
        cdef question asked
        cdef float scale
        self.check(query)
        if not 1 <= k <= MOST_RESULTS:
            raise ValueError(f"k is {k}, not within 1 to {MOST_RESULTS}")
        if allowed is not None and allowed.shape[0] != end:
            raise ValueError(f"allowed has {allowed.shape[0]} rows, the index has {end}")
        if allowed is not None and end > 0:
            mask = &allowed[0]
        open_shortlist(&found, min(k, end), -INFINITY)
        try:
            with nogil:
                ask(&asked, room, &query[0], self.width, 2 * self.size)
                pthread_rwlock_rdlock(&self.lock)
                self.scan(&asked, end, mask, &found)
                pthread_rwlock_unlock(&self.lock)
                settle(&found)
            return results(&found, asked.scale)
        finally:
            free(found.keys)

    def cosines(self, const float[::1] query not None, const int32_t[::1] rows not None):
        """Return the similarity of a query to each of some rows.

        Args:
            query: float32[width], C-contiguous, finite; its length does not matter.
            rows: int32[n], C-contiguous, such as array "i".

        Returns:
            array "f" of n cosines; NaN for a row that is empty.

        Raises:
            ValueError: a dtype, layout, shape or value other than the above.
            IndexError: a row that the index does not have.
        """
        cdef Py_ssize_t i = 0, row = 0, count = rows.shape[0], end = self.end
        cdef array.array scores = array.clone(FLOATS, count, zero=False)
        cdef float *out = scores.data.as_floats
        cdef int8_t[WIDEST + 2 * GROUP] room
        cdef question asked
        self.check(query)
        with nogil:
            ask(&asked, room, &query[0], self.width, 2 * self.size)
            pthread_rwlock_rdlock(&self.lock)
            while i < count:
                row = rows[i]  # checked when it is used: another thread may write to the array
                if not 0 <= row < end:
                    break
                cosines_of(self.run, self.size, &asked, self.view(row), 1, out + i)
                i += 1
            pthread_rwlock_unlock(&self.lock)
        if i < count:
            raise IndexError(f"there is no row {row}: the index has {end}")
        return scores

    def all_cosines(self, const float[::1] query not None, bint rough=False):
        """Return the similarity to every row: array "f" of `rows` cosines, NaN for empty rows.

        Args:
            query: float32[width], C-contiguous, finite; its length does not matter.
            rough: Read half the memory, for cosines that are off by 0.006 or so.

        Raises:
            ValueError: see `search`.
        """
        cdef Py_ssize_t first = 0, end = self.end
        cdef array.array scores = array.clone(FLOATS, end, zero=False)
        cdef float *out = scores.data.as_floats
        cdef int8_t[WIDEST + 2 * GROUP] room
        cdef question asked
        self.check(query)
        with nogil:
            ask(&asked, room, &query[0], self.width, 2 * self.size)
            pthread_rwlock_rdlock(&self.lock)
            while first < end:
                (rough_cosines_of if rough else cosines_of)(
                    self.run, self.size, &asked, self.view(first), min(BLOCK, end - first),
                    out + first,
                )
                first += BLOCK
            pthread_rwlock_unlock(&self.lock)
        return scores

    cdef void scan(
        self, const question *asked, Py_ssize_t end, const uint8_t *allowed, shortlist *found
    ) noexcept nogil:
        cdef scanner scan
        cdef Py_ssize_t first = 0
        scan.run, scan.size, scan.count = self.run, self.size, 0
        scan.asked, scan.list = asked, found
        while first < end:
            scan_block(
                &scan, self.view(first), min(BLOCK, end - first), <uint32_t>first,
                allowed + first if allowed else NULL,
            )
            first += BLOCK
        scan_waiting(&scan)

    cdef inline rows_view view(self, Py_ssize_t row) noexcept nogil:
        """Return a row and those after it in its chunk."""
        cdef const Chunk *chunk = &self.chunks[row // self.chunk_rows]
        cdef Py_ssize_t at = row % self.chunk_rows
        return rows_view(
            chunk.high + at * self.size, chunk.low + at * self.size, chunk.scales + at,
            chunk.slacks + at,
        )

    cdef bint grow(self) noexcept nogil:
        """Add a chunk; False if there is no memory."""
        cdef Py_ssize_t room = self.room if self.chunk_count < self.room else self.room * 2 + 4
        cdef Py_ssize_t rows = self.chunk_rows, plane = rows * self.size
        cdef void *memory
        if room > self.room:
            memory = realloc(self.chunks, room * sizeof(Chunk))
            if memory == NULL:
                return False
            self.chunks, self.room = <Chunk *>memory, room
        memory = new_chunk(self.chunk_count > 0)
        if memory == NULL:
            return False
        self.chunks[self.chunk_count].high = <uint8_t *>memory
        self.chunks[self.chunk_count].low = <uint8_t *>memory + plane
        self.chunks[self.chunk_count].scales = <float *>(<uint8_t *>memory + 2 * plane)
        self.chunks[self.chunk_count].slacks = <float *>(<uint8_t *>memory + 2 * plane) + rows
        self.chunk_count += 1
        return True

    cdef check(self, const float[::1] vector):
        if vector.shape[0] != self.width:
            raise ValueError(f"a vector has {self.width} values here, not {vector.shape[0]}")
        if not all_finite(&vector[0], self.width):
            raise ValueError("a vector has values that are not finite")


cdef array.array FLOATS = array.array("f")
