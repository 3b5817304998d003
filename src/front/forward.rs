//! Commands typed in a practice shell go to its parent: it has the recorder, what was typed, and under sudo the right to
//! ask the engine.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use super::wire::{Request, Run, display_env, send};
use crate::ui::streams::ASK;

/// Has the parent run a command with our streams, and reads lines for it when it asks; `None` where there is no parent, or it is gone.
#[must_use]
pub fn forward(arguments: &[OsString]) -> Option<u8> {
    let stream = UnixStream::connect(std::env::var_os(super::SOCKET)?).ok()?;
    let arguments = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let request = Request::Run(Run { arguments, env: display_env() });
    let (input, out, err) = (io::stdin(), io::stdout(), io::stderr());
    send(&stream, &request, &[input.as_fd(), out.as_fd(), err.as_fd()]).ok()?;
    let mut code = String::new();
    for byte in BufReader::new(&stream).bytes() {
        match byte.ok()? {
            ASK => {
                let mut line = String::new();
                io::stdin().lock().read_line(&mut line).ok()?;
                // The end of the input is an empty line to whoever asked.
                (&stream).write_all(line.trim_end_matches('\n').as_bytes()).ok()?;
                (&stream).write_all(b"\n").ok()?;
            }
            byte => code.push(char::from(byte)),
        }
    }
    code.trim().parse().ok()
}
