//! Sessions: which there are, which is the current one.

use labrun_graders::Nanos;
use labrun_graders::name::NameKind;
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::{Store, StoreError, retention};

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The lab's id.
    pub lab: String,
    /// What loads the lab again.
    pub address: String,
    /// The hash of its files.
    pub hash: String,
    /// The `--as` name.
    pub learner: Option<String>,
    /// The engine's id.
    pub engine: String,
    /// The engine's address.
    pub endpoint: String,
    /// The engine's clock minus ours.
    pub skew: Nanos,
    /// When it begins, by the engine's clock.
    pub started: Nanos,
    /// What was there, as JSON.
    pub baseline: String,
    /// The engine's newest event, if it has any.
    pub anchor: Option<Nanos>,
}

/// A session as stored.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its row.
    pub id: i64,
    /// What it began with; `anchor` moves on.
    pub begin: NewSession,
    /// The journal is complete up to here, but for its gaps.
    pub reached: Nanos,
    /// When it was ended by a reset.
    pub ended: Option<Nanos>,
    /// The position of the first step that is not to be graded yet.
    pub pause: Option<usize>,
    /// When the exam ends that this is, by the engine's clock.
    pub exam: Option<Nanos>,
}

const COLUMNS: &str =
    "id, lab, address, hash, learner, engine, endpoint, skew, started, baseline, anchor, reached, ended, pause, exam";

fn session(row: &Row) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        id: row.get(0)?,
        begin: NewSession {
            lab: row.get(1)?,
            address: row.get(2)?,
            hash: row.get(3)?,
            learner: row.get(4)?,
            engine: row.get(5)?,
            endpoint: row.get(6)?,
            skew: row.get(7)?,
            started: row.get(8)?,
            baseline: row.get(9)?,
            anchor: row.get(10)?,
        },
        reached: row.get(11)?,
        ended: row.get(12)?,
        pause: row.get::<_, Option<i64>>(13)?.and_then(|pause| usize::try_from(pause).ok()),
        exam: row.get(14)?,
    })
}

impl Store {
    /// Begins a session and makes it the current one.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn begin(&mut self, new: NewSession) -> Result<SessionRow, StoreError> {
        let id = self.change(|transaction| {
            transaction.execute(
                "INSERT INTO session (lab, address, hash, learner, engine, endpoint, skew, started, used, baseline, anchor, reached)
                 VALUES (:lab, :address, :hash, :learner, :engine, :endpoint, :skew, :started,
                         (SELECT coalesce(max(used), 0) + 1 FROM session), :baseline, :anchor, :started)",
                named_params! {
                    ":lab": new.lab, ":address": new.address, ":hash": new.hash, ":learner": new.learner,
                    ":engine": new.engine, ":endpoint": new.endpoint, ":skew": new.skew, ":started": new.started,
                    ":baseline": new.baseline, ":anchor": new.anchor,
                },
            )?;
            let id = transaction.last_insert_rowid();
            retention::forget(transaction)?;
            Ok(id)
        })?;
        let reached = new.started;
        Ok(SessionRow { id, begin: new, reached, ended: None, pause: None, exam: None })
    }

    /// The session that was last begun or resumed, of this learner if one is named.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn current(&self, learner: Option<&str>) -> Result<Option<SessionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM session WHERE ended IS NULL AND (?1 IS NULL OR learner = ?1) ORDER BY used DESC LIMIT 1"
        );
        Ok(self.connection.query_row(&sql, params![learner], session).optional()?)
    }

    /// The open session of this lab that was last begun or resumed, of this learner if one is named.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn current_of(&self, address: &str, learner: Option<&str>) -> Result<Option<SessionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM session WHERE ended IS NULL AND address = ?1 AND (?2 IS NULL OR learner = ?2)
             ORDER BY used DESC LIMIT 1"
        );
        Ok(self.connection.query_row(&sql, params![address, learner], session).optional()?)
    }

    /// A session that is open.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn session(&self, id: i64) -> Result<Option<SessionRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM session WHERE ended IS NULL AND id = ?1");
        Ok(self.connection.query_row(&sql, [id], session).optional()?)
    }

    /// The open session of a lab and learner.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open_session(&self, address: &str, learner: Option<&str>) -> Result<Option<SessionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM session WHERE ended IS NULL AND address = ?1 AND learner IS ?2 ORDER BY used DESC LIMIT 1"
        );
        Ok(self.connection.query_row(&sql, params![address, learner], session).optional()?)
    }

    /// The other open sessions of a session's learner on its engine.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn open_beside(&self, row: &SessionRow) -> Result<Vec<SessionRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM session
             WHERE ended IS NULL AND engine = ?1 AND learner IS ?2 AND id <> ?3 ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![row.begin.engine, row.begin.learner, row.id], session)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every session, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM session ORDER BY used DESC");
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], session)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes a session the current one.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn resume(&mut self, id: i64) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute("UPDATE session SET used = (SELECT max(used) + 1 FROM session) WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Sets where a session stops, or that it does not.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn pause(&mut self, id: i64, before: Option<usize>) -> Result<(), StoreError> {
        let before = before.and_then(|step| i64::try_from(step).ok());
        self.change(|transaction| {
            transaction.execute("UPDATE session SET pause = ?2 WHERE id = ?1", params![id, before])?;
            Ok(())
        })
    }

    /// Makes a session an exam that ends at this moment.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn examine(&mut self, id: i64, until: Nanos) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute("UPDATE session SET exam = ?2 WHERE id = ?1", params![id, until])?;
            Ok(())
        })
    }

    /// Whether this was seen to exist during the session; with what told it from others of its name, where that is known.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn sighted(&self, session: i64, kind: NameKind, name: &str) -> Result<Option<Option<String>>, StoreError> {
        let sql = "SELECT identity FROM sighting WHERE session = ?1 AND kind = ?2 AND name = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![session, kind.word(), name], |row| row.get(0)).optional()?)
    }
}
