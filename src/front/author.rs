//! `labrun lint --watch`: a screen that is made anew whenever a file below some folders changes.
//!
//! It wakes when a file is written, made, moved or removed, and when the terminal's size changes; never by a clock.
//! Looking at files wakes nobody. The screen is the usual one, and not the alternate: many faults want to be scrolled.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::watch::no_signals;
use crate::context::App;
use crate::error::Error;
use crate::ui::Page;

/// An editor that saves does several things at once.
const TOGETHER: Duration = Duration::from_millis(50);

/// Shows what `screen` makes, and again after every change, until it is interrupted.
///
/// # Errors
/// When nobody tells of changes or signals.
pub fn on_change(app: &App, folders: &[PathBuf], screen: impl Fn(&Page) -> String) -> Result<(), Error> {
    let changed = Arc::new(Notify::new());
    let _watcher = watcher(folders, changed.clone()).map_err(|error| {
        Error::environment(format!("labrun cannot be told of changed files: {error}"), "lint without --watch")
    })?;
    app.block_on(async {
        let mut resized = signal(SignalKind::window_change()).map_err(no_signals)?;
        let mut interrupted = signal(SignalKind::interrupt()).map_err(no_signals)?;
        let mut terminated = signal(SignalKind::terminate()).map_err(no_signals)?;
        let mut shown = String::new();
        loop {
            let text = screen(&app.ui.page_now());
            if text != shown {
                // Also what has scrolled away: it is no longer true.
                let clear = if app.ui.is_terminal() { "\u{1b}[H\u{1b}[2J\u{1b}[3J" } else { "" };
                app.ui.say(&format!("{clear}{text}\n"));
                shown = text;
            }
            tokio::select! {
                () = changed.notified() => tokio::time::sleep(TOGETHER).await,
                _ = resized.recv() => {}
                _ = interrupted.recv() => return Ok(()),
                _ = terminated.recv() => return Ok(()),
            }
        }
    })?
}

fn watcher(folders: &[PathBuf], changed: Arc<Notify>) -> notify::Result<notify::RecommendedWatcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| is_change(event.kind)) {
            changed.notify_one();
        }
    };
    // A link in a stranger's folder may lead to the whole file system.
    let config = notify::Config::default().with_follow_symlinks(false);
    let mut watcher = notify::RecommendedWatcher::new(tell, config)?;
    for folder in folders {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// Whether what is told of is more than a look.
fn is_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}
