//! `clock`: whether the engine's clock and this machine's agree.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;
use labrun_docker::Transport;

/// How far they may be apart, in seconds. The date of an answer is exact to one or two.
const APART: i64 = 5;

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    let (info, skew) = seen.told(&seen.info)?;
    let by_date = seen.ping.as_ref().ok().and_then(|ping| ping.seconds_off).unwrap_or_default();
    let by_info = skew / 1_000_000_000;
    let off = if by_date.abs() > by_info.abs() { by_date } else { by_info };
    if off.abs() < APART {
        return Ok(Finding::ok("the engine's and yours agree"));
    }
    let (seconds, direction) = (off.unsigned_abs(), if off < 0 { "behind" } else { "ahead of" });
    let what = format!("the engine's clock is {} {direction} yours", span(seconds));
    let is_desktop = info.operating_system.as_deref() == Some("Docker Desktop");
    let by_socket = seen.endpoint.as_ref().is_ok_and(|endpoint| matches!(endpoint.transport, Transport::Unix(_)));
    Ok(match (is_desktop, by_socket) {
        (true, _) => Finding::warn(what, "restart Docker Desktop"),
        (_, true) => Finding::warn(what, "restart the engine's virtual machine (Colima, WSL: wsl --shutdown)"),
        _ => Finding::warn(what, "set the clock of the engine's machine: timedatectl set-ntp true").for_administrator(),
    })
}

/// "40 seconds", "3 minutes", "2 hours".
fn span(seconds: u64) -> String {
    match seconds {
        ..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    }
}
