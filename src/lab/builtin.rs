//! The labs that ship with labrun, built into the binary.

use include_dir::{Dir, include_dir};

static LABS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/labs");

/// A lab or track file that ships with labrun.
#[derive(Clone, Copy, Debug)]
pub struct Shipped;

impl Shipped {
    /// The ids of the tracks.
    pub fn tracks() -> impl Iterator<Item = &'static str> {
        LABS.dirs().filter_map(|dir| dir.path().to_str())
    }

    /// The text of a file, by its path below `labs/`.
    #[must_use]
    pub fn text(path: &str) -> Option<&'static str> {
        LABS.get_file(path)?.contents_utf8()
    }
}
