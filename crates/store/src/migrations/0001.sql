-- Times are nanoseconds of the engine's clock since 1970-01-01 UTC.

CREATE TABLE session (
    id        INTEGER PRIMARY KEY,
    lab       TEXT NOT NULL,     -- the lab's id
    address   TEXT NOT NULL,     -- what loads it again
    hash      TEXT NOT NULL,     -- of its files, when the session began
    learner   TEXT,              -- the --as name
    engine    TEXT NOT NULL,     -- the engine's id
    endpoint  TEXT NOT NULL,     -- its address, when the session began
    skew      INTEGER NOT NULL,  -- the engine's clock minus ours
    started   INTEGER NOT NULL,
    used      INTEGER NOT NULL,  -- when it was last made the current one
    ended     INTEGER,
    baseline  TEXT NOT NULL,     -- JSON: what was there at the start
    anchor    INTEGER,           -- the newest event known: if the engine still has it, nothing is missing after it
    reached   INTEGER NOT NULL   -- the journal is complete up to here, but for its gaps
) STRICT;

-- A grading whose verdict or facts differ from the last one's. Progress is derived from these rows alone.
CREATE TABLE attempt (
    id       INTEGER PRIMARY KEY,
    session  INTEGER NOT NULL REFERENCES session,
    step     TEXT NOT NULL,
    verdict  TEXT NOT NULL,      -- pass, fail, given or skipped
    at       INTEGER NOT NULL,
    since    INTEGER,            -- when what passed had come about
    report   TEXT NOT NULL       -- JSON: the checks
) STRICT;
CREATE INDEX attempt_session ON attempt (session, step);

CREATE TABLE help (
    id       INTEGER PRIMARY KEY,
    session  INTEGER NOT NULL REFERENCES session,
    step     TEXT NOT NULL,
    kind     TEXT NOT NULL,      -- hint or solution
    at       INTEGER NOT NULL
) STRICT;

CREATE TABLE answer (
    session  INTEGER NOT NULL REFERENCES session,
    step     TEXT NOT NULL,
    text     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (session, step)
) STRICT;

-- What was seen to exist during a session, so that its absence can be told from its never having been.
CREATE TABLE sighting (
    session  INTEGER NOT NULL REFERENCES session,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (session, kind, name)
) STRICT;

CREATE TABLE journal (
    engine   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,      -- of what the event is about, where the engine tells it
    entry    TEXT NOT NULL,      -- JSON
    PRIMARY KEY (engine, at, actor, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_name ON journal (engine, kind, name);

CREATE TABLE gap (
    session  INTEGER NOT NULL REFERENCES session,
    start    INTEGER NOT NULL,
    stop     INTEGER NOT NULL
) STRICT;
