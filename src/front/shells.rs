//! The learner's shell: which it is, and how the hook gets into it after their own settings.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A shell that the hook is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bash,
    Zsh,
    Fish,
}

/// A shell to practise in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shell {
    kind: Kind,
    program: PathBuf,
    /// The learner's own shell, where it is one that has no hook.
    pub(super) instead_of: Option<String>,
}

impl Shell {
    /// The learner's own shell, as `SHELL` has it; bash where that is none with a hook.
    pub(super) fn of_learner(shell: Option<OsString>) -> Self {
        let program = shell.filter(|shell| !shell.is_empty()).map(PathBuf::from);
        let name = program.as_deref().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or_default().to_owned();
        let kind = match name.as_str() {
            "bash" => Some(Kind::Bash),
            "zsh" => Some(Kind::Zsh),
            "fish" => Some(Kind::Fish),
            _ => None,
        };
        match (kind, program) {
            (Some(kind), Some(program)) => Self { kind, program, instead_of: None },
            (_, program) => Self {
                kind: Kind::Bash,
                program: "bash".into(),
                instead_of: program.map(|_| name).filter(|name| !name.is_empty()),
            },
        }
    }

    /// Writes the hook into a folder of the parent's.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub(super) fn write_hook(&self, folder: &Path) -> std::io::Result<()> {
        match self.kind {
            Kind::Bash => fs_err::write(folder.join("hook.bash"), include_str!("hook.bash")),
            Kind::Fish => fs_err::write(folder.join("hook.fish"), include_str!("hook.fish")),
            Kind::Zsh => {
                fs_err::write(folder.join(".zshenv"), include_str!("zshenv.zsh"))?;
                fs_err::write(folder.join(".zshrc"), include_str!("hook.zsh"))
            }
        }
    }

    /// The program and its arguments, and the variables that bring the hook in.
    pub(super) fn command(&self, folder: &Path) -> (Vec<OsString>, Vec<(&'static str, OsString)>) {
        let program = self.program.clone().into_os_string();
        match self.kind {
            Kind::Bash => (vec![program, "--rcfile".into(), folder.join("hook.bash").into(), "-i".into()], vec![]),
            Kind::Fish => {
                let source = format!("source '{}'", folder.join("hook.fish").display());
                (vec![program, "-i".into(), "-C".into(), source.into()], vec![])
            }
            Kind::Zsh => {
                // The hook gives it back, so that the learner's history stays where it is.
                let own = std::env::var_os("ZDOTDIR").unwrap_or_default();
                (vec![program, "-i".into()], vec![("ZDOTDIR", folder.into()), ("LABRUN_ZDOTDIR", own)])
            }
        }
    }
}

/// A command from a program and its arguments.
pub(super) fn command(words: &[OsString]) -> Option<Command> {
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments);
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_without_a_hook_gives_way_to_bash() {
        let kind = |shell: Option<&str>| {
            let shell = Shell::of_learner(shell.map(OsString::from));
            (shell.kind, shell.instead_of)
        };
        assert_eq!(kind(Some("/bin/bash")), (Kind::Bash, None));
        assert_eq!(kind(Some("/usr/bin/zsh")), (Kind::Zsh, None));
        assert_eq!(kind(Some("/opt/fish/bin/fish")), (Kind::Fish, None));
        assert_eq!(kind(Some("/bin/tcsh")), (Kind::Bash, Some("tcsh".to_owned())));
        assert_eq!(kind(None), (Kind::Bash, None));
    }
}
