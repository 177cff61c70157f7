"""WordPiece for BERT's uncased vocabularies: the ids of the `tokenizers` library, faster.

A text is folded character by character (lower case, no accents), split into words and single signs,
and each word is cut greedily into the longest pieces of the vocabulary. What becomes of a character
is a table look-up, and the table holds only characters on which Unicode 3.2 and the running
Python's Unicode agree, so it is the same for every Python and every release of the library. A text
with any other character is not guessed at: `encode` returns None and the caller asks the library.

Measured with the MiniLM vocabulary on one x86-64 core against tokenizers 0.23: a sentence of 9 words
0.3 against 17 microseconds, 150 words with dashes and accents 7 against 357.
"""

import unicodedata
from pathlib import Path

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memcmp

cdef enum:
    TABLE_END = 0x3400
    IDEOGRAPHS = 0x4E00  # these need no table: each one stands alone
    IDEOGRAPHS_END = 0x9FA6  # as of Unicode 3.2
    LONGEST_WORD = 100  # in characters; a longer one is unknown as a whole
    SLOTS = 1 << 17  # a quarter full with 30,522 pieces
    FIRST = 0x811C9DC5  # where the hash of a word's first piece starts
    INNER = 0x1E3779B9  # and that of a later one, which a vocabulary writes "##piece"

cdef enum Kind:
    UNCOVERED
    DROPPED
    SPACE
    LETTER
    ALONE

# A slot of the hash table; it is free while `length` is zero.
cdef struct Slot:
    uint32_t hashed
    int32_t id
    uint32_t start
    uint16_t length
    uint16_t inner

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


cdef inline uint32_t hash_step(uint32_t hashed, uint16_t letter) noexcept nogil:
    """One step of FNV-1a over 16-bit letters."""
    return (hashed ^ letter) * <uint32_t>16777619


cdef inline uint32_t first_slot(uint32_t hashed) noexcept nogil:
    return (hashed ^ (hashed >> 15)) & (SLOTS - 1)


def classify(letter: str) -> tuple[int, str]:
    """Classify a character: its kind and the one character that it folds to.

    The order is that of BERT's normaliser: control characters, white space, accents, lower case.
    """
    old = unicodedata.ucd_3_2_0
    category = unicodedata.category(letter)
    agreed = category == old.category(letter)
    if not agreed or unicodedata.decomposition(letter) != old.decomposition(letter):
        return UNCOVERED, letter
    if category[0] == "Z" or letter in "\t\n\r":
        return SPACE, " "
    if category == "Cn":
        return UNCOVERED, letter
    if category[0] == "C":
        return DROPPED, ""
    parts = unicodedata.normalize("NFD", letter)
    folded = "".join(part for part in parts if unicodedata.category(part) != "Mn").lower()
    if not folded:
        return DROPPED, ""
    if len(folded) > 1 or ord(folded) >= TABLE_END:
        return UNCOVERED, letter
    # ASCII's signs count as punctuation even where Unicode calls them symbols: $ + < = > ^ ` | ~
    sign = "!" <= folded <= "~" and not folded.isalnum()
    return (ALONE if sign or unicodedata.category(folded)[0] == "P" else LETTER), folded


cdef class WordPiece:
    """Turns text into the ids of a BERT vocabulary; immutable, so threads may share one.

    Args:
        vocabulary: the pieces in the order of their ids, later pieces of a word as "##piece".

    Raises:
        ValueError: a piece occurs twice, or [UNK], [CLS] or [SEP] is missing.
    """

    cdef uint8_t *kinds
    cdef uint16_t *folds
    cdef Slot *slots
    cdef uint16_t *letters  # of all pieces, one after the other
    cdef Py_ssize_t longest
    cdef int32_t unknown, opening, closing

    def __cinit__(self, list vocabulary not None):
        if len(vocabulary) > SLOTS // 2:
            raise ValueError(f"a vocabulary has at most {SLOTS // 2} pieces, not {len(vocabulary)}")
        self.kinds = <uint8_t *>PyMem_Calloc(TABLE_END, sizeof(uint8_t))
        self.folds = <uint16_t *>PyMem_Calloc(TABLE_END, sizeof(uint16_t))
        self.slots = <Slot *>PyMem_Calloc(SLOTS, sizeof(Slot))
        total = sum(map(len, vocabulary))
        self.letters = <uint16_t *>PyMem_Calloc(total + 1, sizeof(uint16_t))
        if not (self.kinds and self.folds and self.slots and self.letters):
            raise MemoryError
        self.fill_table()
        self.fill_slots(vocabulary)

    def __dealloc__(self):
        PyMem_Free(self.kinds)
        PyMem_Free(self.folds)
        PyMem_Free(self.slots)
        PyMem_Free(self.letters)

    @classmethod
    def from_file(cls, path):
        """Read a `vocab.txt`: UTF-8, a piece a line."""
        return cls(Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n"))

    cdef fill_table(self):
        cdef Py_ssize_t code
        for code in range(TABLE_END):
            kind, folded = classify(chr(code))
            self.kinds[code] = kind
            self.folds[code] = ord(folded) if folded else 0

    cdef fill_slots(self, list vocabulary):
        cdef uint32_t used = 0
        ids = {piece: number for number, piece in enumerate(vocabulary)}
        if len(ids) != len(vocabulary):
            raise ValueError("a piece occurs twice in the vocabulary")
        missing = [name for name in ("[UNK]", "[CLS]", "[SEP]") if name not in ids]
        if missing:
            raise ValueError(f"the vocabulary has no {', '.join(missing)}")
        self.unknown, self.opening, self.closing = ids["[UNK]"], ids["[CLS]"], ids["[SEP]"]
        for piece, number in ids.items():
            used = self.add(piece, number, used)

    cdef uint32_t add(self, str piece, int32_t number, uint32_t start) except? 0:
        """Enter one piece, its letters at `start` of the pool; return where the next may start."""
        cdef bint inner = piece.startswith("##")
        cdef str body = piece[2:] if inner else piece
        cdef Py_ssize_t i, length = len(body)
        cdef uint32_t hashed = INNER if inner else FIRST, at
        # No covered text contains the others, or a word as long as that.
        if length == 0 or length > LONGEST_WORD or max(body) > "\uffff":
            return start
        for i in range(length):
            self.letters[start + i] = <uint16_t>ord(body[i])
            hashed = hash_step(hashed, self.letters[start + i])
        at = first_slot(hashed)
        while self.slots[at].length:
            at = (at + 1) & (SLOTS - 1)
        self.slots[at] = Slot(hashed, number, start, <uint16_t>length, inner)
        self.longest = max(self.longest, length)
        return start + <uint32_t>length

    cdef inline int32_t find(
        self, const uint16_t *word, Py_ssize_t length, uint32_t hashed, bint inner
    ) noexcept nogil:
        """Return the id of a piece, or -1."""
        cdef uint32_t at = first_slot(hashed)
        cdef const Slot *slot = &self.slots[at]
        while slot.length:
            if slot.hashed == hashed and slot.length == length and slot.inner == inner:
                if memcmp(self.letters + slot.start, word, length * sizeof(uint16_t)) == 0:
                    return slot.id
            at = (at + 1) & (SLOTS - 1)
            slot = &self.slots[at]
        return -1

    cdef inline Py_ssize_t cut(
        self, const uint16_t *word, Py_ssize_t length, int32_t *pieces
    ) noexcept nogil:
        """Cut a word into its pieces' ids, at most one a letter; return how many there are."""
        cdef uint32_t[LONGEST_WORD + 1] hashes
        cdef Py_ssize_t start = 0, end, size, count = 0
        cdef int32_t found
        while start < length:
            size = min(length - start, self.longest)
            hashes[0] = INNER if start else FIRST
            for end in range(size):
                hashes[end + 1] = hash_step(hashes[end], word[start + end])
            found = -1
            while size > 0:
                found = self.find(word + start, size, hashes[size], start > 0)
                if found >= 0:
                    break
                size -= 1
            if found < 0:
                pieces[0] = self.unknown
                return 1
            pieces[count] = found
            count += 1
            start += size
        return count

    cdef bint append(
        self, list ids, const uint16_t *word, Py_ssize_t length, Py_ssize_t room
    ) except -1:
        """Add a word's ids; return whether that leaves no room for another one."""
        cdef int32_t[LONGEST_WORD] pieces
        cdef Py_ssize_t i, count = 1
        if length <= LONGEST_WORD:
            count = self.cut(word, length, pieces)
        else:
            pieces[0] = self.unknown
        for i in range(min(count, room - len(ids))):
            ids.append(pieces[i])
        return len(ids) >= room

    def encode(self, str text not None, Py_ssize_t max_tokens):
        """Give the ids of a text, with [CLS] before and [SEP] after them.

        Args:
            text: any string.
            max_tokens: the most ids to return, at least 2; the text's end is cut off to fit.

        Returns:
            The ids, equal to the library's, or None if the text (as far as it fits) holds a
            character that the table does not cover or spells a special token such as "[SEP]".

        Raises:
            ValueError: max_tokens is less than 2.
        """
        if max_tokens < 2:
            raise ValueError(f"max_tokens is {max_tokens}, but [CLS] and [SEP] need 2")
        cdef int width = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t i, length = 0, total = len(text), room = max_tokens - 1
        cdef uint16_t[LONGEST_WORD] word
        cdef uint16_t folded
        cdef uint32_t letter
        cdef int kind
        cdef list ids = [self.opening]
        cdef bint full = len(ids) >= room
        for i in range(total):
            if full:
                break
            letter = PyUnicode_READ(width, data, i)
            if letter < TABLE_END:
                kind, folded = self.kinds[letter], self.folds[letter]
            elif IDEOGRAPHS <= letter < IDEOGRAPHS_END:
                kind, folded = ALONE, <uint16_t>letter
            else:
                return None
            if kind == LETTER:
                # One letter too many is counted, not kept: it makes the word unknown.
                if length < LONGEST_WORD:
                    word[length] = folded
                length += 1
                continue
            if kind == DROPPED:
                continue
            if kind == UNCOVERED or (letter == c"[" and text.startswith(SPECIAL, i)):
                return None
            if length:
                full = self.append(ids, word, length, room)
                length = 0
            if kind == ALONE and not full:
                full = self.append(ids, &folded, 1, room)
        if length and not full:
            self.append(ids, word, length, room)
        ids.append(self.closing)
        return ids
