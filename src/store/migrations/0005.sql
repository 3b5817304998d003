-- A long journal is asked for few kinds of event, for the end of what one of them began, and for what goes on.
CREATE INDEX journal_action ON journal (engine, action, at);
CREATE INDEX journal_actor ON journal (engine, actor, action);
CREATE INDEX journal_open ON journal (engine, at)
    WHERE action = 'exec_start' AND json_extract(entry, '$.detail.exit_code') IS NULL;
