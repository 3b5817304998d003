//! Docker's own options, which stand before the plugin's word: `docker --context box lab check`.
//!
//! Those that choose the engine become labrun's; those that only docker has become the variables that mean the same.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::path::Path;

use crate::error::Error;
use labrun_process::again::Environment;

/// What docker's own options say.
#[derive(Debug, Default)]
pub(super) struct Globals {
    /// `--host` and `--context`, as labrun has them.
    pub options: Vec<OsString>,
    /// The others.
    pub environment: Environment,
    /// `--help`.
    pub help: bool,
}

/// Reads the options in front; stops at the first word that is none.
///
/// # Errors
/// When a file of certificates is named that no variable can name.
pub(super) fn read(rest: &mut Peekable<impl Iterator<Item = OsString>>) -> Result<Globals, Error> {
    let mut globals = Globals::default();
    while let Some(word) = rest.next_if(|word| word.as_encoded_bytes().starts_with(b"-")) {
        let Some(text) = word.to_str() else { continue };
        if let Some(long) = text.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let value = match value {
                None if takes_value(name) => rest.next(),
                value => value.map(OsString::from),
            };
            globals.take(name, value)?;
        } else {
            globals.take_short(text, rest)?;
        }
    }
    Ok(globals)
}

fn takes_value(name: &str) -> bool {
    matches!(name, "config" | "context" | "host" | "log-level" | "tlscacert" | "tlscert" | "tlskey")
}

impl Globals {
    /// `-D`, `-c box`, `-cbox`, `-Dc=box`.
    fn take_short(&mut self, text: &str, rest: &mut impl Iterator<Item = OsString>) -> Result<(), Error> {
        for (place, letter) in text.char_indices().skip(1) {
            let name = match letter {
                'c' => "context",
                'H' => "host",
                'l' => "log-level",
                'h' => {
                    self.help = true;
                    continue;
                }
                _ => continue,
            };
            let after = text.get(place + 1..).unwrap_or_default();
            let value = if after.is_empty() { rest.next() } else { Some(after.trim_start_matches('=').into()) };
            return self.take(name, value);
        }
        Ok(())
    }

    fn take(&mut self, name: &str, value: Option<OsString>) -> Result<(), Error> {
        let is_on = value.as_deref().is_none_or(|value| value != "false" && value != "0");
        match (name, value) {
            ("context" | "host", Some(value)) => {
                let mut option = OsString::from(format!("--{name}="));
                option.push(value);
                self.options.push(option);
            }
            ("config", Some(folder)) => self.environment.set("DOCKER_CONFIG", folder),
            // Whatever it is set to, it turns TLS on (`SetDefaultOptions` in `cli/flags`).
            ("tlsverify", _) if !is_on => {
                self.environment.set("DOCKER_TLS", "1");
                self.environment.unset("DOCKER_TLS_VERIFY");
            }
            ("tlsverify", _) => self.environment.set("DOCKER_TLS_VERIFY", "1"),
            ("tls", _) if is_on => self.environment.set("DOCKER_TLS", "1"),
            ("tlscacert", Some(file)) => self.certificate(name, "ca.pem", &file)?,
            ("tlscert", Some(file)) => self.certificate(name, "cert.pem", &file)?,
            ("tlskey", Some(file)) => self.certificate(name, "key.pem", &file)?,
            ("help", _) => self.help = is_on,
            // What docker prints, and how much.
            _ => {}
        }
        Ok(())
    }

    /// The variable names a folder: the files must be named as in it.
    fn certificate(&mut self, option: &str, named: &str, file: &OsStr) -> Result<(), Error> {
        let file = Path::new(file);
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let before = self.environment.value("DOCKER_CERT_PATH");
        if !file.ends_with(named) || before.is_some_and(|before| before != folder.as_os_str()) {
            return Err(Error::usage(
                format!("docker lab can't follow --{option}: it takes certificates from one folder"),
                "put ca.pem, cert.pem and key.pem in a folder, and set DOCKER_CERT_PATH to it",
            ));
        }
        self.environment.set("DOCKER_CERT_PATH", folder);
        Ok(())
    }
}

/// The variables that say to every `docker` we start what `--host` and `--context` say to us.
#[must_use]
pub fn of_options(host: Option<&str>, context: Option<&str>) -> Environment {
    let mut environment = Environment::default();
    match (host, context.filter(|name| !name.is_empty())) {
        (None, None) | (Some(_), Some(_)) => {}
        // As in the CLI: the default context is where DOCKER_HOST says, and an empty host is the default socket.
        (None, Some("default")) => environment.set("DOCKER_CONTEXT", "default"),
        (Some(""), None) => {
            environment.unset("DOCKER_HOST");
            environment.set("DOCKER_CONTEXT", "default");
        }
        (None, Some(name)) => {
            environment.unset("DOCKER_HOST");
            environment.set("DOCKER_CONTEXT", name);
        }
        (Some(url), None) => {
            environment.set("DOCKER_HOST", url);
            environment.unset("DOCKER_CONTEXT");
        }
    }
    environment
}
