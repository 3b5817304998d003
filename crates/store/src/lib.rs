//! Progress on disk: sessions, attempts and the journal, in one SQLite file.
//!
//! It keeps what it is given, and decides neither what an attempt means nor which events matter: `labrun-journal`, below
//! it, does the latter. It never talks to an engine.
//!
//! Several labruns use it at once. Rollback journal and not WAL: WAL needs shared memory, which network homes don't have,
//! and the switch to it ignores the busy timeout. Every change is one `BEGIN IMMEDIATE` transaction, so that a killed
//! process leaves the state before or after it.
//!
//! A learner waits for each change, and a change for the disk: a journal that is emptied and not removed saves some of
//! that. `synchronous` stays FULL, since with less a power failure can undo a pass that was shown.

mod attempts;
mod helper_marks;
mod journal;
mod keep;
mod migrate;
mod rescue;
mod retention;
mod sessions;
mod signs;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trust;
mod verifications;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, ffi};

use labrun_process::sudo::Invoker;

pub use attempts::{AttemptRow, HelpRow, Mark, Sighting};
pub use helper_marks::StoreLedger;
pub use rescue::Rescued;
pub use sessions::{NewSession, SessionRow};
pub use signs::SignRow;
pub use verifications::NewVerification;

/// How long another process's change is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// How much of the file is kept in memory, as SQLite takes it: a negative number of KiB.
const CACHE: i32 = -256;

/// Why progress could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder for it can't be made, or the file can't be opened.
    #[error("progress cannot be kept in {path}: {why}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A newer labrun wrote it.
    #[error("the progress in {path} was written by a newer labrun (format {found}, this one knows {known})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// Another program keeps its own data under this name.
    #[error("{path} belongs to another program, so labrun does not write to it")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds it.
    #[error("another labrun has been writing its progress for more than {} seconds", BUSY.as_secs())]
    Busy,
    /// Anything else that SQLite says.
    #[error("progress could not be read or written: {}", in_short(.0))]
    Sqlite(rusqlite::Error),
    /// A row that makes no sense.
    #[error("progress holds something that cannot be read: {0}")]
    Content(#[from] serde_json::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Open { .. } => "make that folder writable, or set LABRUN_HOME to one that is".to_owned(),
            Self::Foreign { .. } => "set LABRUN_HOME to another folder".to_owned(),
            Self::Newer { .. } => "use that labrun, or set LABRUN_HOME to another folder".to_owned(),
            Self::Busy => "wait for it, or see which one it is: ps ax | grep labrun".to_owned(),
            Self::Sqlite(error) if is_full(error) => {
                "the disk is full, or a quota is used up: free some space".to_owned()
            }
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => {
                "make that file and its folder writable, or set LABRUN_HOME to another folder".to_owned()
            }
            Self::Sqlite(error) if is_damaged(error) => {
                "what can't be read is kept, and a new file begun: run it again".to_owned()
            }
            Self::Sqlite(_) | Self::Content(_) => "set LABRUN_HOME to another folder to go on without it".to_owned(),
        }
    }
}

/// Without the statement that it was about: nobody who reads this wrote that.
fn in_short(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// The open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    /// Where a damaged store was set aside, if this opening found one, and what was rescued of it.
    pub set_aside: Option<(PathBuf, Rescued)>,
}

impl Store {
    /// Opens the store in `folder`, making or upgrading it where needed.
    ///
    /// A file that SQLite finds damaged is renamed, never deleted, and a new one takes its place, with what can be read of
    /// it. Under sudo `owner` is the user who ran it, and whom this process acts as.
    ///
    /// # Errors
    /// When the folder can't be written, another process holds the store for too long, or a newer labrun wrote it.
    pub fn open(folder: &Path, owner: Option<&Invoker>) -> Result<Self, StoreError> {
        let path = folder.join("progress.db");
        prepare(folder, &path, owner)
            .map_err(|error| StoreError::Open { path: path.clone(), why: error.to_string() })?;
        match Self::connect(&path) {
            Err(StoreError::Sqlite(error)) if is_damaged(&error) => Self::open_anew(folder, &path, owner, false),
            opened => opened,
        }
    }

    /// Sets the store aside where SQLite finds damage anywhere in it; tells where it is kept then. For when damage shows
    /// only after the opening: looking through all of it each time would take too long.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn set_aside_if_damaged(
        folder: &Path,
        owner: Option<&Invoker>,
    ) -> Result<Option<(PathBuf, Rescued)>, StoreError> {
        Self::open_anew(folder, &folder.join("progress.db"), owner, true).map(|store| store.set_aside)
    }

    /// Sees again whether it is damaged, one process after the other: the file that the second one finds is the first
    /// one's new one.
    fn open_anew(folder: &Path, path: &Path, owner: Option<&Invoker>, wholly: bool) -> Result<Self, StoreError> {
        let cannot = |error: std::io::Error| StoreError::Open { path: path.to_owned(), why: error.to_string() };
        let lock = std::fs::File::open(folder).map_err(cannot)?;
        // A file system without locks has to do without.
        let _ = rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive);
        prepare(folder, path, owner).map_err(cannot)?;
        let opened = Self::connect(path).and_then(|store| if wholly { store.checked() } else { Ok(store) });
        match opened {
            Err(StoreError::Sqlite(error)) if is_damaged(&error) => {
                let aside = set_aside(path).map_err(cannot)?;
                prepare(folder, path, owner).map_err(cannot)?;
                let mut new = Self::connect(path)?;
                let rescued = rescue::rescue(&aside, &mut new.connection);
                new.set_aside = Some((aside, rescued));
                Ok(new)
            }
            opened => opened,
        }
    }

    /// Opens what is there to read in it, and changes nothing.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub fn peek(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("progress.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| cannot_open(&path, error))?;
        Ok(Self { connection, set_aside: None })
    }

    /// Itself, when all of it can be read.
    fn checked(self) -> Result<Self, StoreError> {
        let said: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if said == "ok" && rescue::is_text(&self.connection)? {
            return Ok(self);
        }
        let damaged = ffi::Error::new(ffi::SQLITE_CORRUPT);
        Err(StoreError::Sqlite(rusqlite::Error::SqliteFailure(damaged, Some(said))))
    }

    /// A store that lives only as long as this process.
    ///
    /// # Errors
    /// When SQLite cannot start.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        migrate::migrate(&mut connection, Path::new(":memory:"))?;
        Ok(Self { connection, set_aside: None })
    }

    fn connect(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
        connection.busy_timeout(BUSY)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
        // Else every statement is prepared once more as soon as it is about row 1, which SQLite holds to be a rare one.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        migrate::refuse_foreign(&connection, path)?;
        connection.pragma_update(None, "journal_mode", "truncate").map_err(|error| cannot_open(path, error))?;
        migrate::migrate(&mut connection, path).map_err(|error| match error {
            StoreError::Sqlite(error) => cannot_open(path, error),
            error => error,
        })?;
        Ok(Self { connection, set_aside: None })
    }

    /// One change, all or nothing.
    fn change<T>(&mut self, change: impl FnOnce(&Transaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = change(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn cannot_open(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Open { path: path.to_owned(), why: "it cannot be written".to_owned() }
        }
        _ => error.into(),
    }
}

impl StoreError {
    /// Whether the file is damaged.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Sqlite(error) if is_damaged(error))
    }
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    // SQLite does not look at what stands in a row.
    let is_no_text = matches!(error, rusqlite::Error::Utf8Error(..));
    let is_cut_off = error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHORT_READ);
    is_no_text
        || is_cut_off
        || matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Progress is the learner's alone: a folder for them, and a file for them. Under sudo it is they who make it.
fn prepare(folder: &Path, path: &Path, owner: Option<&Invoker>) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    match owner {
        Some(owner) => owner.make_folder(folder, 0o700)?,
        None if folder.is_dir() => {}
        None => std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?,
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    // Nothing that was set aside before is written over, also when the clock was set back meanwhile.
    let aside = (jiff::Timestamp::now().as_millisecond()..)
        .map(|stamp| path.with_file_name(format!("progress.damaged-{stamp}.db")))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| path.with_extension("damaged"));
    // The rollback journal belongs to the damaged file; beside a new one it would be replayed into it. It goes first: as
    // soon as the file is gone, another process may make a new one, and a journal of its own.
    let journal = path.with_file_name("progress.db-journal");
    if journal.exists() {
        fs_err::rename(&journal, aside.with_extension("db-journal"))?;
    }
    fs_err::rename(path, &aside)?;
    Ok(aside)
}
