//! `suspend` typed in the practice shell, and `kill -STOP $$`: labrun stops together with its shell, so that the shell
//! above takes the terminal back, and `fg` resumes both.
//!
//! Where nothing above could resume them (labrun was started by a terminal emulator, by ssh, or by a script), the kernel
//! ignores the stop signal, and the practice shell goes on at once.

use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgid, getpgrp, kill_process, kill_process_group, waitid};
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use tokio::signal::unix::SignalKind;

/// How long a stop signal may take to arrive, and how long the signal that resumes us.
const SIGNAL_TIMEOUT: Duration = Duration::from_millis(200);

/// What became of the stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suspended {
    /// The shell is not stopped.
    No,
    /// The shell above has resumed us.
    Resumed,
    /// Nothing above could have resumed us.
    Refused,
}

/// Stops with the shell, if it is stopped, and resumes it afterwards.
///
/// # Errors
/// When the signals can't be listened to, or the shell can't be resumed.
pub(super) async fn follow(shell: u32) -> io::Result<Suspended> {
    let Some(shell) = i32::try_from(shell).ok().and_then(Pid::from_raw) else { return Ok(Suspended::No) };
    let stopped = waitid(WaitId::Pid(shell), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
    if !matches!(stopped, Ok(Some(_))) {
        return Ok(Suspended::No);
    }
    let mut resumed = tokio::signal::unix::signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    // To the whole group, as Ctrl-Z would: the shell above must see all of its job stop. An orphaned group ignores it.
    kill_process_group(getpgrp(), Signal::TSTP)?;
    let suspended = match tokio::time::timeout(SIGNAL_TIMEOUT, resumed.recv()).await {
        Ok(_) => Suspended::Resumed,
        Err(_) => Suspended::Refused,
    };
    let group = getpgid(Some(shell))?;
    let terminal = io::stdin();
    // From the background this stops us once more, until we are in the foreground.
    if tcgetpgrp(&terminal).is_ok_and(|foreground| foreground != group) {
        let _ = tcsetpgrp(&terminal, group);
    }
    if group == getpgrp() {
        kill_process(shell, Signal::CONT)?;
    } else {
        kill_process_group(group, Signal::CONT)?;
    }
    Ok(suspended)
}
