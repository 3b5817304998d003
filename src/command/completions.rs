//! `labrun completions SHELL`: a completion script.

use crate::completion;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;

/// Print a completion script for your shell
#[derive(clap::Args, Debug)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
    /// The word to complete, where labrun is called by another one
    #[arg(long, value_name = "WORD", default_value = "labrun", value_parser = word)]
    word: String,
}

impl Completions {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        // What answers at a Tab is the labrun on the PATH then, and not this one, which may be moved.
        let program = std::env::var("LABRUN_BIN").ok().filter(|_| self.word != "labrun");
        let script = completion::script(&self.shell.to_string(), &self.word, program.as_deref().unwrap_or("labrun"));
        app.ui.say(&script.unwrap_or_default());
        Ok(Exit::Done)
    }
}

/// It becomes a part of a shell function's name.
fn word(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !text.is_empty() && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("a word of letters, digits, - and _".to_owned())
    }
}
