//! Signs of somebody at work in a practice shell.

use labrun_graders::Nanos;
use rusqlite::params;

use super::{Store, StoreError};

/// A sign as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignRow {
    /// When it was seen, by the engine's clock.
    pub at: Nanos,
    /// The practice shell was left: what follows is time away.
    pub leaves: bool,
}

impl Store {
    /// Notes a sign.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn note_sign(&mut self, session: i64, sign: SignRow) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute("INSERT INTO sign VALUES (?1, ?2, ?3)", params![session, sign.at, sign.leaves])?;
            Ok(())
        })
    }

    /// Every sign of a session, oldest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn signs(&self, session: i64) -> Result<Vec<SignRow>, StoreError> {
        let sql = "SELECT at, leaves FROM sign WHERE session = ?1 ORDER BY at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([session], |row| Ok(SignRow { at: row.get(0)?, leaves: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
