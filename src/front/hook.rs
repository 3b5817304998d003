//! The client that runs before every prompt of a practice shell.
//!
//! It is dispatched before any argument is parsed, starts no runtime, and waits at most [`DEADLINE`]: a parent that is
//! gone or slow costs a prompt nothing. What it prints, the shell shows above the prompt.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::wire::{Prompt, Request, connect, prompt_env, send, shown};
use crate::ui::streams::{Streams, To};

/// How long a prompt may be held up.
pub const DEADLINE: Duration = Duration::from_millis(150);

/// Asks the parent what is new, and shows it. Trouble is silent: the learner's prompt comes first.
pub fn run() {
    if let Some((news, parent)) = ask().filter(|(news, _)| !news.is_empty()) {
        Streams::Own.write(To::Out, &news);
        shown(&parent);
    }
}

/// What the shell has put into a variable; a byte that is no UTF-8 becomes a replacement character.
fn variable(name: &str) -> String {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

fn line(name: &str) -> Option<String> {
    Some(variable(name)).filter(|line| !line.trim().is_empty())
}

/// The numbers in a variable.
fn numbers(name: &str) -> Vec<i64> {
    variable(name).split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn ask() -> Option<(String, UnixStream)> {
    let began = Instant::now();
    let socket = std::env::var_os(super::SOCKET)?;
    let mut stream = connect(&socket, began + DEADLINE).ok()?;
    stream.set_write_timeout(Some(DEADLINE)).ok()?;
    // The shell's own idea of the directory keeps the links it was entered by.
    let cwd = std::env::var("PWD").ok();
    let columns = Streams::Own.width(To::Out).or_else(|| Streams::Own.width(To::Err));
    let prompt = Prompt {
        line: line("LABRUN_LINE"),
        expanded: line("LABRUN_EXPANDED"),
        aliases: variable("LABRUN_ALIASES"),
        functions: variable("LABRUN_FUNCTIONS"),
        unread: variable("LABRUN_UNREAD"),
        code: numbers("LABRUN_CODE").first().copied().unwrap_or_default(),
        pipeline: numbers("LABRUN_PIPELINE"),
        cwd,
        columns,
        env: prompt_env(),
    };
    send(&stream, &Request::Prompt(prompt)).ok()?;
    let mut news = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let left = DEADLINE.checked_sub(began.elapsed()).filter(|left| !left.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        match stream.read(&mut chunk).ok()? {
            0 => return Some((String::from_utf8(news).ok()?, stream)),
            read => news.extend_from_slice(chunk.get(..read)?),
        }
    }
}
