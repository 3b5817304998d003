-- The marks that labrun puts on what it makes for itself on an engine, each noted before it is used.
CREATE TABLE helper_mark (
    id    INTEGER PRIMARY KEY,
    value TEXT NOT NULL UNIQUE
) STRICT;
