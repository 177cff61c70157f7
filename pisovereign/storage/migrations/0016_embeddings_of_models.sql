-- A memory has a vector of each embedding model that is in use, and each model its own dimensions.
ALTER TABLE memory_embeddings
    DROP CONSTRAINT memory_embeddings_pkey,
    ADD PRIMARY KEY (user_id, memory_id, model),
    ALTER COLUMN embedding TYPE halfvec;

-- Vectors must stay in the row; changing the type gave the column that type's own storage.
ALTER TABLE memory_embeddings ALTER COLUMN embedding SET STORAGE PLAIN;
