//! Attempts, answers and help: what progress is derived from.

use labrun_graders::Nanos;
use labrun_graders::fact::Answered;
use labrun_graders::name::NameKind;
use rusqlite::{OptionalExtension, Row, params};

use super::{Store, StoreError};

/// What an attempt was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The step passed.
    Pass,
    /// It did not.
    Fail,
    /// Its state was made for the learner.
    Given,
    /// The learner passed it over.
    Skipped,
}

impl Mark {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Pass, "pass"), (Self::Fail, "fail"), (Self::Given, "given"), (Self::Skipped, "skipped")];

    /// The word it is stored and reported by.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(mark, _)| *mark == self).map_or("fail", |(_, word)| word)
    }

    fn from_word(word: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == word).map_or(Self::Fail, |(mark, _)| *mark)
    }
}

/// An attempt as stored.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// The step's id.
    pub step: String,
    /// What it was.
    pub mark: Mark,
    /// When it was graded.
    pub at: Nanos,
    /// For a pass, when what passed had come about.
    pub since: Option<Nanos>,
    /// The checks, as JSON.
    pub report: String,
}

/// What was seen to exist during a session, and what tells it from others of its name, where that is known: its later
/// absence means that it was removed.
pub type Sighting = (NameKind, String, Option<String>);

/// Help that was taken, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRow {
    /// The step's id.
    pub step: String,
    /// It was the solution, and no hint.
    pub solution: bool,
    /// When it was shown.
    pub at: Nanos,
}

impl Store {
    /// Every attempt of a session, oldest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn attempts(&self, session: i64) -> Result<Vec<AttemptRow>, StoreError> {
        self.rows(session, "SELECT step, verdict, at, since, report FROM attempt WHERE session = ?1 ORDER BY id")
    }

    /// The same without what was seen: that is most of what is stored, and no progress depends on it.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn marks(&self, session: i64) -> Result<Vec<AttemptRow>, StoreError> {
        self.rows(session, "SELECT step, verdict, at, since, '' FROM attempt WHERE session = ?1 ORDER BY id")
    }

    fn rows(&self, session: i64, sql: &str) -> Result<Vec<AttemptRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([session], |row| {
            let mark: String = row.get(1)?;
            Ok(AttemptRow {
                step: row.get(0)?,
                mark: Mark::from_word(&mark),
                at: row.get(2)?,
                since: row.get(3)?,
                report: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records attempts, and what was seen to exist, in one change. An attempt that is the same as the step's last is left
    /// out, and so is one for a step that has passed meanwhile: a pass is recorded once and never taken back.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn record(&mut self, session: i64, attempts: &[AttemptRow], seen: &[Sighting]) -> Result<(), StoreError> {
        let mut new = Vec::new();
        for attempt in attempts {
            let last = self.last_attempt(session, &attempt.step)?;
            let same = last.as_ref().is_some_and(|(mark, report)| *mark == attempt.mark && *report == attempt.report);
            let passed = last.is_some_and(|(mark, _)| mark == Mark::Pass);
            if !same && !passed {
                new.push(attempt);
            }
        }
        let mut newly_seen = Vec::new();
        for (kind, name, identity) in seen {
            let known = self.sighted(session, *kind, name)?;
            if known.is_none_or(|known| identity.is_some() && known != *identity) {
                newly_seen.push((kind.word(), name, identity));
            }
        }
        if new.is_empty() && newly_seen.is_empty() {
            return Ok(());
        }
        self.change(|transaction| {
            let sql = "INSERT INTO sighting (session, kind, name, identity) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT DO UPDATE SET identity = coalesce(excluded.identity, identity)";
            for (kind, name, identity) in newly_seen {
                transaction.execute(sql, params![session, kind, name, identity])?;
            }
            let sql = "INSERT INTO attempt (session, step, verdict, at, since, report)
                       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS
                           (SELECT 1 FROM attempt WHERE session = ?1 AND step = ?2 AND verdict = 'pass')";
            for attempt in new {
                let AttemptRow { step, mark, at, since, report } = attempt;
                transaction.execute(sql, params![session, step, mark.word(), at, since, report])?;
            }
            Ok(())
        })
    }

    /// Notes that the states of these steps were made again, whether or not they had passed: from then on what they made
    /// is other objects. What the learner passed stays passed.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn note_made_again(&mut self, session: i64, steps: &[&str], at: Nanos) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql =
                "INSERT INTO attempt (session, step, verdict, at, since, report) VALUES (?1, ?2, ?3, ?4, ?4, '[]')";
            for step in steps {
                transaction.execute(sql, params![session, step, Mark::Given.word(), at])?;
            }
            Ok(())
        })
    }

    /// How a step was last closed, and when that was seen; `None` while it is open.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn closed(&self, session: i64, step: &str) -> Result<Option<(Mark, Nanos)>, StoreError> {
        let sql = "SELECT verdict, at FROM attempt WHERE session = ?1 AND step = ?2 AND verdict <> 'fail'
                   ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row(params![session, step], |row| {
            let mark: String = row.get(0)?;
            Ok((Mark::from_word(&mark), row.get(1)?))
        });
        Ok(row.optional()?)
    }

    fn last_attempt(&self, session: i64, step: &str) -> Result<Option<(Mark, String)>, StoreError> {
        let sql = "SELECT verdict, report FROM attempt WHERE session = ?1 AND step = ?2 ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row(params![session, step], |row| {
            let mark: String = row.get(0)?;
            Ok((Mark::from_word(&mark), row.get(1)?))
        });
        Ok(row.optional()?)
    }

    /// Keeps the learner's answer to a step; a new one takes the old one's place.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn keep_answer(&mut self, session: i64, step: &str, text: &str, at: Nanos) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction
                .execute("INSERT OR REPLACE INTO answer VALUES (?1, ?2, ?3, ?4)", params![session, step, text, at])?;
            Ok(())
        })
    }

    /// The learner's answer to a step.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn answer(&self, session: i64, step: &str) -> Result<Option<Answered>, StoreError> {
        let sql = "SELECT text, at FROM answer WHERE session = ?1 AND step = ?2";
        let answered = |row: &Row| Ok(Answered { text: row.get(0)?, at: row.get(1)? });
        Ok(self.connection.prepare_cached(sql)?.query_row(params![session, step], answered).optional()?)
    }

    /// Notes that a hint or the solution was shown.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn note_help(&mut self, session: i64, step: &str, kind: &str, at: Nanos) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql = "INSERT INTO help (session, step, kind, at) VALUES (?1, ?2, ?3, ?4)";
            transaction.execute(sql, params![session, step, kind, at])?;
            Ok(())
        })
    }

    /// Help that was taken in a session, oldest first.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn help(&self, session: i64) -> Result<Vec<HelpRow>, StoreError> {
        let sql = "SELECT step, kind = 'solution', at FROM help WHERE session = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement
            .query_map([session], |row| Ok(HelpRow { step: row.get(0)?, solution: row.get(1)?, at: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::{AttemptRow, Mark};
    use crate::testing::with_session;

    #[test]
    fn a_step_is_closed_when_its_state_was_last_made_and_what_passed_stays_passed() {
        let (mut store, session) = with_session(1);
        let attempt = |step: &str, mark, at: i64| {
            let report = at.to_string();
            AttemptRow { step: step.to_owned(), mark, at, since: None, report }
        };
        let attempts = [attempt("one", Mark::Fail, 2), attempt("one", Mark::Pass, 3), attempt("two", Mark::Fail, 4)];
        store.record(session, &attempts, &[]).expect("recorded");
        assert_eq!(store.closed(session, "one").expect("read"), Some((Mark::Pass, 3)));
        assert_eq!(store.closed(session, "two").expect("read"), None);
        for at in [8, 9] {
            store.note_made_again(session, &["one", "two"], at).expect("noted");
            assert_eq!(store.closed(session, "one").expect("read"), Some((Mark::Given, at)));
            assert_eq!(store.closed(session, "two").expect("read"), Some((Mark::Given, at)));
        }
        store.record(session, &[attempt("one", Mark::Fail, 10)], &[]).expect("recorded");
        assert_eq!(store.marks(session).expect("read").len(), 7, "no failure after the pass");
    }
}
