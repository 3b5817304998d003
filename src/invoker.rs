//! Who typed `sudo labrun`: where learners must type `sudo docker`, labrun keeps root to talk to the engine, and
//! everything else is theirs: the practice shell, the progress, the files.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{AtFlags, CWD, chownat, fchown, fstat};
use rustix::process::{Gid, Uid};

/// What sudo says about itself and about root, and what is not for the practice shell.
pub const OF_SUDO: [&str; 7] = ["SUDO_COMMAND", "SUDO_GID", "SUDO_HOME", "SUDO_TTY", "SUDO_UID", "SUDO_USER", "MAIL"];

/// The user who invoked sudo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoker {
    uid: u32,
    gid: u32,
    name: String,
    /// Their home folder.
    pub home: PathBuf,
    /// Their shell.
    pub shell: OsString,
}

impl Invoker {
    /// The invoking user, if this is root by way of sudo. `SUDO_UID` says who (sudo(8)), the user database the rest.
    #[must_use]
    pub fn find() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let uid: u32 = std::env::var("SUDO_UID").ok()?.parse().ok().filter(|uid| *uid != 0)?;
        let found = Command::new("getent").args(["passwd", &uid.to_string()]).stderr(Stdio::null()).output().ok()?;
        Self::from_passwd(uid, &String::from_utf8_lossy(&found.stdout))
    }

    /// From a line of passwd(5): name, password, uid, gid, comment, home, shell.
    fn from_passwd(uid: u32, line: &str) -> Option<Self> {
        let mut fields = line.trim_end().split(':');
        let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
        let gid = fields.nth(2)?.parse().ok()?;
        let home = PathBuf::from(fields.nth(1)?);
        let shell = fields.next().filter(|shell| !shell.is_empty()).unwrap_or("/bin/sh").into();
        Some(Self { uid, gid, name, home, shell })
    }

    /// Their number.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The folder for their progress.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.home.join(".local/share/labrun")
    }

    /// Gives them a path that root has just made; a link is given itself, and not what it points at.
    ///
    /// # Errors
    /// When its owner can't be changed.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        chownat(CWD, path, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)
    }

    /// Lends them the terminal at our input, where it is root's: sudo makes one of its own (`use_pty`), and somebody who
    /// may not open it by its name can't write to `/dev/stderr`.
    #[must_use]
    pub fn lend_terminal(&self) -> Option<LentTerminal> {
        let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
        let is_roots = rustix::termios::isatty(&terminal) && fstat(&terminal).is_ok_and(|stat| stat.st_uid == 0);
        (is_roots && fchown(&terminal, Some(Uid::from_raw(self.uid)), None).is_ok()).then_some(LentTerminal(terminal))
    }

    /// Makes a folder with those above it, where they are missing, and gives them what was made. The umask takes some of
    /// `mode` away.
    ///
    /// # Errors
    /// When one can't be made or given.
    pub fn make_folder(&self, folder: &Path, mode: u32) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.into_iter().rev() {
            use std::os::unix::fs::DirBuilderExt;
            std::fs::DirBuilder::new().mode(mode).create(folder)?;
            self.give(folder)?;
        }
        Ok(())
    }

    /// The words that run a command as them, with all their groups. setpriv(1) is a part of util-linux.
    #[must_use]
    pub fn words(&self, command: Vec<OsString>) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![
            "setpriv".into(),
            format!("--reuid={}", self.uid).into(),
            format!("--regid={}", self.gid).into(),
            "--init-groups".into(),
            "--".into(),
        ];
        words.extend(command);
        words
    }

    /// The environment that is theirs and not root's.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let name: OsString = self.name.clone().into();
        vec![
            ("HOME", self.home.clone().into()),
            ("USER", name.clone()),
            ("LOGNAME", name),
            ("SHELL", self.shell.clone()),
        ]
    }
}

/// A terminal of root's that a user has for a while; root's again when dropped.
#[derive(Debug)]
pub struct LentTerminal(OwnedFd);

impl Drop for LentTerminal {
    fn drop(&mut self) {
        let _ = fchown(&self.0, Some(Uid::ROOT), None);
    }
}

#[cfg(test)]
mod tests {
    use super::Invoker;

    #[test]
    fn a_line_of_the_user_database_says_who_it_is() {
        let ada = Invoker::from_passwd(1001, "ada:x:1001:1002:Ada,,,:/home/ada:/usr/bin/zsh\n").expect("a user");
        assert_eq!(
            (ada.name.as_str(), ada.gid, ada.home.to_str(), ada.shell.to_str()),
            ("ada", 1002, Some("/home/ada"), Some("/usr/bin/zsh"))
        );
        assert_eq!(Invoker::from_passwd(1001, ""), None);
    }
}
