-- What is being carried out can be asked to end before it is done, from any process.

ALTER TABLE approvals ADD COLUMN stop boolean NOT NULL DEFAULT false;
GRANT UPDATE (stop) ON approvals TO pisovereign_app;
