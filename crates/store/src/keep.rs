//! Writes entries to the journal: each event once, and a command in a container as one entry from its start to its end.

use labrun_graders::evidence::{Detail, Entry};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{Store, StoreError, retention};
use labrun_journal::{Fill, Share, key};

/// The longest command that an entry keeps beside its arguments, in bytes.
const SHORT: usize = 256;

/// How many mounts of a volume are looked through for one that a new one replaces.
const MOUNTS: i64 = 64;

impl Store {
    /// Adds what was read of an engine's events to its journal, and notes up to where the session's is complete.
    ///
    /// Details are never lost, in whatever order the answers come.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn add(&mut self, session: i64, engine: &str, fill: &Fill) -> Result<(), StoreError> {
        self.change(|transaction| {
            for (entry, share) in fill.kept() {
                let row = Row { transaction, engine, session: (share == Share::Own).then_some(session), share };
                row.keep(entry)?;
            }
            if !fill.strangers.is_empty() {
                retention::thin(transaction, engine)?;
            }
            let sql = "UPDATE session SET anchor = ?2, reached = max(reached, ?3) WHERE id = ?1";
            transaction.prepare_cached(sql)?.execute(params![session, fill.anchor, fill.reached])?;
            if let Some(gap) = fill.gap {
                // Gaps that touch are one.
                let sql = "DELETE FROM gap WHERE session = ?1 AND start <= ?3 AND stop >= ?2
                           RETURNING start, stop";
                let mut statement = transaction.prepare_cached(sql)?;
                let met =
                    statement.query_map(params![session, gap.from, gap.to], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let (mut from, mut to) = (gap.from, gap.to);
                for met in met {
                    let (start, stop) = met?;
                    (from, to) = (from.min(start), to.max(stop));
                }
                transaction.execute("INSERT INTO gap VALUES (?1, ?2, ?3)", params![session, from, to])?;
            }
            Ok(())
        })
    }
}

/// Where an entry goes.
struct Row<'a> {
    transaction: &'a Transaction<'a>,
    engine: &'a str,
    session: Option<i64>,
    share: Share,
}

impl Row<'_> {
    fn keep(&self, entry: &Entry) -> Result<(), StoreError> {
        match (entry.kind.as_str(), entry.action.as_str()) {
            ("container", "exec_die") => self.end_exec(entry),
            ("volume", "create") => {
                self.replace_creation(entry)?;
                self.put(entry)
            }
            ("volume", "mount") => {
                self.replace_mounts(entry)?;
                self.put(entry)
            }
            _ => self.put(entry),
        }
    }

    /// Writes an entry, or adds to the one that is there.
    fn put(&self, entry: &Entry) -> Result<(), StoreError> {
        let (at, actor, action) = key(entry);
        let sql = "SELECT entry, session, stranger FROM journal
                   WHERE engine = ?1 AND at = ?2 AND actor = ?3 AND action = ?4";
        let read = |row: &rusqlite::Row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?, row.get(2)?));
        let params = params![self.engine, at, actor, action];
        let there = self.transaction.prepare_cached(sql)?.query_row(params, read).optional()?;
        let is_stranger = self.share == Share::Stranger;
        let (entry, session, stranger) = match there {
            None => (entry.clone(), self.session, is_stranger),
            Some((old, session, stranger)) => {
                // An entry that once concerned a lab still does; for two sessions it is kept until both have ended.
                let kept_for = match (stranger, is_stranger) {
                    (false, true) => session,
                    (true, _) => self.session,
                    (false, false) => session.filter(|session| self.session == Some(*session)),
                };
                (merged(serde_json::from_str(&old)?, entry), kept_for, stranger && is_stranger)
            }
        };
        self.write(entry, session, stranger)
    }

    fn write(&self, mut entry: Entry, session: Option<i64>, stranger: bool) -> Result<(), StoreError> {
        let (at, actor, action) = key(&entry);
        let detail = entry.detail.as_ref();
        let (exit_code, ended) = (detail.and_then(|detail| detail.exit_code), detail.and_then(|detail| detail.ended));
        if detail.is_some_and(|detail| !detail.argv.is_empty()) {
            // The arguments say it better.
            let is_long = entry.attributes.get("command").is_some_and(|command| command.len() > SHORT);
            drop(is_long.then(|| entry.attributes.remove("command")));
        }
        let named = entry.attributes.get("name").unwrap_or(&entry.actor);
        let sql = "INSERT OR REPLACE INTO journal
                   (engine, at, actor, action, kind, name, entry, exit_code, ended, session, stranger)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let json = serde_json::to_string(&entry)?;
        self.transaction.prepare_cached(sql)?.execute(params![
            self.engine,
            at,
            actor,
            action,
            entry.kind,
            named,
            json,
            exit_code,
            ended,
            session,
            stranger
        ])?;
        if entry.detail.as_ref().is_some_and(|detail| !detail.output.is_empty()) {
            retention::drop_outputs(self.transaction, self.engine)?;
        }
        Ok(())
    }

    /// Adds its end to a command. Of a command that is not there nothing is kept, unless it may yet come.
    fn end_exec(&self, end: &Entry) -> Result<(), StoreError> {
        let (_, actor, _) = key(end);
        let sql = "SELECT entry, session, stranger FROM journal INDEXED BY journal_actor
                   WHERE engine = ?1 AND actor = ?2 AND action = 'exec_start' ORDER BY at DESC LIMIT 1";
        let read = |row: &rusqlite::Row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?));
        let there = self.transaction.prepare_cached(sql)?.query_row(params![self.engine, actor], read).optional()?;
        let is_known = end.attributes.contains_key("execID");
        let Some((start, session, stranger)) = there.filter(|_| is_known) else {
            return if self.share == Share::Stranger { Ok(()) } else { self.put(end) };
        };
        let mut start: Entry = serde_json::from_str(&start)?;
        let detail = start.detail.get_or_insert_default();
        detail.ended = Some(end.at);
        detail.exit_code = end.attributes.get("exitCode").and_then(|code| code.parse().ok()).or(detail.exit_code);
        self.write(start, session, stranger)
    }

    /// Drops the creation of a volume between two others: an engine up to 20.10 reports it each time that a container is
    /// made which mounts the volume, also when labrun makes one to look into it. The last one stays, since a removal before
    /// it may be reported late.
    fn replace_creation(&self, created: &Entry) -> Result<(), StoreError> {
        let sql = "SELECT action, at FROM journal INDEXED BY journal_actor
                   WHERE engine = ?1 AND actor = ?2 AND action IN ('create', 'destroy') AND at < ?3
                   ORDER BY at DESC LIMIT 2";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let params = params![self.engine, created.actor, created.at];
        let last = statement.query_map(params, |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let last: Vec<(String, i64)> = last.collect::<Result<_, _>>()?;
        if let [(one, at), (two, _)] = last.as_slice()
            && one == "create"
            && two == "create"
        {
            let sql = "DELETE FROM journal WHERE engine = ?1 AND at = ?2 AND actor = ?3 AND action = 'create'";
            self.transaction.prepare_cached(sql)?.execute(params![self.engine, at, created.actor])?;
        }
        Ok(())
    }

    /// Drops earlier mounts of the same volume at the same place: looking into a container reports one each time, and the
    /// newest proves as much as all of them.
    fn replace_mounts(&self, mount: &Entry) -> Result<(), StoreError> {
        let sql = "SELECT at, entry FROM journal INDEXED BY journal_actor
                   WHERE engine = ?1 AND actor = ?2 AND action = 'mount' AND at < ?3 ORDER BY at DESC LIMIT ?4";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let params = params![self.engine, mount.actor, mount.at, MOUNTS];
        let rows = statement.query_map(params, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        for row in rows.collect::<Result<Vec<_>, _>>()? {
            let old: Entry = serde_json::from_str(&row.1)?;
            let is_same = |key: &str| old.attributes.get(key) == mount.attributes.get(key);
            if is_same("container") && is_same("destination") {
                let sql = "DELETE FROM journal WHERE engine = ?1 AND at = ?2 AND actor = ?3 AND action = 'mount'";
                self.transaction.prepare_cached(sql)?.execute(params![self.engine, row.0, mount.actor])?;
            }
        }
        Ok(())
    }
}

/// Everything known of an event: a later answer only adds to it.
fn merged(old: Entry, new: &Entry) -> Entry {
    let detail = match (old.detail, new.detail.clone()) {
        (Some(old), Some(new)) => Some(Detail {
            argv: if new.argv.is_empty() { old.argv } else { new.argv },
            exit_code: old.exit_code.filter(|_| old.ended.is_some()).or(new.exit_code).or(old.exit_code),
            ended: old.ended.or(new.ended),
            health_check: old.health_check || new.health_check,
            output: if new.output.is_empty() { old.output } else { new.output },
            ..new
        }),
        (old, new) => new.or(old),
    };
    Entry { detail, ..new.clone() }
}

#[cfg(test)]
mod tests {
    use labrun_graders::evidence::{Detail, Entry, Gap};

    use crate::Store;
    use crate::testing::{ENGINE, with_session};
    use labrun_journal::Fill;

    fn event(at: i64, kind: &str, action: &str, attributes: &[(&str, &str)]) -> Entry {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let (kind, action, actor) = (kind.to_owned(), action.to_owned(), "c0ffee".to_owned());
        Entry { at, kind, action, actor, attributes, detail: None }
    }

    fn exec(at: i64, action: &str) -> Entry {
        event(at, "container", action, &[("name", "app"), ("execID", "e"), ("exitCode", "3"), ("command", "cat /x")])
    }

    fn looked_up(exit_code: Option<i64>) -> Entry {
        let argv = vec!["cat".to_owned(), "/x".to_owned()];
        Entry { detail: Some(Detail { argv, exit_code, ..Detail::default() }), ..exec(5, "exec_start") }
    }

    fn kept(entries: &[Entry]) -> Vec<Entry> {
        let (mut store, session) = with_session(1);
        for entry in entries {
            let fill = Fill { entries: vec![entry.clone()], ..Fill::default() };
            store.add(session, ENGINE, &fill).expect("added");
        }
        journal(&store, session)
    }

    fn journal(store: &Store, session: i64) -> Vec<Entry> {
        store.journal(session, ENGINE, 1, 1).expect("read").entries
    }

    #[test]
    fn a_command_is_one_entry_in_every_order_of_events() {
        let (begun, ended) = (looked_up(None), looked_up(Some(3)));
        let (start, die) = (exec(5, "exec_start"), exec(9, "exec_die"));
        for order in [
            vec![&start, &begun, &die, &ended],
            vec![&start, &die, &begun, &ended],
            vec![&start, &die, &ended, &begun],
            vec![&ended, &start, &die, &die],
        ] {
            let order: Vec<Entry> = order.into_iter().cloned().collect();
            let [entry] = kept(&order).try_into().expect("one entry");
            let detail = entry.detail.expect("details");
            assert_eq!((detail.ended, detail.exit_code), (Some(9), Some(3)));
            assert_eq!(detail.argv, ["cat", "/x"]);
        }
        assert_eq!(kept(&[die, start]).len(), 2, "an end that came first is kept beside its start");
    }

    #[test]
    fn events_that_repeat_themselves_take_no_room() {
        let made = |at| event(at, "volume", "create", &[]);
        let times = |entries: Vec<Entry>| entries.iter().map(|entry| entry.at).collect::<Vec<_>>();
        assert_eq!(times(kept(&[made(5), made(6), made(7), made(8)])), [5, 8]);
        let gone = event(6, "volume", "destroy", &[]);
        assert_eq!(times(kept(&[made(5), made(7), gone, made(8), made(9)])), [5, 6, 7, 9], "a late removal");
        let mount = |at, container| event(at, "volume", "mount", &[("container", container), ("destination", "/x")]);
        let mounts = kept(&[mount(5, "a"), mount(6, "b"), mount(7, "a"), mount(8, "a")]);
        assert_eq!(times(mounts), [6, 8]);
    }

    #[test]
    fn gaps_that_touch_are_one() {
        let (mut store, session) = with_session(1);
        for (from, to) in [(5, 7), (20, 30), (7, 9), (1, 6)] {
            let fill = Fill { gap: Some(Gap { from, to }), ..Fill::default() };
            store.add(session, ENGINE, &fill).expect("added");
        }
        let gaps = store.journal(session, ENGINE, 1, 1).expect("read").gaps;
        assert_eq!(gaps, [Gap { from: 1, to: 9 }, Gap { from: 20, to: 30 }]);
    }
}
