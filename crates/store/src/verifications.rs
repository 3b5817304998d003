//! Ways through a lab that `verify` has begun and not cleaned up.

use labrun_graders::Nanos;
use rusqlite::{named_params, params};

use super::{Store, StoreError};

/// What a way through a lab may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVerification {
    /// The lab's id.
    pub lab: String,
    /// The `--as` name.
    pub learner: String,
    /// labrun drew that name at random, so no other process has it.
    pub own_name: bool,
    /// The engine's id.
    pub engine: String,
    /// The engine's address.
    pub endpoint: String,
    /// When it began, in nanoseconds since 1970 by this machine's clock.
    pub started: Nanos,
    /// What was there before, as JSON.
    pub baseline: String,
    /// What it may make: kinds, as in `owns`, and names.
    pub names: Vec<(String, String)>,
}

impl Store {
    /// Notes a way through a lab before it makes anything; returns its row.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn begin_verification(&mut self, new: &NewVerification) -> Result<i64, StoreError> {
        let names = serde_json::to_string(&new.names)?;
        self.change(|transaction| {
            transaction.execute(
                "INSERT INTO verification (lab, learner, own_name, engine, endpoint, started, baseline, names)
                 VALUES (:lab, :learner, :own_name, :engine, :endpoint, :started, :baseline, :names)",
                named_params! {
                    ":lab": new.lab, ":learner": new.learner, ":own_name": new.own_name, ":engine": new.engine,
                    ":endpoint": new.endpoint, ":started": new.started, ":baseline": new.baseline, ":names": names,
                },
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// Forgets one that left nothing.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn end_verification(&mut self, id: i64) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute("DELETE FROM verification WHERE id = ?1", params![id])?;
            Ok(())
        })
    }

    /// Every one that was not cleaned up, oldest first, each with its row.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn verifications(&self) -> Result<Vec<(i64, NewVerification)>, StoreError> {
        let sql = "SELECT id, lab, learner, own_name, engine, endpoint, started, baseline, names FROM verification ORDER BY id";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let new = NewVerification {
                lab: row.get(1)?,
                learner: row.get(2)?,
                own_name: row.get(3)?,
                engine: row.get(4)?,
                endpoint: row.get(5)?,
                started: row.get(6)?,
                baseline: row.get(7)?,
                names: Vec::new(),
            };
            Ok((row.get::<_, i64>(0)?, new, row.get::<_, String>(8)?))
        })?;
        let mut verifications = Vec::new();
        for row in rows {
            let (id, new, names) = row?;
            verifications.push((id, NewVerification { names: serde_json::from_str(&names)?, ..new }));
        }
        Ok(verifications)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_is_kept_until_it_ends() {
        let mut store = Store::in_memory().expect("a store");
        let new = NewVerification {
            lab: "docker-volumes".to_owned(),
            learner: "verify-1".to_owned(),
            own_name: true,
            engine: "id".to_owned(),
            endpoint: "unix:///var/run/docker.sock".to_owned(),
            started: 7,
            baseline: "{}".to_owned(),
            names: vec![("volume".to_owned(), "verify-1-app-data".to_owned())],
        };
        let (first, second) =
            (store.begin_verification(&new).expect("noted"), store.begin_verification(&new).expect("noted"));
        store.end_verification(first).expect("ended");
        assert_eq!(store.verifications().expect("read"), [(second, new)]);
    }
}
