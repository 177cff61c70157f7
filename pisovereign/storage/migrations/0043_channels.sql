-- Accounts, codes and positions of every messenger, not of Telegram alone.

ALTER TABLE telegram_links RENAME TO channel_links;
ALTER TABLE channel_links ADD COLUMN channel text NOT NULL DEFAULT 'telegram';
ALTER TABLE channel_links ALTER COLUMN channel DROP DEFAULT;
ALTER TABLE channel_links DROP CONSTRAINT telegram_links_pkey;
ALTER TABLE channel_links ADD CONSTRAINT channel_links_pkey PRIMARY KEY (user_id, channel);

ALTER TABLE telegram_codes RENAME TO channel_codes;
ALTER TABLE channel_codes ADD COLUMN channel text NOT NULL DEFAULT 'telegram';
ALTER TABLE channel_codes ALTER COLUMN channel DROP DEFAULT;
ALTER TABLE channel_codes DROP CONSTRAINT telegram_codes_pkey;
ALTER TABLE channel_codes ADD CONSTRAINT channel_codes_pkey PRIMARY KEY (user_id, channel);

-- What a service calls the place after what was taken in: with Telegram the number of the next update.
ALTER TABLE telegram_bots RENAME TO channel_positions;
ALTER TABLE channel_positions RENAME COLUMN bot TO account;
ALTER TABLE channel_positions RENAME COLUMN next_update TO position;
ALTER TABLE channel_positions ALTER COLUMN position TYPE text;
