//! A way to the engine for the user who ran sudo: where they may not use the engine's socket, what labrun runs for them gets
//! a socket of their own, for as long as it runs. The files that it makes are theirs then, and not root's.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use labrun_process::sudo::AsRoot;

/// The socket; gone when dropped.
#[derive(Debug)]
pub(super) struct Relay {
    /// Only its owner may enter.
    folder: TempDir,
    listening: JoinHandle<()>,
}

impl Relay {
    /// Listens for the user whom this process acts as, and hands on to the engine's socket as root.
    pub(super) fn open(engine: &Path) -> io::Result<Self> {
        // The socket gives full use of the engine: the umask must not open the way to it.
        let folder = tempfile::Builder::new().prefix("labrun-").permissions(Permissions::from_mode(0o700)).tempdir()?;
        let listener = UnixListener::bind(Self::socket_in(&folder))?;
        let engine = engine.to_owned();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(hand_on(client, engine.clone()));
            }
        });
        Ok(Self { folder, listening })
    }

    /// What `DOCKER_HOST` must be to go this way.
    pub(super) fn url(&self) -> String {
        format!("unix://{}", Self::socket_in(&self.folder).display())
    }

    fn socket_in(folder: &TempDir) -> PathBuf {
        folder.path().join("docker.sock")
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Both ways, until both have ended.
async fn hand_on(mut client: UnixStream, engine: PathBuf) {
    if let Ok(mut engine) = AsRoot::new(UnixStream::connect(engine)).await {
        let _ = tokio::io::copy_bidirectional(&mut client, &mut engine).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_its_user_gets_to_the_socket() {
        let relay = Relay::open(Path::new("/nonexistent/docker.sock")).expect("it listens");
        let folder = std::fs::metadata(relay.folder.path()).expect("a folder");
        assert_eq!(folder.permissions().mode() & 0o777, 0o700);
        assert!(Relay::socket_in(&relay.folder).exists());
    }
}
