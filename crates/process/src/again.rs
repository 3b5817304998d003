//! labrun once more. With another environment: what an option says, everything that labrun starts shall hear, too. And
//! without its terminal: what must neither ask nor draw there is started so.
//!
//! In the practice shell a learner types `docker`, and that asks the environment which engine is meant. (What labrun runs
//! itself is told by `engine::Solver`, too, which knows the session's engine.)

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::setsid;

/// The first argument where labrun is to leave the terminal and become what the others say.
pub const WITHOUT_TERMINAL: &str = "without-terminal";

/// A command that has no terminal: what it could ask there, it asks in vain.
///
/// # Errors
/// Where labrun does not know its own file.
pub fn without_terminal(words: &[String]) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg0("labrun").arg(WITHOUT_TERMINAL).args(words);
    Ok(command)
}

/// Becomes the program that these words name, in a session of its own, which has no terminal. Comes back only when it can't.
#[must_use]
pub fn leave_terminal(words: &[OsString]) -> io::Error {
    let Some((program, arguments)) = words.split_first() else { return io::ErrorKind::InvalidInput.into() };
    match setsid() {
        Ok(_) => Command::new(program).args(arguments).exec(),
        Err(error) => error.into(),
    }
}

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
