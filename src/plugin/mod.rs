//! labrun as a plugin of the `docker` command: `docker lab start docker-volumes`.
//!
//! docker runs `docker-lab docker-cli-plugin-metadata` to learn what it is, `docker-lab lab ARGUMENTS` for its work with
//! docker's own options in front, `docker-lab help lab` for its help, and `docker-lab __complete lab WORDS` at a Tab
//! (`cli-plugins/manager` in the CLI). The answers are compared with the real docker by `tests/blackbox/plugin.rs`.

mod globals;
mod place;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::Error;
use labrun_process::again::Environment;

pub use globals::of_options;
pub use place::{Place, Standing};

/// The file's name; what stands after the dash is the word after `docker`.
pub const FILE: &str = "docker-lab";

/// The word after `docker`.
const WORD: &str = "lab";

/// What docker asks a plugin first.
pub const METADATA: &str = "docker-cli-plugin-metadata";

/// What stands in `Vendor`: how labrun knows its own file.
const VENDOR: &str = "labrun";

/// What docker tells a plugin about itself: how docker was called, and where it says that it ends. Not for the shells
/// and commands that labrun starts.
pub const OF_DOCKER: [&str; 2] = ["DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND", "DOCKER_CLI_PLUGIN_SOCKET"];

/// How labrun was called.
#[derive(Debug)]
pub enum Call {
    /// By its own name, with these arguments.
    Own(Vec<OsString>),
    /// By docker, which asks what it is.
    Metadata,
    /// By docker, for a Tab after these words, with what each candidate means or without.
    Complete {
        /// The words, `labrun` first, the one to complete last.
        words: Vec<OsString>,
        /// Whether docker wants descriptions.
        described: bool,
    },
    /// By docker, for its work.
    Docker {
        /// The arguments as labrun understands them, its name first.
        arguments: Vec<OsString>,
        /// What docker's own options say, and labrun has no option for.
        environment: Environment,
    },
}

impl Call {
    /// Looks at the arguments, the program's name first, and whether docker runs us, which it says in the environment.
    ///
    /// # Errors
    /// When docker was given an option that labrun can't follow.
    pub fn new(arguments: Vec<OsString>, by_docker: bool) -> Result<Self, Error> {
        if arguments.get(1).is_some_and(|first| first == METADATA) {
            return Ok(Self::Metadata);
        }
        let is_plugin = by_docker && arguments.first().is_some_and(|name| Path::new(name).ends_with(FILE));
        if !is_plugin {
            return Ok(Self::Own(arguments));
        }
        let labrun = || OsString::from("labrun");
        let mut rest = arguments.into_iter().skip(1).peekable();
        let completes = rest.peek().is_some_and(|first| first == "__complete" || first == "__completeNoDesc");
        if let Some(asked) = rest.next_if(|_| completes) {
            let words = std::iter::once(labrun()).chain(rest.skip(1)).collect();
            return Ok(Self::Complete { words, described: asked == "__complete" });
        }
        let globals = globals::read(&mut rest)?;
        // `docker help lab …`: the word for us comes second.
        let help = rest.next_if(|word| word == "help");
        rest.next_if(|word| word == WORD);
        let mut arguments = vec![labrun()];
        arguments.extend(globals.options);
        arguments.extend(help);
        arguments.extend(rest);
        arguments.extend(globals.help.then(|| OsString::from("--help")));
        Ok(Self::Docker { arguments, environment: globals.environment })
    }
}

/// What docker wants to know: `metadata.Metadata` in the CLI. Versions of docker before 28.4 take no other schema.
#[must_use]
pub fn metadata() -> Value {
    let mut metadata = json!({
        "SchemaVersion": "0.1.0",
        "Vendor": VENDOR,
        "Version": env!("CARGO_PKG_VERSION"),
        "ShortDescription": "Hands-on Docker labs in your terminal",
    });
    let url = env!("CARGO_PKG_REPOSITORY");
    if let (false, Some(metadata)) = (url.is_empty(), metadata.as_object_mut()) {
        metadata.insert("URL".to_owned(), url.into());
    }
    metadata
}
