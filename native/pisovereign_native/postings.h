/* Lists of documents by term: a hash table whose slots hold the first postings themselves.
 *
 * A posting is one integer: the document in the upper 24 bits, how often it has the term in the
 * lower 8. Most terms occur in one or two documents, which fit the slot in place of a pointer.
 */
#ifndef PISOVEREIGN_POSTINGS_H
#define PISOVEREIGN_POSTINGS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define INLINE_POSTINGS 2
#define MOST_DOCUMENTS (UINT32_C(1) << 24)
#define MOST_COUNT 255 /* beyond that more of the same word says nothing */

typedef struct {
    uint64_t term;
    uint32_t count; /* of postings; the slot is free while it is zero */
    uint32_t room; /* of the memory that `list` points to; zero while they are in the slot */
    union {
        uint32_t few[INLINE_POSTINGS];
        uint32_t *list;
    } at;
} term_slot;

typedef struct {
    term_slot *slots; /* a power of two of them, or NULL */
    size_t size, used;
    size_t list_bytes;
} postings;

static inline uint32_t posting_document(uint32_t posting) {
    return posting >> 8;
}

static inline uint32_t posting_count(uint32_t posting) {
    return posting & MOST_COUNT;
}

static inline uint32_t *posting_list(term_slot *slot) {
    return slot->room ? slot->at.list : slot->at.few;
}

/* The slot of a term, or the free one where it belongs. Terms are keyed hashes already, but nobody
 * has to promise that: their bits are mixed once more (the finalizer of MurmurHash3). */
static inline term_slot *find_slot(const postings *all, uint64_t term) {
    uint64_t mixed = (term ^ (term >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    size_t at = (size_t)(mixed ^ (mixed >> 33)) & (all->size - 1);
    while (all->slots[at].count && all->slots[at].term != term) at = (at + 1) & (all->size - 1);
    return &all->slots[at];
}

static inline size_t postings_bytes(const postings *all) {
    return all->size * sizeof(term_slot) + all->list_bytes;
}

static void free_postings(postings *all) {
    for (size_t i = 0; i < all->size; i++)
        if (all->slots[i].room) free(all->slots[i].at.list);
    free(all->slots);
    memset(all, 0, sizeof *all);
}

/* Make the table larger, at most three quarters full; 0 if there is no memory. */
static int grow_table(postings *all) {
    const postings old = *all;
    if (old.used + 1 <= old.size / 4 * 3) return 1;
    all->size = old.size ? old.size * 2 : 64;
    all->slots = calloc(all->size, sizeof *all->slots);
    if (all->slots == NULL) {
        *all = old;
        return 0;
    }
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].count) *find_slot(all, old.slots[i].term) = old.slots[i];
    free(old.slots);
    return 1;
}

/* Make room for one more posting; 0 if there is no memory. */
static int grow_list(postings *all, term_slot *slot) {
    if (slot->count < (slot->room ? slot->room : INLINE_POSTINGS)) return 1;
    const uint32_t room = slot->count + slot->count / 2 + 1;
    uint32_t *list = realloc(slot->room ? slot->at.list : NULL, room * sizeof *list);
    if (list == NULL) return 0;
    if (!slot->room) memcpy(list, slot->at.few, sizeof slot->at.few);
    all->list_bytes += (room - slot->room) * sizeof *list;
    slot->at.list = list;
    slot->room = room;
    return 1;
}

/* Say that the document, the latest of all, has a term some more times; 0 if there is no memory. */
static int add_posting(postings *all, uint64_t term, uint32_t document, uint32_t times) {
    if (!grow_table(all)) return 0;
    term_slot *slot = find_slot(all, term);
    if (slot->count) {
        uint32_t *last = &posting_list(slot)[slot->count - 1];
        if (posting_document(*last) == document) {
            times += posting_count(*last);
            *last = document << 8 | (times < MOST_COUNT ? times : MOST_COUNT);
            return 1;
        }
    }
    if (!grow_list(all, slot)) return 0;
    posting_list(slot)[slot->count] = document << 8 | (times < MOST_COUNT ? times : MOST_COUNT);
    all->used += slot->count++ == 0;
    slot->term = term;
    return 1;
}

/* Write the postings of `from` whose document has a new number, under that number, to the empty
 * `to`; 0 if there is no memory. The order of documents is kept. */
static int renumber(postings *from, postings *to, const uint32_t *numbers, uint32_t none) {
    for (size_t i = 0; i < from->size; i++) {
        term_slot *slot = &from->slots[i];
        const uint32_t *list = posting_list(slot);
        for (uint32_t j = 0; j < slot->count; j++) {
            const uint32_t number = numbers[posting_document(list[j])];
            if (number == none) continue;
            if (!add_posting(to, slot->term, number, posting_count(list[j]))) return 0;
        }
    }
    return 1;
}

#endif
