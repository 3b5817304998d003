//! `disk`: whether the engine has room left. What is large is listed; nothing is ever removed.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

/// Less than this is little: a warning, in bytes.
pub(in crate::doctor) const LITTLE: u64 = 1_000_000_000;

/// Less than this is nothing: containers can't be made, or what runs in them can't write.
const NOTHING: u64 = 50_000_000;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let (info, _) = seen.told(&seen.info)?;
    let disk = match &seen.disk {
        Some(disk) => seen.told(disk)?,
        None => return Ok(Finding::skip("the engine's disk is not this machine's; docker system df tells of it")),
    };
    let folder = info.docker_root_dir.as_deref().unwrap_or_default();
    let (free, size) = (bytes(disk.free), bytes(disk.size));
    let room = format!("{free} of {size} free in {folder}");
    if disk.free >= LITTLE {
        return Ok(Finding::ok(room));
    }
    let large: Vec<String> = disk.large.iter().map(|large| format!("{} {}", large.what, bytes(large.size))).collect();
    let large = if large.is_empty() { String::new() } else { format!("; large on the engine: {}", large.join(", ")) };
    let remedy = "docker system df -v lists what is there; remove what you no longer need, by name";
    Ok(if disk.free < NOTHING {
        Finding::fail(format!("only {room}{large}"), remedy)
    } else {
        Finding::warn(format!("only {room}{large}"), remedy)
    })
}

/// Bytes as people say them, in powers of ten as Docker does.
pub(super) fn bytes(count: u64) -> String {
    let (unit, name) = match count {
        1_000_000_000.. => (1_000_000_000, "GB"),
        1_000_000.. => (1_000_000, "MB"),
        _ => (1_000, "kB"),
    };
    let tenths = count / (unit / 10);
    if tenths >= 100 { format!("{} {name}", tenths / 10) } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}
