//! `progress`: whether progress can be kept in its folder.

use super::disk::bytes;
use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

/// Less than this is little: a warning, in bytes. Progress takes a few megabytes.
const LITTLE: u64 = 100_000_000;

/// Less than this is nothing, in bytes.
const NOTHING: u64 = 5_000_000;

/// So many new files are little: a warning.
const FEW: u64 = 100;

const ELSEWHERE: &str = "or set LABRUN_HOME to a folder elsewhere";

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let home = match &seen.home {
        Ok(home) => home,
        Err((what, remedy)) => return Ok(Finding::fail(what, remedy)),
    };
    let folder = home.folder.display();
    if !home.is_folder {
        return Ok(Finding::fail(format!("{folder} is no folder"), "set LABRUN_HOME to a folder"));
    }
    if home.read_only {
        let what = format!("the file system of {folder} is read-only");
        return Ok(Finding::fail(what, "set LABRUN_HOME to a folder on another file system"));
    }
    if let Some(path) = &home.closed {
        let what = format!("you may not write {}, where progress is kept", path.display());
        let remedy = format!("make it yours: sudo chown -R \"$USER\" {}; {ELSEWHERE}", path.display());
        return Ok(Finding::fail(what, remedy).for_administrator());
    }
    let room = format!("{} free for progress in {folder}", bytes(home.free));
    let remedy = format!("free some space there; {ELSEWHERE}");
    if home.free < NOTHING {
        return Ok(Finding::fail(format!("only {room}"), remedy));
    }
    if let Some(files) = home.files.filter(|files| *files < FEW) {
        let count = if files == 0 { "no more files fit".to_owned() } else { format!("only {files} more files fit") };
        let what = format!("{count} on the file system of {folder}: its inodes are used up");
        let remedy = format!("remove files that you no longer need there; {ELSEWHERE}");
        return Ok(if files == 0 { Finding::fail(what, remedy) } else { Finding::warn(what, remedy) });
    }
    Ok(if home.free < LITTLE { Finding::warn(format!("only {room}"), remedy) } else { Finding::ok(room) })
}
