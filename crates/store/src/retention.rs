//! Limits of the journal: of events that concern no lab it keeps only the newest, and nothing that no open session needs. The
//! file gets smaller when a session ends.

use std::collections::HashMap;
use std::time::Duration;

use labrun_graders::Nanos;
use labrun_graders::evidence::{Dropped, Entry};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{BUSY, Store, StoreError};

/// How many entries of strangers there may be before the oldest are dropped.
const STRANGERS: i64 = 768;

/// How many are then kept of each container or volume, and of how many of each kind: those that were acted on last.
const OF_EACH: usize = 8;
const ACTORS: usize = 32;

/// How many containers' outputs are kept, each up to 64 KiB.
const OUTPUTS: i64 = 16;

/// How long a forgotten session holds on to the journal.
const OLDEST: Nanos = 30 * 24 * 3_600 * 1_000_000_000;

/// How many bytes must be free in the file before it is made smaller.
const FREE: i64 = 256 * 1024;

/// How long making it smaller waits for others. The next session's end comes as well.
const UNHURRIED: Duration = Duration::from_millis(500);

/// Drops entries of strangers where there are too many of an engine's.
///
/// A creation goes only with all else of its container: without it the container would seem to be older than the session.
pub(super) fn thin(transaction: &Transaction, engine: &str) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM journal INDEXED BY journal_stranger WHERE engine = ?1 AND stranger = 1";
    let count: i64 = transaction.prepare_cached(sql)?.query_row([engine], |row| row.get(0))?;
    if count <= STRANGERS {
        return Ok(());
    }
    let sql = "SELECT at, actor, action, kind, entry FROM journal INDEXED BY journal_stranger
               WHERE engine = ?1 AND stranger = 1 ORDER BY at DESC";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query([engine])?;
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    let mut actors: HashMap<String, usize> = HashMap::new();
    let (mut goes, mut newest, mut unknown) = (Vec::new(), None::<Nanos>, None::<Nanos>);
    while let Some(row) = rows.next()? {
        let (at, actor, action, kind): (Nanos, String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let thing = (kind.clone(), actor.split('/').next().unwrap_or_default().to_owned());
        let count = match seen.get_mut(&thing) {
            Some(count) => count,
            None => {
                let actors = actors.entry(kind).or_default();
                *actors += 1;
                // Of one too many nothing is kept.
                seen.entry(thing).or_insert(if *actors > ACTORS { usize::MAX } else { 0 })
            }
        };
        if *count < OF_EACH {
            *count += 1;
            continue;
        }
        if action == "create" && *count != usize::MAX {
            continue;
        }
        if action == "create" && has_unknown_mounts(&row.get::<_, String>(4)?) {
            unknown = unknown.max(Some(at));
        }
        newest = newest.max(Some(at));
        goes.push((at, actor, action));
    }
    let sql = "DELETE FROM journal WHERE engine = ?1 AND at = ?2 AND actor = ?3 AND action = ?4";
    let mut statement = transaction.prepare_cached(sql)?;
    for (at, actor, action) in goes {
        statement.execute(params![engine, at, actor, action])?;
    }
    let sql = "INSERT INTO dropped (engine, newest, unknown) SELECT ?1, ?2, ?3 WHERE ?2 IS NOT NULL
               ON CONFLICT DO UPDATE SET newest = max(newest, excluded.newest),
               unknown = coalesce(max(unknown, excluded.unknown), unknown, excluded.unknown)";
    transaction.prepare_cached(sql)?.execute(params![engine, newest, unknown])?;
    Ok(())
}

/// Whether an entry is the creation of a container with unknown mounts.
fn has_unknown_mounts(created: &str) -> bool {
    serde_json::from_str::<Entry>(created).is_ok_and(|entry| entry.kind == "container" && entry.detail.is_none())
}

/// Drops the outputs of all but the newest containers.
pub(super) fn drop_outputs(transaction: &Transaction, engine: &str) -> Result<(), StoreError> {
    let sql = r#"SELECT at, actor, entry FROM journal INDEXED BY journal_output
                 WHERE engine = ?1 AND action = 'create' AND instr(entry, '"output":"') > 0
                 ORDER BY at DESC LIMIT -1 OFFSET ?2"#;
    let mut statement = transaction.prepare_cached(sql)?;
    let rows = statement.query_map(params![engine, OUTPUTS], |row| {
        Ok((row.get::<_, Nanos>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    for (at, actor, entry) in rows.collect::<Result<Vec<_>, _>>()? {
        let mut entry: Entry = serde_json::from_str(&entry)?;
        entry.detail.iter_mut().for_each(|detail| detail.output.clear());
        let sql = "UPDATE journal SET entry = ?4 WHERE engine = ?1 AND at = ?2 AND actor = ?3 AND action = 'create'";
        transaction.prepare_cached(sql)?.execute(params![engine, at, actor, serde_json::to_string(&entry)?])?;
    }
    Ok(())
}

impl Store {
    /// The newest dropped entries of an engine.
    pub(super) fn dropped(&self, engine: &str) -> Result<Dropped, StoreError> {
        let sql = "SELECT newest, unknown FROM dropped WHERE engine = ?1";
        let read = |row: &rusqlite::Row| Ok(Dropped { newest: row.get(0)?, newest_unknown: row.get(1)? });
        let dropped = self.connection.prepare_cached(sql)?.query_row([engine], read).optional()?;
        Ok(dropped.unwrap_or_default())
    }

    /// Ends a session. Its attempts stay; its events go, and the file gets smaller where that is worth the time.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn end(&mut self, id: i64, at: Nanos) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute("UPDATE session SET ended = ?2 WHERE id = ?1", params![id, at])?;
            transaction.execute("DELETE FROM journal WHERE session = ?1", [id])?;
            transaction.execute("DELETE FROM gap WHERE session = ?1", [id])?;
            forget(transaction)
        })?;
        // The session has ended, also where this can't be done now.
        let _ = self.shrink();
        Ok(())
    }

    /// Gives free space back to the disk.
    fn shrink(&self) -> Result<(), StoreError> {
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        if number("freelist_count")? * number("page_size")? < FREE {
            return Ok(());
        }
        self.connection.busy_timeout(UNHURRIED)?;
        let shrunk = self.connection.execute_batch("VACUUM");
        self.connection.busy_timeout(BUSY)?;
        Ok(shrunk?)
    }
}

/// Drops entries that no open session needs: those before the oldest session of their engine, and very old ones. A session
/// as old as those gets a gap instead.
pub(super) fn forget(transaction: &Transaction) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM journal WHERE at < coalesce(
            (SELECT min(started) FROM session WHERE ended IS NULL AND session.engine = journal.engine), at + 1)",
        [],
    )?;
    transaction
        .execute("DELETE FROM dropped WHERE engine NOT IN (SELECT engine FROM session WHERE ended IS NULL)", [])?;
    let newest = "(SELECT max(reached) FROM session AS other WHERE other.engine = session.engine)";
    transaction.execute(
        &format!(
            "INSERT INTO gap (session, start, stop) SELECT id, started, {newest} - ?1 FROM session
             WHERE ended IS NULL AND started < {newest} - ?1
             AND EXISTS (SELECT 1 FROM journal WHERE journal.engine = session.engine AND at < {newest} - ?1)"
        ),
        [OLDEST],
    )?;
    transaction.execute(
        "DELETE FROM journal WHERE at < (SELECT max(reached) FROM session WHERE session.engine = journal.engine) - ?1",
        [OLDEST],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
