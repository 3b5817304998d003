//! Files that are written from the code: pages of the book, and the schemas of the lab files. Each is compared with what
//! the code says now, or with `UPDATE_REFERENCE=1` written anew. Prose belongs in `book/src`.

mod authors;
mod commands;
mod coverage;
mod examples;
mod labs;
mod schemas;
mod tables;

use std::path::{Path, PathBuf};

/// Set to `1`, what is kept is written instead of compared.
const UPDATE: &str = "UPDATE_REFERENCE";

/// What stands at the top of a page that is written from the code.
const NOTE: &str =
    "<!-- Written by a test from the code (src/cli/reference): change that, then run make reference -->\n";

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn book(path: &str) -> PathBuf {
    root("book").join(path)
}

/// Sees that a kept file is what the code says; or writes it.
fn kept_current(path: &str, now: &str) {
    let file = root(path);
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        fs_err::create_dir_all(file.parent().unwrap_or(&file)).expect("its folder is there");
        fs_err::write(&file, now).expect("it is written");
    }
    let kept = fs_err::read_to_string(&file).unwrap_or_default();
    let place = kept.lines().zip(now.lines()).position(|(kept, now)| kept != now);
    let line = place.unwrap_or(kept.lines().count().min(now.lines().count())) + 1;
    assert!(
        kept == now,
        "{path} is not what the program says, from line {line} on.\n\
         Write it anew, and look at what changed: make reference"
    );
}
