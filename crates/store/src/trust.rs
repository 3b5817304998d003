//! Which folders' shell text the user lets labrun run.

use std::path::Path;

use rusqlite::OptionalExtension;

use super::{Store, StoreError};

impl Store {
    /// The digest that a folder had when it was trusted; `None` for one that is not.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn trusted(&self, folder: &Path) -> Result<Option<String>, StoreError> {
        let found =
            self.connection.query_row("SELECT digest FROM trust WHERE folder = ?1", [key(folder)], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Trusts a folder with this digest, in place of what it was trusted with before.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn trust(&mut self, folder: &Path, digest: &str) -> Result<(), StoreError> {
        self.change(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO trust (folder, digest) VALUES (?1, ?2)",
                [key(folder), digest.to_owned()],
            )?;
            Ok(())
        })
    }

    /// Trusts a folder no more; whether it was trusted.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn distrust(&mut self, folder: &Path) -> Result<bool, StoreError> {
        self.change(|transaction| Ok(transaction.execute("DELETE FROM trust WHERE folder = ?1", [key(folder)])? > 0))
    }
}

/// A folder's path as text; bytes that are no text are written out, so that no two folders share one.
fn key(folder: &Path) -> String {
    folder.as_os_str().as_encoded_bytes().utf8_chunks().fold(String::new(), |mut key, chunk| {
        key += chunk.valid();
        chunk.invalid().iter().for_each(|byte| key += &format!("\0{byte:02x}"));
        key
    })
}
