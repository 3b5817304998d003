//! How the user or a job's runner asks labrun to end.

/// Ctrl-C, or a polite end from a job's runner.
pub async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        },
        // Without handlers these signals end the process by themselves.
        _ => std::future::pending().await,
    }
}
