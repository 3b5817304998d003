//! A bind mount in each folder that labs mount from: written on this machine and read in a container, and the other way
//! round. The container and the folder are removed at once, whatever happens.

use std::fs::{DirBuilder, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
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
use labrun_graders::evidence::own_mark;

use super::{LONG, within};
use rustix::process::geteuid;

use crate::doctor::needs::Needs;
use crate::doctor::seen::{Answer, Canary};
use labrun_docker::{Clock, Engine, own_container};

/// The names of the folders and containers begin with this; the mark of the process and a number follow.
const NAME: &str = "labrun-doctor-";

/// A folder that has not changed for this long is not in use: no look takes so much time.
const OLD: Duration = Duration::from_secs(60);

/// Where the container has the folder.
const MOUNTED_AT: &str = "/labrun";

/// What the container does: each way to fail has a code of its own. `$1` is what stands in the file.
const LOOK: &str = "ls /labrun >/dev/null 2>&1 || exit 11
test -e /labrun/here || exit 10
said=$(cat /labrun/here 2>/dev/null) || exit 11
test \"$said\" = \"$1\" || exit 10
{ echo \"$1\" >/labrun/there; } 2>/dev/null || exit 12";

/// Tries every folder that is needed, all at once.
pub(super) async fn all(needs: &Needs, engine: &Engine) -> Vec<(PathBuf, Answer<Canary>)> {
    if engine.helper_image.is_empty() {
        return Vec::new();
    }
    // An earlier doctor may not have had the time to remove its own.
    let noted = engine.marks.noted();
    needs.folders().iter().for_each(|above| sweep(above, &noted));
    let tried = needs.folders().into_iter().enumerate().map(async |(number, folder)| {
        let tried = one(&folder, number, engine).await;
        (folder, tried)
    });
    join_all(tried).await
}

async fn one(above: &Path, number: usize, engine: &Engine) -> Answer<Canary> {
    // Learners make what is missing above their path; here the nearest folder that is there will do.
    let above = above.ancestors().find(|folder| folder.is_dir()).unwrap_or(above);
    let mark = engine.marks.own()?;
    let token = Clock::default().now().to_string();
    let name = format!("{NAME}{mark}-{number}");
    let folder = match Folder::make(above.join(&name), &token) {
        Ok(folder) => folder,
        Err(why) => return Ok(Canary::NotMade(why.to_string())),
    };
    let what = format!("a container that mounts {}", above.display());
    let tried = tokio::select! {
        tried = within(LONG, &what, run(engine, &mark, &name, &folder, &token)) => tried,
        () = crate::asked_to_end() => super::unasked(),
    };
    // By its name, since its id may not have arrived: the mark in it is known to no other process. One that stays is swept
    // when doctor or a lab next starts.
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    let removal = engine.docker.remove_container(&name, Some(options));
    let _ = tokio::time::timeout(Duration::from_secs(5), removal).await;
    tried
}

async fn run(engine: &Engine, mark: &str, name: &str, folder: &Folder, token: &str) -> Answer<Canary> {
    // Unlike `-v`, a mount never makes a folder on the engine's side.
    let mount = Mount {
        typ: Some(MountType::BIND),
        source: Some(folder.0.to_string_lossy().into_owned()),
        target: Some(MOUNTED_AT.to_owned()),
        ..Mount::default()
    };
    let words = ["sh", "-c", LOOK, "sh", token];
    let body = own_container(mark, &engine.helper_image, &words, mount);
    let options = CreateContainerOptionsBuilder::new().name(name).build();
    let id = match engine.docker.create_container(Some(options), body).await {
        Ok(created) => created.id,
        Err(error) => return refused(engine, error),
    };
    if let Err(error) = engine.docker.start_container(&id, None::<StartContainerOptions>).await {
        return refused(engine, error);
    }
    let mut ended = engine.docker.wait_container(&id, None::<WaitContainerOptions>);
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
    /// Makes it as a learner's `mkdir` does, so that a container may do with it what it may do with theirs. With one
    /// difference: whatever the umask, no other user can put anything there. What has this name already is an error.
    fn make(path: PathBuf, token: &str) -> std::io::Result<Self> {
        DirBuilder::new().mode(0o755).create(&path)?;
        let folder = Self(path);
        std::fs::set_permissions(&folder.0, Permissions::from_mode(0o755))?;
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

/// Removes the folders that a killed doctor left: those that carry a noted mark.
fn sweep(above: &Path, noted: &[String]) {
    for entry in std::fs::read_dir(above).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let mark = name.to_str().filter(|name| name.starts_with(NAME)).and_then(own_mark);
        let is_ours = mark.is_some_and(|mark| noted.iter().any(|noted| noted == mark));
        // Another user's could turn into a link to anywhere before it is opened.
        let of = entry.metadata().ok().filter(|of| of.is_dir() && of.uid() == geteuid().as_raw());
        let age = of.and_then(|of| of.modified().ok()?.elapsed().ok());
        if is_ours && age.is_some_and(|age| age > OLD) {
            drop(Folder(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const MARK: &str = "0123456789abcdef0123456789abcdef";

    fn dated(path: &Path, ago: Duration) {
        let folder = File::open(path).expect("opened");
        folder.set_modified(SystemTime::now() - ago).expect("dated");
    }

    #[test]
    fn a_canary_takes_no_folder_that_is_there() {
        let above = tempfile::tempdir().expect("a folder");
        let path = above.path().join(format!("{NAME}{MARK}-0"));
        let folder = Folder::make(path.clone(), "1").expect("made");
        assert_eq!(std::fs::metadata(&folder.0).expect("there").mode() & 0o022, 0);
        assert!(Folder::make(path.clone(), "1").is_err());
        drop(folder);
        std::os::unix::fs::symlink(above.path(), &path).expect("linked");
        assert!(Folder::make(path, "1").is_err(), "a link is there");
    }

    #[test]
    fn only_old_folders_with_a_noted_mark_are_swept() {
        let (above, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        std::fs::write(elsewhere.path().join("here"), "kept").expect("written");
        let at = |name: &str| above.path().join(name);
        let marked = |number: usize| at(&format!("{NAME}{MARK}-{number}"));
        let foreign =
            [format!("{NAME}99999999-0-x"), format!("{NAME}{}-0", "f".repeat(32)), format!("x{NAME}{MARK}-0")];
        std::os::unix::fs::symlink(elsewhere.path(), marked(0)).expect("linked");
        for path in foreign.iter().map(|name| at(name)).chain([marked(1), marked(2), marked(3)]) {
            std::fs::create_dir(&path).expect("made");
            std::fs::write(path.join("here"), "1").expect("written");
        }
        std::fs::write(marked(3).join("more"), "a learner's").expect("written");
        for path in foreign.iter().map(|name| at(name)).chain([marked(1), marked(3)]) {
            dated(&path, OLD * 2);
        }
        sweep(above.path(), &[MARK.to_owned()]);
        assert!(!marked(1).exists(), "a crash left it");
        assert!(marked(2).join("here").exists(), "a look may use it");
        assert!(marked(3).join("more").exists() && marked(0).is_symlink());
        for name in foreign {
            assert!(at(&name).join("here").exists(), "{name}");
        }
        assert_eq!(std::fs::read_to_string(elsewhere.path().join("here")).expect("read"), "kept");
    }
}
