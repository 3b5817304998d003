//! Where the output and the errors of a command go (POSIX 2.7 Redirection): redirections are made from left to right.

use super::{Command, RedirectKind};

/// Where a stream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// To where the output of the shell goes, or into a pipe.
    Output,
    /// To where the errors of the shell go.
    Errors,
    /// To a place that shows nothing.
    Nowhere,
}

impl Command {
    /// Where its output and its errors go.
    pub(crate) fn streams(&self) -> (To, To) {
        let (mut out, mut err) = (To::Output, To::Errors);
        for redirect in &self.redirects {
            let target = redirect.target.text.as_str();
            let to = match redirect.kind {
                RedirectKind::Duplicate => match target {
                    "1" => out,
                    "2" => err,
                    // `>& FILE` sends both there.
                    _ if redirect.fd == 1 && target.starts_with(|c: char| !c.is_ascii_digit() && c != '-') => {
                        err = file(target, out, err);
                        err
                    }
                    _ => To::Nowhere,
                },
                RedirectKind::Write | RedirectKind::Append => file(target, out, err),
                RedirectKind::Read | RedirectKind::HereDoc | RedirectKind::HereString => continue,
            };
            match redirect.fd {
                1 => out = to,
                2 => err = to,
                _ => {}
            }
        }
        (out, err)
    }
}

fn file(target: &str, out: To, err: To) -> To {
    match target {
        "/dev/stdout" | "/dev/fd/1" => out,
        "/dev/stderr" | "/dev/fd/2" => err,
        "/dev/tty" => To::Errors,
        _ => To::Nowhere,
    }
}
