-- What a model with tools did for an answer: its calls and their results, sealed like the answer itself.

ALTER TABLE messages ADD COLUMN tools bytea;
