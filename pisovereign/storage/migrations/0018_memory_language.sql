-- What a memory is written in, as search needs to know: models differ in what they can read. NULL
-- where it is not clear, and for what was stored before this, until it is read again.
ALTER TABLE memory_terms ADD COLUMN language text;
