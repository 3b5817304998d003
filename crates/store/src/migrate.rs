//! The store's format: migrations are appended, never changed.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Each brings the format from its position to the next; the format's number is in `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
];

/// Brings a store to the newest format.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let known = known();
    if version(connection)? == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited for the lock.
    let found = version(&transaction)?;
    if found == known {
        // It has nothing left to change: it does not wait for the disk, and nobody waits for it.
        return Ok(());
    }
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// Refuses a database that has other tables than ours, before anything in it changes: `LABRUN_HOME` may name a folder in
/// which another program keeps a file of the same name.
///
/// # Errors
/// [`StoreError::Foreign`], or why it can't be read.
pub(super) fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    // Nothing in a database of the newest format is changed by opening it.
    if version(connection)? == known() {
        return Ok(());
    }
    let count = |of: &str| {
        let sql = format!("SELECT count(*) FROM sqlite_master {of}");
        connection.query_row(&sql, [], |row| row.get::<_, u32>(0))
    };
    // Another labrun may make its tables between these two counts: all of them in one transaction.
    let ours = "WHERE type = 'table' AND name IN ('session', 'attempt', 'help', 'answer', 'sighting', 'journal')";
    let is_ours = count("")? == 0 || count(ours)? == 6;
    if is_ours { Ok(()) } else { Err(StoreError::Foreign { path: path.to_owned() }) }
}

/// The newest format.
fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn version(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use crate::{Store, StoreError};

    #[test]
    fn another_programs_database_stays_as_it_is() {
        for (tables, version) in [
            ("CREATE TABLE grades (grade)", 0),
            ("CREATE TABLE session (id, token); CREATE TABLE attempt (id)", 0),
            ("CREATE TABLE session (id, token)", 6),
            ("CREATE TABLE grades (grade)", 99),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("progress.db");
            let theirs = Connection::open(&path).expect("opened");
            theirs.execute_batch(tables).expect("made");
            theirs.pragma_update(None, "user_version", version).expect("set");
            drop(theirs);
            let before = std::fs::read(&path).expect("read");
            let error = Store::open(folder.path(), None).expect_err("it is another program's");
            assert!(matches!(error, StoreError::Foreign { .. }), "{tables}: {error}");
            assert_eq!(std::fs::read(&path).expect("read"), before, "{tables}");
            assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 1, "no other file");
        }
    }
}
