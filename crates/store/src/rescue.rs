//! What can still be read of a damaged store: sessions and passes first.
//!
//! Not rescued are the journal, of which each session gets a gap instead, so that what it no longer proves is "could not
//! check", and which folders are trusted: what a damaged page says must not let anything run.

mod first_page;

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags, Row, params_from_iter};

/// What was rescued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Steps that were passed, given or skipped.
    pub closed: usize,
    /// The sessions that they belong to, and those without one.
    pub sessions: usize,
}

/// How many rows are asked for one by one where a table cannot be read through.
const ONE_BY_ONE: i64 = 20_000;

/// What is rescued, in this order, since the others refer to the first.
const TABLES: [&str; 5] = ["session", "attempt", "help", "answer", "sighting"];

/// Columns of a session that may be lost: what was there at its start is long, and in pages of its own.
const LONG: &str = "baseline";

/// Whether all text is text: SQLite's own checks do not look at that.
pub(super) fn is_text(connection: &Connection) -> Result<bool, rusqlite::Error> {
    for table in TABLES {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                if let ValueRef::Text(text) = row.get_ref(column)?
                    && std::str::from_utf8(text).is_err()
                {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// Copies what can be read of the damaged file into the new store; that file is left as it is.
pub(super) fn rescue(damaged: &Path, new: &mut Connection) -> Rescued {
    try_to(damaged, new).unwrap_or_default()
}

fn try_to(damaged: &Path, new: &mut Connection) -> Option<Rescued> {
    use std::os::unix::fs::PermissionsExt;
    // A journal beside it is played back when it is opened: into a copy.
    let ours = std::fs::Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().prefix("labrun-").permissions(ours).tempdir().ok()?;
    let copy = folder.path().join("progress.db");
    std::fs::copy(damaged, &copy).ok()?;
    let journal = damaged.with_extension("db-journal");
    if journal.exists() {
        std::fs::copy(journal, folder.path().join("progress.db-journal")).ok()?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || Connection::open_with_flags(&copy, flags).ok();
    let mut old = open()?;
    if columns(&old, TABLES[0]).is_empty() {
        drop(old);
        first_page::write_anew(&copy, new, &TABLES)?;
        old = open()?;
    }
    let transaction = new.transaction().ok()?;
    for table in TABLES {
        let known = columns(&transaction, table);
        let columns: Vec<String> = columns(&old, table).into_iter().filter(|column| known.contains(column)).collect();
        if columns.is_empty() {
            continue;
        }
        for row in rows(&old, table, &columns).into_values() {
            keep(&transaction, table, &columns, row);
        }
        if table == "session" {
            without_beginning(&old, &transaction, &columns);
        }
    }
    let gaps = "INSERT INTO gap (session, start, stop) SELECT id, started, max(started, reached) FROM session";
    transaction.execute(gaps, []).ok()?;
    let count = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0)).ok();
    let closed = "SELECT count(DISTINCT session || ' ' || step) FROM attempt WHERE verdict != 'fail'";
    let rescued = Rescued {
        closed: usize::try_from(count(closed)?).ok()?,
        sessions: usize::try_from(count("SELECT count(*) FROM session")?).ok()?,
    };
    transaction.commit().ok()?;
    Some(rescued)
}

/// Sessions of which only that is lost which was there when they began. Nothing may be removed for them any more: they
/// are ended, and what was passed in them is kept.
fn without_beginning(old: &Connection, new: &Connection, columns: &[String]) {
    let mut short: Vec<String> = columns.iter().filter(|column| !is_late(column)).cloned().collect();
    let rows = rows(old, "session", &short);
    let ended = short.iter().position(|column| column == "ended");
    short.extend([LONG.to_owned(), "reached".to_owned()]);
    for mut row in rows.into_values() {
        let Some(used) = short.iter().position(|column| column == "used").and_then(|at| row.get(at).cloned()) else {
            continue;
        };
        if let Some(ended) = ended.and_then(|at| row.get_mut(at))
            && *ended == Value::Null
        {
            *ended = used.clone();
        }
        row.extend([Value::Text("{\"objects\":{}}".to_owned()), used]);
        keep(new, "session", &short, row);
    }
}

/// What lies behind the long column in a row can be read no better than that.
fn is_late(column: &str) -> bool {
    matches!(column, LONG | "anchor" | "reached" | "pause" | "exam")
}

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let read = || {
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        statement.query_map([table], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()
    };
    read().unwrap_or_default()
}

/// The rows that can be read, by their numbers: from the start, from the end, and what is between one by one.
fn rows(old: &Connection, table: &str, columns: &[String]) -> BTreeMap<i64, Vec<Value>> {
    let list = columns.join(", ");
    let mut found = BTreeMap::new();
    let (first, whole) = run(old, &format!("SELECT rowid, {list} FROM {table} ORDER BY rowid"), columns, &mut found);
    if whole {
        return found;
    }
    let (last, _) = run(old, &format!("SELECT rowid, {list} FROM {table} ORDER BY rowid DESC"), columns, &mut found);
    let first = first.unwrap_or_default();
    let end = last.unwrap_or(i64::MAX).min(first.saturating_add(ONE_BY_ONE));
    for id in first.saturating_add(1)..end {
        run(old, &format!("SELECT rowid, {list} FROM {table} WHERE rowid = {id}"), columns, &mut found);
    }
    found
}

/// Reads as far as it goes; gives the last number that was read, and whether there was no damage on the way.
fn run(old: &Connection, sql: &str, columns: &[String], found: &mut BTreeMap<i64, Vec<Value>>) -> (Option<i64>, bool) {
    let Ok(mut statement) = old.prepare(sql) else { return (None, false) };
    let Ok(mut rows) = statement.query([]) else { return (None, false) };
    let (mut last, mut whole) = (None, true);
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                last = row.get(0).ok().or(last);
                match (row.get(0), values(row, columns.len())) {
                    (Ok(id), Some(values)) => _ = found.insert(id, values),
                    _ => whole = false,
                }
            }
            Ok(None) => return (last, whole),
            Err(_) => return (last, false),
        }
    }
}

fn values(row: &Row<'_>, count: usize) -> Option<Vec<Value>> {
    (1..=count).map(|at| row.get::<_, Value>(at).ok()).collect()
}

/// Keeps a row, where it makes sense: the new store's own rules refuse the others.
fn keep(new: &Connection, table: &str, columns: &[String], row: Vec<Value>) {
    let text = |name: &str| match columns.iter().position(|column| column == name).and_then(|at| row.get(at)) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let sense = match table {
        "session" => text(LONG).is_some_and(|json| serde_json::from_str::<serde_json::Value>(json).is_ok()),
        "attempt" => matches!(text("verdict"), Some("pass" | "fail" | "given" | "skipped")),
        _ => true,
    };
    if sense {
        let places = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {table} ({}) VALUES ({places})", columns.join(", "));
        let _ = new.execute(&sql, params_from_iter(row));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::Connection;

    use super::{Rescued, rescue};
    use crate::Store;

    const SESSIONS: i64 = 20;
    const PASSES: i64 = 12;

    /// A store with sessions that have passes, some of them with a long list of what was there.
    fn filled(folder: &Path) -> Vec<u8> {
        let store = Store::open(folder, None).expect("opened");
        let session =
            "INSERT INTO session (id, lab, address, hash, engine, endpoint, skew, started, used, baseline, reached)
            VALUES (?1, 'lab', 'lab', 'hash', 'engine', 'here', 0, 5, 6, ?2, 7)";
        let attempt = "INSERT INTO attempt (session, step, verdict, at, report) VALUES (?1, ?2, 'pass', 8, '[]')";
        store.connection.execute_batch("BEGIN").expect("begun");
        for id in 1..=SESSIONS {
            let images = "x".repeat(if id % 2 == 0 { 9_000 } else { 90 });
            let baseline = format!(r#"{{"objects":{{"image":{{"{images}":"id"}}}}}}"#);
            store.connection.execute(session, (id, baseline)).expect("inserted");
            for step in 0..PASSES {
                store.connection.execute(attempt, (id, format!("step-{step}"))).expect("inserted");
            }
        }
        store.connection.execute_batch("COMMIT").expect("kept");
        drop(store);
        std::fs::read(folder.join("progress.db")).expect("read")
    }

    fn rescued(bytes: &[u8]) -> (Rescued, Connection) {
        let folder = tempfile::tempdir().expect("a folder");
        let damaged = folder.path().join("progress.damaged-1.db");
        std::fs::write(&damaged, bytes).expect("written");
        let mut new = Store::in_memory().expect("a store").connection;
        let rescued = rescue(&damaged, &mut new);
        assert_eq!(std::fs::read(&damaged).expect("read"), bytes, "the damaged file is left as it is");
        (rescued, new)
    }

    fn all() -> Rescued {
        let number = |count: i64| usize::try_from(count).expect("small");
        Rescued { closed: number(SESSIONS * PASSES), sessions: number(SESSIONS) }
    }

    #[test]
    fn what_is_whole_is_rescued_wholly_with_a_gap_for_its_journal() {
        let folder = tempfile::tempdir().expect("a folder");
        let (rescued, new) = rescued(&filled(folder.path()));
        assert_eq!(rescued, all());
        let open =
            "SELECT count(*) FROM session JOIN gap ON session = id AND start = 5 AND stop = 7 WHERE ended IS NULL";
        assert_eq!(new.query_row(open, [], |row| row.get::<_, i64>(0)), Ok(SESSIONS));
    }

    #[test]
    fn one_damaged_page_costs_what_is_in_it_and_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = filled(folder.path());
        let pages = whole.len() / 4096;
        let mut kept = Vec::new();
        for page in 1..pages {
            let mut bytes = whole.clone();
            bytes[page * 4096..(page + 1) * 4096].fill(0xa5);
            let (rescued, new) = rescued(&bytes);
            assert!(rescued.closed <= all().closed && rescued.sessions <= all().sessions, "{rescued:?}");
            let odd = "SELECT count(*) FROM attempt WHERE verdict != 'pass' OR step NOT LIKE 'step-%'";
            assert_eq!(new.query_row(odd, [], |row| row.get::<_, i64>(0)), Ok(0), "nothing is made up");
            kept.push(rescued.closed);
        }
        kept.sort_unstable();
        // The root of a table is the one page whose loss costs all of it.
        let most = kept.iter().filter(|closed| **closed * 2 > all().closed).count();
        assert!(most * 10 >= kept.len() * 8, "{kept:?} of {:?}", all());
    }

    #[test]
    fn without_what_says_where_the_tables_are_all_is_rescued() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = filled(folder.path());
        // What does not fit into the first page stands in others.
        let schema = whole.windows(15).rposition(|part| part == b"CREATE TABLE he").expect("it is there") & !4095;
        for (at, with) in [(0, 0xa5), (0, 0), (schema, 0xa5)] {
            let mut bytes = whole.clone();
            bytes[at..at + 4096].fill(with);
            let (rescued, new) = rescued(&bytes);
            assert_eq!(rescued, all(), "{with} at {at}");
            let odd = "SELECT count(*) FROM attempt WHERE verdict != 'pass' OR step NOT LIKE 'step-%'";
            assert_eq!(new.query_row(odd, [], |row| row.get::<_, i64>(0)), Ok(0));
        }
    }

    #[test]
    fn that_holds_of_a_store_that_an_older_labrun_began() {
        for format in 1..=5 {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("progress.db");
            let old = Connection::open(&path).expect("opened");
            for number in 1..=format {
                let file = format!("{}/src/migrations/{number:04}.sql", env!("CARGO_MANIFEST_DIR"));
                old.execute_batch(&std::fs::read_to_string(file).expect("a migration")).expect("made");
            }
            old.pragma_update(None, "user_version", format).expect("set");
            drop(old);
            let mut bytes = filled(folder.path());
            bytes[..4096].fill(0xa5);
            assert_eq!(rescued(&bytes).0, all(), "format {format}");
        }
    }

    #[test]
    fn of_a_file_that_was_cut_off_what_is_there_is_rescued() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = filled(folder.path());
        for length in [0, 1, 100, 4096, whole.len() / 2, whole.len() - 1] {
            let (rescued, _) = rescued(&whole[..length]);
            assert!(rescued.closed <= all().closed, "{length}: {rescued:?}");
        }
    }
}
