-- The folders of people that a command sees whose program is not a known one; none, for those there are.

ALTER TABLE catalog_commands ADD COLUMN folders text[] NOT NULL DEFAULT '{}';
