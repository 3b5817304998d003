-- The marks that labrun puts on what it makes for itself on an engine, each noted before it is used.
CREATE TABLE helper_mark (
    id    INTEGER PRIMARY KEY,
    value TEXT NOT NULL UNIQUE
) STRICT;

-- Ways through a lab that `verify` has begun and not cleaned up: what they may have made, kept until all of it is gone.
CREATE TABLE verification (
    id       INTEGER PRIMARY KEY,
    lab      TEXT NOT NULL,      -- the lab's id
    learner  TEXT NOT NULL,      -- the --as name
    own_name INTEGER NOT NULL,   -- 1: labrun drew the name at random, and nobody else has it
    engine   TEXT NOT NULL,      -- the engine's id
    endpoint TEXT NOT NULL,
    started  INTEGER NOT NULL,   -- by this machine's clock
    baseline TEXT NOT NULL,      -- JSON: what was there before
    names    TEXT NOT NULL       -- JSON: what it may make, as pairs of kind and name
) STRICT;
