//! The journal: the engine's events, kept once whoever reads them, and where they are missing.

use labrun_graders::Nanos;
use labrun_graders::evidence::{Entry, Gap, Journal};
use labrun_graders::name::NameKind;
use rusqlite::params;

use super::{Store, StoreError};
use crate::probe::Fill;

impl Store {
    /// Adds what was read of an engine's events to its journal, and notes up to where the session's is complete.
    ///
    /// An entry that is known is replaced only by one with details: what was looked up while it could be is never lost.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn add(&mut self, session: i64, engine: &str, fill: &Fill) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql = "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                       ON CONFLICT DO UPDATE SET entry = excluded.entry WHERE ?8";
            let mut statement = transaction.prepare_cached(sql)?;
            for entry in &fill.entries {
                let named = entry.attributes.get("name").unwrap_or(&entry.actor);
                let json = serde_json::to_string(entry)?;
                let Entry { at, action, kind, .. } = entry;
                statement.execute(params![
                    engine,
                    at,
                    actor(entry),
                    action,
                    kind,
                    named,
                    json,
                    entry.detail.is_some()
                ])?;
            }
            let sql = "UPDATE session SET anchor = ?2, reached = max(reached, ?3) WHERE id = ?1";
            transaction.execute(sql, params![session, fill.anchor, fill.reached])?;
            if let Some(gap) = fill.gap {
                transaction.execute("INSERT INTO gap VALUES (?1, ?2, ?3)", params![session, gap.from, gap.to])?;
            }
            Ok(())
        })
    }

    /// What a session's journal holds after `since`; and from the session's whole time what began before it, with its
    /// end: otherwise what has ended would seem to go on, and what was given another name to be gone.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn journal(&self, session: i64, engine: &str, started: Nanos, since: Nanos) -> Result<Journal, StoreError> {
        let sql = "SELECT entry FROM journal WHERE engine = ?1 AND at > ?2
                   AND (at > ?3 OR action IN ('create', 'rename', 'die', 'destroy', 'exec_start', 'exec_die')) ORDER BY at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![engine, started, since], |row| row.get::<_, String>(0))?;
        let mut entries = Vec::new();
        for row in rows {
            entries.push(serde_json::from_str(&row?)?);
        }
        let mut statement =
            self.connection.prepare_cached("SELECT start, stop FROM gap WHERE session = ?1 ORDER BY start")?;
        let gaps = statement.query_map([session], |row| Ok(Gap { from: row.get(0)?, to: row.get(1)? }))?;
        Ok(Journal { entries, gaps: gaps.collect::<Result<_, _>>()? })
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
        let sql = "SELECT max(at) FROM journal WHERE engine = ?1 AND kind = ?2 AND name = ?3 AND at > ?4
                   AND action IN ('destroy', 'delete', 'remove')";
        let row = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![engine, kind.word(), name, started], |row| row.get(0))?;
        Ok(row)
    }
}

/// Two execs in one container can start in the same moment: the exec's id tells them apart.
fn actor(entry: &Entry) -> String {
    match entry.attributes.get("execID") {
        Some(exec) => format!("{}/{exec}", entry.actor),
        None => entry.actor.clone(),
    }
}
