//! A bind mount in each folder that labs mount from: written on this machine and read in a container, and the other way
//! round. The container and the folder are removed at once, whatever happens.

use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::{Mount, MountType};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions, WaitContainerOptions,
};
use futures_util::StreamExt;
use futures_util::future::join_all;
use labrun_graders::CannotLook;

use super::{LONG, within};
use rustix::io::Errno;
use rustix::process::{Pid, geteuid, test_kill_process};

use crate::doctor::needs::Needs;
use crate::doctor::seen::{Answer, Canary};
use crate::probe::{Clock, Engine, own_container};

/// How the folders and containers are called, before the process's id and a number.
const NAME: &str = "labrun-doctor-";

/// Where the container has the folder.
const MOUNTED_AT: &str = "/labrun";

/// What the container does: each way to fail has a code of its own. `$1` is what stands in the file.
const LOOK: &str = "ls /labrun >/dev/null 2>&1 || exit 11
test -e /labrun/here || exit 10
said=$(cat /labrun/here 2>/dev/null) || exit 11
test \"$said\" = \"$1\" || exit 10
{ echo \"$1\" >/labrun/there; } 2>/dev/null || exit 12";

/// Tries every folder that is needed; one after the other, since nearly all labs use the same.
pub(super) async fn all(needs: &Needs, engine: &Engine) -> Vec<(PathBuf, Answer<Canary>)> {
    if engine.helper_image.is_empty() {
        return Vec::new();
    }
    // What an earlier doctor had no time to remove.
    let _ = tokio::time::timeout(LONG, engine.sweep()).await;
    needs.folders().iter().for_each(|above| sweep(above));
    let tried = needs.folders().into_iter().enumerate().map(async |(number, folder)| {
        let tried = one(&folder, number, engine).await;
        (folder, tried)
    });
    join_all(tried).await
}

async fn one(above: &Path, number: usize, engine: &Engine) -> Answer<Canary> {
    // Learners make what is missing above their path; here the nearest folder that is there will do.
    let above = above.ancestors().find(|folder| folder.is_dir()).unwrap_or(above);
    let token = Clock::default().now().to_string();
    let folder = match Folder::make(above, number, &token) {
        Ok(folder) => folder,
        Err(why) => return Ok(Canary::NotMade(why.to_string())),
    };
    let name = folder.0.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let what = format!("a container that mounts {}", above.display());
    let tried = tokio::select! {
        tried = within(LONG, &what, run(engine, &name, &folder, &token)) => tried,
        () = crate::engine::asked_to_end() => super::unasked(),
    };
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let removal = engine.docker.remove_container(&name, Some(options));
    // One that stays is swept when doctor or a lab next starts.
    let _ = tokio::time::timeout(Duration::from_secs(5), removal).await;
    tried
}

async fn run(engine: &Engine, name: &str, folder: &Folder, token: &str) -> Answer<Canary> {
    // Unlike `-v`, a mount never makes a folder on the engine's side.
    let mount = Mount {
        typ: Some(MountType::BIND),
        source: Some(folder.0.to_string_lossy().into_owned()),
        target: Some(MOUNTED_AT.to_owned()),
        ..Mount::default()
    };
    let words = ["sh", "-c", LOOK, "sh", token];
    let body = own_container(&engine.helper_image, &words, mount);
    let options = CreateContainerOptionsBuilder::new().name(name).build();
    if let Err(error) = engine.docker.create_container(Some(options), body).await {
        return refused(engine, error);
    }
    if let Err(error) = engine.docker.start_container(name, None::<StartContainerOptions>).await {
        return refused(engine, error);
    }
    let mut ended = engine.docker.wait_container(name, None::<WaitContainerOptions>);
    let code = match ended.next().await {
        Some(Ok(ended)) => ended.status_code,
        Some(Err(Error::DockerContainerWaitError { code, .. })) => code,
        Some(Err(error)) => return Err(engine.trouble(&error)),
        None => return super::unasked(),
    };
    Ok(match code {
        0 if folder.has_answer(token) => Canary::Shared,
        0 | 10 => Canary::Elsewhere,
        11 => Canary::Unreadable,
        12 => Canary::Unwritable,
        code => Canary::NotRun(format!("it ended with {code}")),
    })
}

/// What it means that the engine does not make or start the container.
fn refused(engine: &Engine, error: Error) -> Result<Canary, CannotLook> {
    let Error::DockerResponseServerError { message, .. } = &error else { return Err(engine.trouble(&error)) };
    // Docker: "bind source path does not exist", "Mounts denied" (Docker Desktop), "error mounting"; podman: "statfs".
    let about_mount = ["bind source", "mount", "statfs"];
    Ok(match about_mount.iter().any(|words| message.to_ascii_lowercase().contains(words)) {
        true if message.contains("does not exist") || message.contains("no such file") => Canary::Elsewhere,
        true => Canary::Refused(message.clone()),
        false if message.contains("executable file not found") || message.contains("no such file") => Canary::NoShell,
        false => Canary::NotRun(message.clone()),
    })
}

/// A folder of this machine that is gone when dropped, with the two files that can be in it.
struct Folder(PathBuf);

impl Folder {
    /// As a learner's `mkdir` makes it, so that a container may do with it what it may do with theirs. But for one thing:
    /// whatever the umask, nobody else puts anything there; and its name can't be guessed.
    fn make(above: &Path, number: usize, token: &str) -> std::io::Result<Self> {
        let (prefix, mode) = (format!("{NAME}{}-{number}-", std::process::id()), Permissions::from_mode(0o755));
        let made = tempfile::Builder::new().prefix(&prefix).permissions(mode).tempdir_in(above)?;
        let folder = Self(made.keep());
        File::create_new(folder.0.join("here"))?.write_all(token.as_bytes())?;
        Ok(folder)
    }

    /// Whether the container's file is here.
    fn has_answer(&self, token: &str) -> bool {
        std::fs::read_to_string(self.0.join("there")).is_ok_and(|said| said.trim() == token)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for file in ["here", "there"] {
            let _ = std::fs::remove_file(self.0.join(file));
        }
        // One with anything else in it stays.
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// Removes our folders of processes that are no more.
fn sweep(above: &Path) {
    for entry in std::fs::read_dir(above).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(NAME)?.split_once('-')?.0.parse().ok());
        let Some(process) = process.and_then(Pid::from_raw) else { continue };
        // Somebody else's could turn into a link to anywhere before it is opened.
        let is_ours = entry.metadata().is_ok_and(|of| of.is_dir() && of.uid() == geteuid().as_raw());
        if is_ours && test_kill_process(process) == Err(Errno::SRCH) {
            drop(Folder(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canarys_name_comes_once_and_nobody_else_puts_anything_into_its_folder() {
        let above = tempfile::tempdir().expect("a folder");
        let (one, other) = (Folder::make(above.path(), 0, "1"), Folder::make(above.path(), 0, "1"));
        let (one, other) = (one.expect("made"), other.expect("made"));
        assert_ne!(one.0, other.0);
        assert_eq!(std::fs::metadata(&one.0).expect("there").mode() & 0o022, 0);
    }

    #[test]
    fn a_link_at_a_canarys_name_is_not_followed_when_old_ones_are_swept() {
        let (above, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        std::fs::write(elsewhere.path().join("here"), "kept").expect("written");
        // No process has this number: the kernel's greatest is below it.
        let name = |number: usize| above.path().join(format!("{NAME}99999999-{number}"));
        std::os::unix::fs::symlink(elsewhere.path(), name(0)).expect("linked");
        std::fs::create_dir(name(1)).expect("made");
        std::os::unix::fs::symlink(elsewhere.path().join("here"), name(1).join("here")).expect("linked");
        sweep(above.path());
        assert!(name(0).is_symlink() && !name(1).exists());
        assert_eq!(std::fs::read_to_string(elsewhere.path().join("here")).expect("read"), "kept");
    }
}
