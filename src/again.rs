//! labrun once more, with another environment: what an option says, everything that labrun starts shall hear, too.
//!
//! In the practice shell a learner types `docker`, and that asks the environment which engine is meant. (What labrun runs
//! itself is told by `engine::Solver`, too, which knows the session's engine.)

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Changes of the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment(Vec<(&'static str, Option<OsString>)>);

impl Environment {
    /// Gives a variable a value.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.change(name, Some(value.into()));
    }

    /// Takes a variable away.
    pub fn unset(&mut self, name: &'static str) {
        self.change(name, None);
    }

    fn change(&mut self, name: &'static str, value: Option<OsString>) {
        self.0.retain(|(changed, _)| *changed != name);
        self.0.push((name, value));
    }

    /// What a variable is set to, if it is.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        self.0.iter().find(|(changed, _)| *changed == name)?.1.as_deref()
    }

    /// These changes, and then the others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for (name, value) in others.0 {
            self.change(name, value);
        }
        self
    }

    /// Whether the process's environment is already so.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.0.iter().all(|(name, value)| std::env::var_os(name) == *value)
    }

    /// Becomes labrun with these arguments, its name first, in the changed environment. Comes back only when it can't.
    #[must_use]
    pub fn become_labrun(&self, arguments: &[OsString]) -> io::Error {
        let program = match std::env::current_exe() {
            Ok(program) => program,
            Err(error) => return error,
        };
        let mut command = Command::new(program);
        command.arg0("labrun").args(arguments.iter().skip(1));
        for (name, value) in &self.0 {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.exec()
    }
}
