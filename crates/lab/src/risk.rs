//! Commands that no lab needs and that give a container the whole machine: faults, wherever a lab writes them.
//!
//! This guards authors against a slip, not learners against malice: what a shell puts together when it runs can't be
//! known here. For that there is trust.

use std::ops::Range;

/// A command that gives a container too much.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Risk {
    /// The words, in the text.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub why: &'static str,
}

/// What the engine listens on, wherever it lies.
const SOCKETS: [&str; 3] = ["docker.sock", "podman.sock", "containerd.sock"];

/// The risks in shell text: also within quotes, substitutions and the compose files that it writes.
pub(super) fn risks(text: &str) -> Vec<Risk> {
    let words = text.split(|c: char| c.is_whitespace() || "'\"`;|&(),".contains(c));
    let mut before = "";
    let mut risks = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        let why = if SOCKETS.iter().any(|socket| word.contains(socket)) || word == "--use-api-socket" {
            Some("who has the engine's socket has the whole machine")
        } else if is_privileged(word, before) {
            Some("a privileged container has the whole machine")
        } else if is_root(word, before) {
            Some("this hands the whole file system of the host to a container")
        } else {
            None
        };
        if let Some(why) = why {
            // A word is a part of the text.
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            risks.push(Risk { at: start..start + word.len(), why });
        }
        before = word;
    }
    risks
}

/// `--privileged`, and in a compose file `privileged: true`.
fn is_privileged(word: &str, before: &str) -> bool {
    match word.strip_prefix("--privileged") {
        Some(value) => !matches!(value, "=false" | "=0" | "=f"),
        None => before == "privileged:" && !matches!(word, "false" | "no" | "off"),
    }
}

/// `/` as what is mounted: `-v /:/host`, `source=/`, and in a compose file `- /:/host` or `source: /`.
fn is_root(word: &str, before: &str) -> bool {
    let is_root = |path: &str| path.starts_with('/') && path.chars().all(|c| "/.".contains(c));
    let short = ["-v=", "--volume=", "-v"].iter().find_map(|flag| word.strip_prefix(flag)).unwrap_or(word);
    let long = ["source=", "src="].iter().find_map(|key| word.strip_prefix(key));
    short.split_once(':').is_some_and(|(source, to)| is_root(source) && to.starts_with('/'))
        || long.is_some_and(is_root)
        || (before == "source:" && is_root(word))
}

#[cfg(test)]
mod tests {
    use super::risks;

    #[test]
    fn what_gives_a_container_the_machine_is_found() {
        for (text, word) in [
            ("docker run --privileged busybox", "--privileged"),
            ("docker run --privileged=true busybox", "--privileged=true"),
            ("docker run -v /:/host busybox", "/:/host"),
            ("docker run -v/:/host busybox", "-v/:/host"),
            ("docker run --volume=//:/host:ro busybox", "--volume=//:/host:ro"),
            ("docker run -v '/../:/host' busybox", "/../:/host"),
            ("docker run --mount type=bind,source=/,target=/host busybox", "source=/"),
            ("docker run --mount 'type=bind,src=/,dst=/host' busybox", "src=/"),
            ("docker run -v /var/run/docker.sock:/s busybox", "/var/run/docker.sock:/s"),
            ("docker run -v \"$XDG_RUNTIME_DIR/docker.sock:/s\" busybox", "$XDG_RUNTIME_DIR/docker.sock:/s"),
            ("docker run --use-api-socket busybox", "--use-api-socket"),
            ("sh -c \"x=$(docker run --privileged b)\"", "--privileged"),
            ("cat >c.yaml <<E\n  privileged: true\nE", "true"),
            ("cat >c.yaml <<E\n  volumes:\n    - /:/host\nE", "/:/host"),
            ("cat >c.yaml <<E\n      source: /\nE", "/"),
        ] {
            let found: Vec<_> = risks(text).into_iter().map(|risk| &text[risk.at]).collect();
            assert_eq!(found, [word], "{text}");
        }
    }

    #[test]
    fn what_labs_do_is_no_risk() {
        for text in [
            "docker run -v app-data:/ busybox",
            "docker run -v /tmp/dind:/data busybox ls /",
            "docker run --mount type=bind,source=/tmp/dind,target=/data busybox",
            "docker run --privileged=false busybox",
            "docker exec c sh -c 'ls / ; cat /etc/passwd'",
            "echo source: volume, privileged: no",
        ] {
            assert_eq!(risks(text), [], "{text}");
        }
    }
}
