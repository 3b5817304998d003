-- Signs of somebody at work in a practice shell, and of their leaving it: by these the time is counted that a step took.
CREATE TABLE sign (
    session  INTEGER NOT NULL REFERENCES session,
    at       INTEGER NOT NULL,
    leaves   INTEGER NOT NULL    -- 1: the practice shell was left
) STRICT;
CREATE INDEX sign_session ON sign (session, at);
