//! What reading a line takes: counted where a line could make much of it, and only by tests.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local!(static DONE: Cell<usize> = const { Cell::new(0) });

/// So many bytes or parts were looked at or copied.
#[cfg(not(test))]
pub(crate) const fn did(_: usize) {}

/// So many bytes or parts were looked at or copied.
#[cfg(test)]
pub(crate) fn did(count: usize) {
    DONE.with(|done| done.set(done.get() + count));
}

/// What has been done since this was last asked.
#[cfg(test)]
pub(crate) fn done() -> usize {
    DONE.with(Cell::take)
}
