//! The terminal, or what stands in its place: decided once, then written to.

use std::io;
use std::sync::Arc;

use super::page::Page;
use super::streams::{Streams, To};
use super::theme::{Role, Theme};
use super::when::When;
use crate::error::Error;
use crate::exit::Exit;
use labrun_engine::EngineError;
use labrun_lab::LoadError;
use labrun_lab::visible::escaped;

/// The width of standard output without a terminal, in columns.
const PLAIN_WIDTH: usize = 80;

/// Messages that go into a log are not wrapped: they are searched by line.
const UNWRAPPED: usize = 10_000;

/// Lines longer than this are hard to read, in columns.
const MAX_WIDTH: usize = 100;

/// Where output goes, and how it looks.
#[derive(Clone, Debug)]
pub struct Ui {
    /// Reports are JSON, and nothing else is on standard output.
    pub json: bool,
    out: Page,
    err: Page,
    streams: Arc<Streams>,
}

impl Ui {
    /// Looks at the streams and the environment.
    ///
    /// Sources: <https://no-color.org> (`NO_COLOR`, not empty, means none) and <https://bixense.com/clicolors>
    /// (`CLICOLOR_FORCE` means always, `CLICOLOR=0` none). The option beats both, and `NO_COLOR` beats `CLICOLOR_FORCE`.
    #[must_use]
    pub fn new(when: When, json: bool, streams: Streams, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let page = |to: To, plain: usize| page(streams.width(to), plain, when, env);
        let (out, err) = (page(To::Out, PLAIN_WIDTH), page(To::Err, UNWRAPPED));
        Self { json, out, err, streams: Arc::new(streams) }
    }

    /// How standard output is laid out.
    #[must_use]
    pub fn page(&self) -> Page {
        self.out
    }

    /// How standard output is laid out now: a terminal can change its size.
    #[must_use]
    pub fn page_now(&self) -> Page {
        let width = self.streams.width(To::Out).map_or(self.out.width, |width| width.clamp(20, MAX_WIDTH));
        Page { width, ..self.out }
    }

    /// How a text is laid out that goes into a file.
    #[must_use]
    pub fn page_of_file(&self) -> Page {
        Page { width: PLAIN_WIDTH, theme: Theme::default(), ..self.out }
    }

    /// Whether standard output is a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.streams.width(To::Out).is_some()
    }

    /// Shows a text on standard output.
    pub fn say(&self, text: &str) {
        self.streams.write(To::Out, text);
    }

    /// Whether all that was said so far could be written.
    #[must_use]
    pub fn was_shown(&self) -> bool {
        !self.streams.has_failed()
    }

    /// Shows a JSON report on standard output, in one line.
    pub fn say_json(&self, report: &serde_json::Value) {
        self.streams.write(To::Out, &format!("{}\n", escaped(&report.to_string())));
    }

    /// Shows a warning on standard error.
    pub fn warn(&self, warning: &str) {
        self.streams.write(To::Err, &self.err.labelled(Role::Open, "warning", warning));
    }

    /// Shows why a command ended early, and what to do about it.
    pub fn error(&self, error: &Error) {
        let hint = error.hint();
        if self.json {
            let report = serde_json::json!({
                "schema": 1, "error": {"code": error.code(), "message": error.to_string(), "hint": hint},
            });
            self.say_json(&report);
            return;
        }
        self.streams.write(To::Err, &self.err.error(error));
    }

    /// What a command ends with, after its last word: an error, where standard output could not be written.
    #[must_use]
    pub fn ended(&self, exit: Exit) -> Exit {
        ended(&self.streams, exit)
    }

    /// Whether somebody sits there who can be asked.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.streams.input_is_terminal() && self.streams.width(To::Err).is_some()
    }

    /// Reads a line.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read_line(&self) -> io::Result<String> {
        self.streams.read_line()
    }

    /// Reads everything, but no more than `most` bytes.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read_all(&self, most: u64) -> io::Result<Vec<u8>> {
        self.streams.read_all(most)
    }

    /// Shows a question; the answer is read by whoever asks.
    pub fn prompt(&self, question: &str) {
        self.streams.write(To::Err, question);
    }

    /// Asks for a yes; anything else is a no.
    #[must_use]
    pub fn confirm(&self, question: &str) -> bool {
        self.prompt(&format!("{question} [y/N] "));
        let answer = self.read_line().unwrap_or_default();
        matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}

/// What a command ends with: an error, said on standard error, where its standard output could not be written.
#[must_use]
pub fn ended(streams: &Streams, exit: Exit) -> Exit {
    let Some(error) = streams.unwritten() else { return exit };
    let error = Error::environment(
        format!("standard output cannot be written: {error}"),
        "free some space where it goes, or send it to another place",
    );
    let page = page(streams.width(To::Err), UNWRAPPED, When::Auto, &|name| std::env::var(name).ok());
    streams.write(To::Err, &page.error(&error));
    error.exit()
}

impl Page {
    /// Why something ended early, and what to do about it.
    #[must_use]
    pub fn error(&self, error: &Error) -> String {
        if let Error::Engine(EngineError::Load(LoadError::Faulty(faulty))) = error {
            return self.faults(faulty);
        }
        let hint = error.hint().map(|hint| self.labelled(Role::Quiet, "try", &hint));
        self.labelled(Role::Bad, "error", &error.to_string()) + &hint.unwrap_or_default()
    }

    /// The page above a prompt of the practice shell, whose terminal has so many columns.
    #[must_use]
    pub fn of_prompt(columns: Option<usize>, env: &dyn Fn(&str) -> Option<String>) -> Self {
        page(columns, PLAIN_WIDTH, When::Auto, env)
    }
}

/// A page for a terminal of this width, or for what stands in its place.
fn page(width: Option<usize>, plain: usize, when: When, env: &dyn Fn(&str) -> Option<String>) -> Page {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let colour = match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR").is_some() => false,
        When::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        When::Auto => {
            width.is_some() && set("CLICOLOR").as_deref() != Some("0") && set("TERM").as_deref() != Some("dumb")
        }
    };
    Page {
        width: width.map_or(plain, |width| width.clamp(20, MAX_WIDTH)),
        theme: Theme { colour },
        in_shell: set(crate::variables::SOCKET).is_some(),
        by_sudo: set("SUDO_UID").is_some_and(|uid| uid != "0"),
    }
}

/// Says that labrun itself has failed, and where.
pub fn report_panic(info: &std::panic::PanicHookInfo) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let payload = info.payload();
    let said = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
    let what = said.unwrap_or("something that should not happen");
    Streams::Own.write(
        To::Err,
        &format!("labrun has a bug: {what} ({place}).\nYour progress is kept. Please report this with what you did.\n"),
    );
}
