"""Lists of documents by term; the header describes each function."""

from libc.stdint cimport uint32_t, uint64_t

cdef extern from "postings.h" nogil:
    uint32_t MOST_DOCUMENTS
    ctypedef struct term_slot:
        uint32_t count
    ctypedef struct postings:
        size_t size
    uint32_t posting_document(uint32_t posting)
    uint32_t posting_count(uint32_t posting)
    uint32_t *posting_list(term_slot *slot)
    term_slot *find_slot(const postings *every, uint64_t term)
    size_t postings_bytes(const postings *every)
    void free_postings(postings *every)
    bint add_posting(postings *every, uint64_t term, uint32_t document, uint32_t times)
    bint renumber(postings *old, postings *new, const uint32_t *numbers, uint32_t none)
