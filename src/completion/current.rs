//! The command line that is being completed: which lab it names, and for which learner.

use std::ffi::OsString;
use std::sync::OnceLock;

use labrun_lab::{AsName, Lab, load};
use labrun_store::{SessionRow, Store};

/// A candidate is asked for by a function without arguments, so that the words must lie somewhere.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

/// Keeps the words of this process's one command line.
pub(super) fn remember(words: &[OsString]) {
    let _ = WORDS.set(words.to_vec());
}

fn words() -> impl Iterator<Item = &'static str> {
    // The last one is not finished, and the first one is the program.
    let words = WORDS.get().map(Vec::as_slice).unwrap_or_default();
    let end = words.len().saturating_sub(1).max(1);
    words.get(1..end).unwrap_or_default().iter().filter_map(|word| word.to_str())
}

/// The value of an option, if it stands there.
fn option(long: &str) -> Option<&'static str> {
    let mut words = words();
    while let Some(word) = words.next() {
        if word == long {
            return words.next();
        }
        if let Some(value) = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value);
        }
    }
    None
}

/// The first lab that the words name.
pub(super) fn lab() -> Option<Lab> {
    words().find_map(|word| load(word, None).ok()).map(|loaded| loaded.lab)
}

/// The sessions, newest first; none where there is no store, or it can't be read.
pub(super) fn sessions() -> Vec<SessionRow> {
    let folder = crate::context::data_folder(labrun_process::sudo::invoker());
    let store = folder.ok().and_then(|folder| Store::peek(&folder).ok());
    store.and_then(|store| store.sessions().ok()).unwrap_or_default()
}

/// The lab of the session that a command without a name would be about.
pub(super) fn lab_of_session() -> Option<Lab> {
    let of_shell = std::env::var(crate::variables::SESSION).ok().filter(|_| option("--as").is_none());
    let of_shell = of_shell.and_then(|value| {
        sessions().into_iter().find(|row| row.ended.is_none() && crate::context::is_named_by(&value, row))
    });
    if let Some(row) = of_shell {
        return load(&row.begin.address, None).ok().map(|loaded| loaded.lab);
    }
    let learner = option("--as").map(str::to_owned).or_else(|| std::env::var("LABRUN_AS").ok());
    let learner: Option<AsName> = learner.and_then(|name| name.parse().ok());
    let is_theirs = |row: &SessionRow| {
        let name = learner.as_ref().map(AsName::as_str);
        row.ended.is_none() && (name.is_none() || row.begin.learner.as_deref() == name)
    };
    let row = sessions().into_iter().find(is_theirs)?;
    load(&row.begin.address, None).ok().map(|loaded| loaded.lab)
}
