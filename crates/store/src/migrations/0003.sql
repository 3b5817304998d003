-- The folders whose shell text the user lets labrun run, each as it was when they looked at it.
CREATE TABLE trust (
    folder TEXT PRIMARY KEY,
    digest TEXT NOT NULL
) STRICT;
