//! Where docker looks for the plugin, and what lies there.
//!
//! What is put there is a link to the labrun that runs: a new labrun in its place is the new plugin at once, where a copy
//! would stay the old one. When labrun is moved, the link leads nowhere, and `labrun plugin install` mends it.

use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{FILE, METADATA, VENDOR};
use labrun_process::sudo::{Actor, as_root, place_in};

/// How long a plugin may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a plugin says of itself is short, in bytes.
const MAX_METADATA: usize = 64 * 1024;

/// A place for the plugin: `docker-lab` in a folder of plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(PathBuf, Actor);

/// What lies in the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Absent,
    /// A labrun.
    Labrun {
        /// What it says.
        version: String,
        /// The program itself, where the links end.
        program: PathBuf,
        /// Whether it is a link, as labrun makes it, and not a file that somebody put there.
        is_link: bool,
    },
    /// A link to a labrun that is not there any more.
    Broken(PathBuf),
    /// Something that labrun did not put there.
    Foreign,
}

impl Place {
    /// The place in the folder of docker's settings.
    #[must_use]
    pub fn of_user(config_dir: &Path) -> Self {
        let folder = config_dir.join("cli-plugins");
        // The plugin is a link itself: what it leads to is not what is written.
        let (folder, actor) = place_in(&folder);
        Self(folder.join(FILE), actor)
    }

    /// Another plugin by the same name that docker takes first: one in a folder that `cliPluginsExtraDirs` in docker's
    /// settings names.
    #[must_use]
    pub fn preferred(config_dir: &Path) -> Option<PathBuf> {
        let settings = as_root(|| fs_err::read(config_dir.join("config.json"))).ok()?;
        let settings: Value = serde_json::from_slice(&settings).ok()?;
        let folders = settings.get("cliPluginsExtraDirs")?.as_array()?;
        folders.iter().filter_map(|folder| Some(Path::new(folder.as_str()?).join(FILE))).find(|file| file.exists())
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Looks what lies there. A program is asked what docker asks it at every `docker --help`.
    ///
    /// # Errors
    /// When the place can't be looked at.
    pub fn look(&self) -> io::Result<Standing> {
        self.1.act(|| self.look_here())
    }

    fn look_here(&self) -> io::Result<Standing> {
        let found = match fs_err::symlink_metadata(&self.0) {
            Ok(found) => found,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound) => return Ok(Standing::Absent),
            Err(error) => return Err(error),
        };
        let program = match fs_err::canonicalize(&self.0) {
            Ok(program) => program,
            Err(_) if found.is_symlink() => {
                let target = fs_err::read_link(&self.0)?;
                let was_labrun = target.ends_with("labrun") || target.ends_with(FILE);
                return Ok(if was_labrun { Standing::Broken(target) } else { Standing::Foreign });
            }
            Err(error) => return Err(error),
        };
        Ok(match version(&self.0) {
            Some(version) => Standing::Labrun { version, program, is_link: found.is_symlink() },
            None => Standing::Foreign,
        })
    }

    /// Puts a link to `program` there, in place of what labrun itself put there.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn link(&self, program: &Path) -> io::Result<()> {
        self.1.act(|| self.link_here(program))
    }

    fn link_here(&self, program: &Path) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // Beside it and then over it: docker finds the old one or the new one.
        let beside = self.0.with_file_name(format!(".{FILE}-{}", std::process::id()));
        symlink(program, &beside)?;
        let placed = fs_err::rename(&beside, &self.0);
        if placed.is_err() {
            let _ = fs_err::remove_file(&beside);
        }
        placed
    }

    /// Takes away what lies there.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn clear(&self) -> io::Result<()> {
        self.1.act(|| fs_err::remove_file(&self.0))
    }
}

/// The version of labrun that this program says it is; `None` for anything else.
fn version(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.arg(METADATA).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let said = output_until(&mut child, Instant::now() + PATIENCE);
    let _ = child.kill().and_then(|()| child.wait());
    let said: Value = serde_json::from_slice(&said?).ok()?;
    (said.get("Vendor")?.as_str()? == VENDOR).then(|| said.get("Version")?.as_str().map(str::to_owned)).flatten()
}

/// What a program writes until it has ended, and no more than [`MAX_METADATA`] bytes; `None` where it has not ended by
/// the deadline. A process of its own that still holds the pipe is not waited for.
fn output_until(child: &mut Child, deadline: Instant) -> Option<Vec<u8>> {
    const POLL_INTERVAL: Duration = Duration::from_millis(2);
    let mut pipe = child.stdout.take()?;
    rustix::io::ioctl_fionbio(&pipe, true).ok()?;
    let mut said = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        // In this order: everything that it wrote before it ended is in the pipe by then.
        let ended = child.try_wait().ok()?.is_some();
        loop {
            match pipe.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) if said.len() + read <= MAX_METADATA => said.extend_from_slice(chunk.get(..read)?),
                Ok(_) => return None,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return None,
            }
        }
        if ended {
            return Some(said);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}
