//! Who typed `sudo labrun`: where learners must type `sudo docker`, labrun keeps root to talk to the engine, and
//! everything else is theirs: the practice shell, the progress, the files. [`sudo`](crate::sudo) makes it so.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::fs::{fchown, fstat};
use rustix::process::{Gid, Uid};

use super::as_root;

/// What sudo says about itself and about root, and what is not for the practice shell.
pub const OF_SUDO: [&str; 7] = ["SUDO_COMMAND", "SUDO_GID", "SUDO_HOME", "SUDO_TTY", "SUDO_UID", "SUDO_USER", "MAIL"];

/// The user who invoked sudo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoker {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
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
        if !cfg!(target_os = "linux") || !rustix::process::geteuid().is_root() {
            return None;
        }
        let uid: u32 = std::env::var("SUDO_UID").ok()?.parse().ok().filter(|uid| *uid != 0)?;
        let passwd = said("getent", &["passwd", &uid.to_string()])?;
        let name = passwd.split(':').next().unwrap_or_default();
        Self::of_passwd(uid, &passwd, &said("id", &["-G", "--", name]).unwrap_or_default())
    }

    /// From a line of passwd(5): name, password, uid, gid, comment, home, shell; and from the numbers of all their groups.
    pub(crate) fn of_passwd(uid: u32, line: &str, groups: &str) -> Option<Self> {
        let mut fields = line.trim_end().split(':');
        let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
        let gid = fields.nth(2)?.parse().ok()?;
        let home = PathBuf::from(fields.nth(1)?);
        let shell = fields.next().filter(|shell| !shell.is_empty()).unwrap_or("/bin/sh").into();
        let mut groups: Vec<u32> = groups.split_whitespace().filter_map(|group| group.parse().ok()).collect();
        if !groups.contains(&gid) {
            groups.insert(0, gid);
        }
        Some(Self { uid, gid, groups, name, home, shell })
    }

    /// Their number.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Their name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of their own group.
    #[must_use]
    pub fn gid(&self) -> u32 {
        self.gid
    }

    /// The numbers of all their groups.
    #[must_use]
    pub fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// The folder for their progress.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.home.join(".local/share/labrun")
    }

    /// Gives them a file or a folder that is open: whatever its name leads to by now, nothing else is given.
    ///
    /// # Errors
    /// When its owner can't be changed.
    pub fn give(&self, open: impl AsFd) -> io::Result<()> {
        Ok(fchown(open, Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid)))?)
    }

    /// Lends them the terminal at our input, where it is root's: sudo makes one of its own (`use_pty`), and somebody who
    /// may not open it by its name can't write to `/dev/stderr`.
    #[must_use]
    pub fn lend_terminal(&self) -> Option<LentTerminal> {
        let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
        let is_roots = rustix::termios::isatty(&terminal) && fstat(&terminal).is_ok_and(|stat| stat.st_uid == 0);
        let is_lent = is_roots && as_root(|| fchown(&terminal, Some(Uid::from_raw(self.uid)), None)).is_ok();
        is_lent.then_some(LentTerminal(terminal))
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
        let _ = as_root(|| fchown(&self.0, Some(Uid::ROOT), None));
    }
}

/// What a command writes; `None` where it can't be run.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let found = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&found.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::Invoker;

    #[test]
    fn a_line_of_the_user_database_says_who_it_is() {
        let ada =
            Invoker::of_passwd(1001, "ada:x:1001:1002:Ada,,,:/home/ada:/usr/bin/zsh\n", "27 50\n").expect("a user");
        assert_eq!(
            (ada.name.as_str(), ada.gid, ada.home.to_str(), ada.shell.to_str()),
            ("ada", 1002, Some("/home/ada"), Some("/usr/bin/zsh"))
        );
        assert_eq!(ada.groups(), [1002, 27, 50]);
        assert_eq!(Invoker::of_passwd(1001, "", ""), None);
    }
}
