//! The marks of what labrun makes for itself on an engine: see [`Ledger`].

use std::path::{Path, PathBuf};

use super::{Store, StoreError, prepare};
use labrun_process::Ledger;
use labrun_process::sudo::Invoker;

/// So many marks are kept, the newest: one for each process that made a helper container.
const KEPT: usize = 2_000;

/// The store as a ledger. It is opened when a mark is noted, and made if it is not there.
#[derive(Clone, Debug)]
pub struct StoreLedger {
    folder: PathBuf,
    owner: Option<Invoker>,
}

impl StoreLedger {
    /// The store in this folder; what is made belongs to `owner`, if there is one.
    #[must_use]
    pub fn new(folder: &Path, owner: Option<&Invoker>) -> Self {
        Self { folder: folder.to_owned(), owner: owner.cloned() }
    }

    /// Opens the store. It leaves a damaged one as it is: the command that opens it for progress sets it aside and says so.
    fn open(&self) -> Result<Store, StoreError> {
        let path = self.folder.join("progress.db");
        prepare(&self.folder, &path, self.owner.as_ref())
            .map_err(|error| StoreError::Open { path: path.clone(), why: error.to_string() })?;
        Store::connect(&path)
    }
}

impl Ledger for StoreLedger {
    fn note(&self, mark: &str) -> Result<(), String> {
        self.open().and_then(|mut store| store.note_helper_mark(mark)).map_err(|error| error.to_string())
    }

    fn noted(&self) -> Result<Vec<String>, String> {
        if !self.folder.join("progress.db").exists() {
            return Ok(Vec::new());
        }
        self.open().and_then(|store| store.helper_marks()).map_err(|error| error.to_string())
    }
}

impl Store {
    fn note_helper_mark(&mut self, mark: &str) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute("INSERT INTO helper_mark (value) VALUES (?1)", [mark])?;
            let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
            transaction
                .execute("DELETE FROM helper_mark WHERE id <= (SELECT max(id) FROM helper_mark) - ?1", [kept])?;
            Ok(())
        })
    }

    fn helper_marks(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("SELECT value FROM helper_mark")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_outlive_the_process_and_stay_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = || StoreLedger::new(folder.path(), None);
        assert_eq!(ledger().noted(), Ok(Vec::new()));
        assert!(!folder.path().join("progress.db").exists(), "reading makes no file");
        ledger().note("first").expect("noted");
        ledger().note("second").expect("noted");
        assert_eq!(ledger().noted().map(|marks| marks.len()), Ok(2));
        assert!(ledger().note("second").is_err(), "a mark is used once");
        let mut store = Store::open(folder.path(), None).expect("opened");
        for number in 0..KEPT {
            store.note_helper_mark(&number.to_string()).expect("noted");
        }
        let marks = store.helper_marks().expect("read");
        assert_eq!((marks.len(), marks.contains(&"first".to_owned())), (KEPT, false));
    }
}
