-- Which entries of the journal have to last, and for how long.
ALTER TABLE journal ADD COLUMN session INTEGER;     -- the only session that it is kept for; NULL for several, and of before
ALTER TABLE journal ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0;    -- 1: it concerns no lab, and only the newest are kept
ALTER TABLE journal ADD COLUMN ended INTEGER;       -- when a command in a container ended, where that was reported
CREATE INDEX journal_stranger ON journal (engine, at) WHERE stranger = 1;
CREATE INDEX journal_long ON journal (engine, ended) WHERE ended - at > 1000000000;
-- By its name only the removal of a thing is asked for.
DROP INDEX journal_name;
CREATE INDEX journal_removed ON journal (engine, kind, name) WHERE action IN ('destroy', 'delete', 'remove');

-- Outputs are long, and only the newest are kept.
CREATE INDEX journal_output ON journal (engine, at) WHERE action = 'create' AND instr(entry, '"output":"') > 0;

-- The newest entries that were dropped of those that concern no lab; unknown: the newest creation of a container with
-- unknown mounts.
CREATE TABLE dropped (
    engine   TEXT PRIMARY KEY,
    newest   INTEGER NOT NULL,
    unknown  INTEGER
) STRICT;
