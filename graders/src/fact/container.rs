//! A container, and what is mounted in it.

use super::{Nanos, PublishedPort, Tmpfs};
use crate::name::is_made_up_volume;
use crate::wrappers::{base_name, is_shell};

/// A container as the engine describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name, without the engine's leading slash.
    pub name: String,
    /// The image as it was named when the container was created.
    pub image: String,
    /// The id of that image.
    pub image_id: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub status: String,
    /// The exit code of its main process, where it has ended.
    pub exit_code: i64,
    /// What the engine says of a failed start.
    pub error: String,
    /// When it was created.
    pub created: Nanos,
    /// When it was last started.
    pub started: Option<Nanos>,
    /// When it last ended.
    pub finished: Option<Nanos>,
    /// How often the engine has started it again by its restart policy.
    pub restarts: i64,
    /// Its main process: program and arguments.
    pub argv: Vec<String>,
    /// Whether its standard input is kept open (`-i`).
    pub open_stdin: bool,
    /// Whether it has a terminal (`-t`).
    pub tty: bool,
    /// Everything mounted in it, tmpfs given with `--tmpfs` among it.
    pub mounts: Vec<Mount>,
    /// Where a process of it starts (`-w`, `WORKDIR`); empty means `/`.
    pub working_dir: String,
    /// The names of the networks that it is on, or will be on when it is started.
    pub networks: Vec<String>,
    /// The ports that it says it listens at, `80/tcp`: by its image, `--expose` or `-p`.
    pub exposed: Vec<String>,
    /// The ports that are published: of a running one those that are open, of another one those that it asks for.
    pub published: Vec<PublishedPort>,
}

impl Container {
    /// Whether its main process is a shell that reads its commands from an input that is closed: it ends at once.
    #[must_use]
    pub fn is_shell_without_input(&self) -> bool {
        let Some((program, options)) = self.argv.split_first() else { return false };
        let takes_commands = options.iter().all(|option| option.starts_with('-') && !option.contains('c'));
        !self.open_stdin && !self.tty && is_shell(base_name(program)) && takes_commands
    }
}

/// Something mounted in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// `volume`, `bind` or `tmpfs`.
    pub kind: String,
    /// The volume's name; empty for other kinds.
    pub name: String,
    /// The host path of a bind mount; for a volume the engine's own directory.
    pub source: String,
    /// Where the container sees it.
    pub destination: String,
    /// Whether the container may write to it.
    pub writable: bool,
    /// The limits of a tmpfs; none for other kinds.
    pub limits: Tmpfs,
}

impl Mount {
    /// Whether the engine made up the volume's name: 64 hexadecimal digits.
    ///
    /// Engine 20.10 does not label anonymous volumes, so the name is all there is to go by.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.kind == "volume" && is_made_up_volume(&self.name)
    }
}

impl From<&Mount> for crate::evidence::MountSeen {
    fn from(mount: &Mount) -> Self {
        let source = if mount.kind == "volume" { &mount.name } else { &mount.source };
        Self {
            kind: mount.kind.clone(),
            source: source.clone(),
            destination: mount.destination.clone(),
            read_only: !mount.writable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Container;

    #[test]
    fn a_shell_that_reads_from_a_closed_input_ends_at_once() {
        let ends = |argv: &str| {
            let argv = argv.split(' ').map(str::to_owned).collect();
            Container { argv, ..Container::default() }.is_shell_without_input()
        };
        for argv in ["sh", "/bin/sh", "bash", "bash -l", "ash -i", "sh -s"] {
            assert!(ends(argv), "{argv}");
        }
        for argv in ["sleep 60", "sh -c sleep", "bash -lc sleep", "sh script", "sh -e script", "shell", ""] {
            assert!(!ends(argv), "{argv}");
        }
        let shell = || Container { argv: vec!["sh".to_owned()], ..Container::default() };
        assert!(!Container { open_stdin: true, ..shell() }.is_shell_without_input());
        assert!(!Container { tty: true, ..shell() }.is_shell_without_input());
        assert!(!Container { argv: Vec::new(), ..shell() }.is_shell_without_input());
    }
}
