//! A store's first page, written anew: it says where each table begins, and without it nothing is found.
//!
//! The tables that are rescued are all made by the first migration, on an empty file: they begin in every store where they
//! begin in a new one. Sources: SQLite's "Database File Format", 1.3 The Database Header and 2.6 Storage Of The SQL
//! Database Schema. SQLite's own recovery is an extension in C that the bundled build does not have.

use std::os::unix::fs::FileExt;
use std::path::Path;

use rusqlite::Connection;

use super::columns;

/// The size of a page in every store.
const PAGE: u64 = 4096;

/// Writes a first page that says where these tables are, as they are in the new store.
pub(super) fn write_anew(damaged: &Path, new: &Connection, tables: &[&str]) -> Option<()> {
    let drawn = damaged.with_extension("first");
    let file = Connection::open(&drawn).ok()?;
    file.pragma_update(None, "writable_schema", true).ok()?;
    for table in tables {
        let begins = "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        let root: i64 = new.query_row(begins, [table], |row| row.get(0)).ok()?;
        // Types and rules are the new store's business; a row's number is kept in no column.
        let numbered = |column: &String| if column == "id" { "id INTEGER PRIMARY KEY" } else { column }.to_owned();
        let list: Vec<String> = columns(new, table).iter().map(numbered).collect();
        file.execute_batch(&format!("CREATE TABLE {table} ({})", list.join(", "))).ok()?;
        file.execute("UPDATE sqlite_schema SET rootpage = ?1 WHERE name = ?2", (root, table)).ok()?;
    }
    drop(file);
    let mut page = std::fs::read(drawn).ok()?;
    page.truncate(usize::try_from(PAGE).ok()?);
    let damaged = std::fs::OpenOptions::new().write(true).open(damaged).ok()?;
    let pages = u32::try_from(damaged.metadata().ok()?.len().div_ceil(PAGE)).ok()?;
    // How long the file is, and that no page of it is free.
    page.get_mut(28..32)?.copy_from_slice(&pages.to_be_bytes());
    page.get_mut(32..40)?.fill(0);
    damaged.write_all_at(&page, 0).ok()
}
