//! Where a process notes the marks of what it makes, before it makes it.

/// Where marks are noted.
pub trait Ledger: Send + Sync {
    /// Notes a mark, so that it is known after a crash.
    ///
    /// # Errors
    /// Why it cannot be written, in words.
    fn note(&self, mark: &str) -> Result<(), String>;

    /// Returns every mark that was noted.
    ///
    /// # Errors
    /// Why they cannot be read, in words.
    fn noted(&self) -> Result<Vec<String>, String>;
}
