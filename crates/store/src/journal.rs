//! The journal: the engine's events, kept once whoever reads them, and where they are missing.

use std::collections::{HashMap, HashSet};

use labrun_graders::Nanos;
use labrun_graders::evidence::{Entry, Gap, Journal};
use labrun_graders::name::NameKind;
use rusqlite::params;

use super::{NewSession, SessionRow, Store, StoreError};
use labrun_journal::podman::is_its as is_podmans;
use labrun_journal::{Known, Share};

// SQLite, left to itself, takes the table's own order and looks at all that is in between.

/// The commands in containers that nothing has ended: of engine ?1, started after ?2.
const OPEN: &str = "SELECT entry FROM journal AS begin INDEXED BY journal_open
    WHERE engine = ?1 AND action = 'exec_start' AND exit_code IS NULL AND ended IS NULL AND at > ?2 AND stranger = 0
    AND NOT EXISTS (SELECT 1 FROM journal WHERE engine = ?1 AND action = 'exec_die' AND actor = begin.actor)";

/// All that counts for what came after ?3, of engine ?1 and a session that began at ?2: what came then; of the time before,
/// what became of containers, which volumes without a name they had, and the commands that had not ended, or that ended
/// later.
const JOURNAL: &str = "
    SELECT entry FROM journal WHERE engine = ?1 AND at > ?3 AND action <> 'exec_create'
    UNION ALL
    SELECT entry FROM journal INDEXED BY journal_action
    WHERE engine = ?1 AND action IN ('create', 'rename', 'die', 'destroy') AND at > ?2 AND at <= ?3
    UNION ALL
    SELECT entry FROM journal INDEXED BY journal_action
    WHERE engine = ?1 AND action = 'mount' AND length(actor) = 64 AND at > ?2 AND at <= ?3
    UNION ALL
    SELECT entry FROM journal AS begin INDEXED BY journal_open
    WHERE engine = ?1 AND action = 'exec_start' AND exit_code IS NULL AND ended IS NULL
    AND at > ?2 AND at <= ?3
    AND NOT EXISTS (SELECT 1 FROM journal WHERE engine = ?1 AND action = 'exec_die' AND actor = begin.actor AND at <= ?3)
    UNION ALL
    SELECT entry FROM journal WHERE engine = ?1 AND at > max(?2, ?3 - 1000000000) AND at <= ?3
    AND action = 'exec_start' AND ended > ?3
    UNION ALL
    SELECT entry FROM journal INDEXED BY journal_long
    WHERE engine = ?1 AND ended > ?3 AND ended - at > 1000000000
    AND action = 'exec_start' AND at > ?2 AND at <= ?3 - 1000000000
    UNION ALL
    SELECT begin.entry FROM journal AS ended CROSS JOIN journal AS begin INDEXED BY journal_actor
    WHERE ended.engine = ?1 AND ended.action = 'exec_die' AND ended.at > ?3
    AND begin.engine = ?1 AND begin.actor = ended.actor AND begin.action = 'exec_start'
    AND begin.at > ?2 AND begin.at <= ?3 AND begin.exit_code IS NOT NULL AND begin.ended IS NULL";

impl Store {
    /// How far the journal of a session has come.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn known(&self, row: &SessionRow) -> Result<Known, StoreError> {
        let NewSession { started, anchor, engine, .. } = &row.begin;
        let mut known = Known { started: *started, anchor: *anchor, reached: row.reached, ..Known::default() };
        let sql = "SELECT at, actor, action FROM journal WHERE engine = ?1 AND at >= ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![engine, known.since()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        known.recent = rows.collect::<Result<_, _>>()?;
        known.execs = self.known_execs(engine, *started)?;
        Ok(known)
    }

    /// What a session's journal holds after `since`; and from the session's whole time what began before it, with its
    /// end: otherwise what has ended would seem to go on, and what was given another name to be gone.
    ///
    /// What was over by then is left out, and so is the mere making of a command: there may be tens of thousands. Of
    /// commands that are the same in all but their time the first and the last are read: no others tell more.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn journal(&self, session: i64, engine: &str, started: Nanos, since: Nanos) -> Result<Journal, StoreError> {
        let mut statement = self.connection.prepare_cached(JOURNAL)?;
        let rows = statement.query_map(params![engine, started, since], |row| row.get::<_, String>(0))?;
        let mut entries = Entries::default();
        for row in rows {
            entries.add(serde_json::from_str(&row?)?);
        }
        let entries = entries.sorted();
        let mut statement =
            self.connection.prepare_cached("SELECT start, stop FROM gap WHERE session = ?1 ORDER BY start")?;
        let gaps = statement.query_map([session], |row| Ok(Gap { from: row.get(0)?, to: row.get(1)? }))?;
        Ok(Journal { entries, gaps: gaps.collect::<Result<_, _>>()?, dropped: self.dropped(engine)? })
    }

    /// The containers that are known to concern this session's lab, or another one, by their ids.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn known_containers(&self, row: &SessionRow) -> Result<Vec<(String, Share)>, StoreError> {
        let sql = "SELECT DISTINCT actor, session IS NULL FROM journal INDEXED BY journal_action
                   WHERE engine = ?1 AND action IN ('create', 'rename') AND at > ?2
                   AND kind = 'container' AND stranger = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![row.begin.engine, row.begin.started], |row| {
            Ok((row.get(0)?, if row.get(1)? { Share::Shared } else { Share::Own }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The events by which images got a name since then, oldest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn tags(&self, engine: &str, since: Nanos) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT entry FROM journal INDEXED BY journal_action
                   WHERE engine = ?1 AND action = 'tag' AND at > ?2 AND kind = 'image' ORDER BY at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![engine, since], |row| row.get::<_, String>(0))?;
        rows.map(|row| Ok(serde_json::from_str(&row?)?)).collect()
    }

    /// The starts of the commands in containers whose end nothing tells, oldest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn open_execs(&self, engine: &str, started: Nanos) -> Result<Vec<Entry>, StoreError> {
        let mut statement = self.connection.prepare_cached(OPEN)?;
        let rows = statement.query_map(params![engine, started], |row| row.get::<_, String>(0))?;
        let mut open: Vec<Entry> = Vec::new();
        for row in rows {
            open.push(serde_json::from_str(&row?)?);
        }
        open.sort_by_key(|entry| entry.at);
        Ok(open)
    }

    /// The ids of the commands in containers that the journal knows, where it is Podman's: only there somebody has to tell
    /// new ones from those.
    ///
    /// # Errors
    /// When they can't be read.
    fn known_execs(&self, engine: &str, started: Nanos) -> Result<HashSet<String>, StoreError> {
        let sql = "SELECT entry FROM journal INDEXED BY journal_action
                   WHERE engine = ?1 AND action = 'exec_start' AND at > ?2 ORDER BY at DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![engine, started], |row| row.get::<_, String>(0))?;
        let mut known = HashSet::new();
        for row in rows {
            let mut entry: Entry = serde_json::from_str(&row?)?;
            // There may be tens of thousands of Docker's, and no row is read before it is asked for.
            if !is_podmans(&entry) {
                break;
            }
            known.extend(entry.attributes.remove("execID"));
        }
        Ok(known)
    }

    /// When something of this name was last removed, if that was reported since `started`.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn removed(
        &self,
        engine: &str,
        started: Nanos,
        kind: NameKind,
        name: &str,
    ) -> Result<Option<Nanos>, StoreError> {
        let sql = "SELECT max(at) FROM journal INDEXED BY journal_removed
                   WHERE engine = ?1 AND kind = ?2 AND name = ?3 AND at > ?4
                   AND action IN ('destroy', 'delete', 'remove')";
        let row = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![engine, kind.word(), name, started], |row| row.get(0))?;
        Ok(row)
    }
}

/// The parts in which equal commands agree: the container, the arguments, the exit code and the flags.
type Command = (String, Vec<String>, Option<i64>, [bool; 2]);

/// Entries as they are read.
#[derive(Default)]
struct Entries {
    all: Vec<Entry>,
    /// Where the first and the last one of the same command are.
    ends: HashMap<Command, (usize, usize)>,
}

impl Entries {
    fn add(&mut self, entry: Entry) {
        let (at, place) = (entry.at, self.all.len());
        let Some(command) = command(&entry) else { return self.all.push(entry) };
        let time = |place: usize| self.all.get(place).map(|entry| entry.at);
        let place = match self.ends.get(&command).copied() {
            None => {
                self.ends.insert(command, (place, place));
                place
            }
            Some((first, last)) if first == last => {
                let ends = if time(first) <= Some(at) { (first, place) } else { (place, first) };
                self.ends.insert(command, ends);
                place
            }
            // It takes the place of the one that it reaches beyond.
            Some((_, last)) if time(last) <= Some(at) => last,
            Some((first, _)) if Some(at) < time(first) => first,
            Some(_) => return,
        };
        match self.all.get_mut(place) {
            Some(old) => *old = entry,
            None => self.all.push(entry),
        }
    }

    fn sorted(self) -> Vec<Entry> {
        let mut entries = self.all;
        entries.sort_by_key(|entry| entry.at);
        entries
    }
}

/// The command that an entry is about, if it has ended and is known in full.
fn command(entry: &Entry) -> Option<Command> {
    let detail = entry.detail.as_ref().filter(|detail| entry.action == "exec_start" && detail.ended.is_some())?;
    let argv = if detail.argv.is_empty() {
        vec![String::new(), entry.attributes.get("command")?.clone()]
    } else {
        detail.argv.clone()
    };
    let name = entry.attributes.get("name")?.clone();
    Some((name, argv, detail.exit_code, [detail.detached, detail.health_check]))
}

#[cfg(test)]
mod tests {
    use super::{JOURNAL, OPEN};
    use crate::Store;
    use crate::testing::{ENGINE, with_session};
    use labrun_graders::Nanos;
    use labrun_graders::evidence::{Detail, Entry};
    use labrun_journal::Fill;

    /// A millisecond.
    const MS: Nanos = 1_000_000;

    fn event(at: Nanos, action: &str, exec: &str) -> Entry {
        Entry {
            at,
            kind: "container".to_owned(),
            action: action.to_owned(),
            actor: "c0ffee".to_owned(),
            attributes: [("name".to_owned(), "app".to_owned()), ("execID".to_owned(), exec.to_owned())].into(),
            detail: None,
        }
    }

    /// The start of a command, with its exit code where that is known.
    fn start(at: Nanos, exec: &str, exit_code: Option<i64>) -> Entry {
        Entry { detail: Some(Detail { exit_code, ..Detail::default() }), ..event(at, "exec_start", exec) }
    }

    /// So many commands that were over before 1,000,000 ms; one that is open since; and two that ended after it.
    fn lived_through(commands: i64) -> (Store, i64) {
        let (mut store, session) = with_session(MS);
        let mut entries = vec![event(2, "create", "none"), start(3, "open", None), start(4, "long", Some(0))];
        entries.push(start(5, "unseen", None));
        let mounted = |at, volume: &str| Entry {
            kind: "volume".to_owned(),
            actor: volume.to_owned(),
            attributes: [("container".to_owned(), "c0ffee".to_owned())].into(),
            ..event(at, "mount", "none")
        };
        entries.extend([mounted(6, &"f".repeat(64)), mounted(7, "app-data")]);
        for number in 0..commands {
            let (exec, at) = (format!("past-{number}"), 10 + 3 * number);
            entries.push(start(at + 1, &exec, Some(0)));
            entries.push(event(at + 2, "exec_die", &exec));
        }
        // The engine may have forgotten the command before it was asked how it ended.
        entries.extend([start(999_998, "forgotten", None), event(999_999, "exec_die", "forgotten")]);
        entries.extend([event(1_000_001, "exec_die", "long"), event(1_000_002, "exec_die", "unseen")]);
        entries.push(start(1_000_004, "new", Some(0)));
        entries.iter_mut().for_each(|entry| entry.at *= MS);
        let fill = Fill { entries, anchor: Some(1_000_004 * MS), reached: 1_000_004 * MS, ..Fill::default() };
        store.add(session, ENGINE, &fill).expect("added");
        (store, session)
    }

    #[test]
    fn what_is_read_of_a_journal_does_not_grow_with_what_was_over_before() {
        for commands in [0, 10, 10_000] {
            let (store, session) = lived_through(commands);
            let journal = store.journal(session, ENGINE, MS, 1_000_000 * MS).expect("read");
            let read: Vec<(Nanos, &str)> =
                journal.entries.iter().map(|entry| (entry.at / MS, entry.action.as_str())).collect();
            let expected = [
                (2, "create"),
                (3, "exec_start"),
                (4, "exec_start"),
                (5, "exec_start"),
                (6, "mount"),
                (1_000_004, "exec_start"),
            ];
            assert_eq!(read, expected, "after {commands} commands");
            let open = store.open_execs(ENGINE, MS).expect("read");
            assert_eq!(open.iter().map(|entry| entry.at / MS).collect::<Vec<_>>(), [3]);
        }
    }

    #[test]
    fn which_commands_are_known_is_read_where_podman_does_not_name_them_whether_or_not_something_is_missing() {
        let known = |entries: Vec<Entry>| {
            let (mut store, session) = with_session(1);
            store.add(session, ENGINE, &Fill { entries, reached: 9, ..Fill::default() }).expect("kept");
            let row = store.session(session).expect("read").expect("it is there");
            let mut known: Vec<_> = store.known(&row).expect("read").execs.into_iter().collect();
            known.sort();
            known
        };
        let both = || vec![start(3, "first", Some(0)), start(4, "second", Some(1))];
        assert!(known(both()).is_empty(), "Docker's have their names");
        let mut podmans = both();
        podmans.iter_mut().for_each(|entry| drop(entry.attributes.insert("podId".to_owned(), String::new())));
        assert_eq!(known(podmans), ["first", "second"]);
    }

    #[test]
    fn only_the_first_and_last_of_equal_commands_are_read() {
        let (mut store, session) = with_session(1);
        let ran = |at: Nanos, word: &str, exit_code| {
            let detail = Detail { argv: vec![word.to_owned()], exit_code, ended: Some(at + 1), ..Detail::default() };
            Entry { detail: Some(detail), ..event(at, "exec_start", &at.to_string()) }
        };
        let mut entries: Vec<Entry> = (10..1_000).map(|at| ran(at, "date", Some(0))).collect();
        entries.extend([ran(2_000, "ls", Some(0)), ran(501, "date", Some(1)), start(502, "runs", None)]);
        entries.reverse();
        store.add(session, ENGINE, &Fill { entries, ..Fill::default() }).expect("added");
        let read = |since| {
            let journal = store.journal(session, ENGINE, 1, since).expect("read");
            journal.entries.iter().map(|entry| entry.at).collect::<Vec<_>>()
        };
        assert_eq!(read(1), [10, 501, 502, 999, 2_000]);
        assert_eq!(read(600), [502, 600, 999, 2_000], "600 ended after that");
    }

    /// What SQLite does to answer it, in steps of its machine.
    fn steps(store: &Store, question: &str, parameters: &[&dyn rusqlite::ToSql]) -> i32 {
        let mut statement = store.connection.prepare(question).expect("a question");
        let rows = statement.query_map(parameters, |row| row.get::<_, String>(0)).expect("asked").count();
        assert!(rows > 0);
        statement.get_status(rusqlite::StatementStatus::VmStep)
    }

    #[test]
    fn what_was_over_before_is_not_even_looked_at() {
        let after = |commands| {
            let (store, _) = lived_through(commands);
            let open = steps(&store, OPEN, &[&ENGINE, &MS]);
            (open, steps(&store, JOURNAL, &[&ENGINE, &MS, &(1_000_000 * MS)]))
        };
        assert_eq!(after(10), after(10_000));
    }
}
