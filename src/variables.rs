//! The variables by which a process knows that it runs in a practice shell.

/// Where the parent listens, for its hook and for forwarded commands.
pub const SOCKET: &str = "LABRUN_SOCKET";

/// Which session a practice shell is about: its id, a slash, and the `--as` name if there is one.
pub const SESSION: &str = "LABRUN_SESSION";
