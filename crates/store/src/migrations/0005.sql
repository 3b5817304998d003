-- A long journal is asked for few kinds of event, for the end of what one of them began, and for what goes on.
ALTER TABLE journal ADD COLUMN exit_code INTEGER;    -- of a command in a container, where it is known
CREATE INDEX journal_action ON journal (engine, action, at);
CREATE INDEX journal_actor ON journal (engine, actor, action);
CREATE INDEX journal_open ON journal (engine, at) WHERE action = 'exec_start' AND exit_code IS NULL;
