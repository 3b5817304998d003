//! Why a container could not start, in plain words. The engine hands on what its runtime says, wrapped in several layers of
//! who said it; the cause comes last.
//!
//! Sources: moby's `daemon/start.go` and `daemon/errors.go`, runc's `libcontainer`, crun's `libcrun/error.c`.

/// Why the container of this image could not start: `busybox has no bash`.
#[must_use]
pub fn plain(error: &str, image: &str) -> String {
    let cause = cause(error);
    known(&cause, image).unwrap_or_else(|| shortened(&cause))
}

/// What the layers are about, without those who handed it on.
fn cause(error: &str) -> String {
    const LAYERS: [&str; 8] = [
        "Error response from daemon: ",
        "failed to create shim task: ",
        "failed to create task for container: ",
        "OCI runtime create failed: ",
        "OCI runtime start failed: ",
        "runc create failed: ",
        "unable to start container process: ",
        "error during container init: ",
    ];
    let words: Vec<&str> = error.split_whitespace().collect();
    let mut cause = words.join(" ");
    while let Some(rest) = LAYERS.iter().find_map(|layer| cause.strip_prefix(layer)) {
        cause = rest.to_owned();
    }
    // Before runc 1.1: container_linux.go:380: starting container process caused: …
    if let Some((_, rest)) = cause.split_once("starting container process caused: ") {
        cause = rest.to_owned();
    }
    cause.strip_suffix(": unknown").map(str::to_owned).unwrap_or(cause)
}

/// The causes that a learner can do something about.
fn known(cause: &str, image: &str) -> Option<String> {
    let has = |words: &str| cause.contains(words);
    if has("executable file not found") || has("executable file `") {
        return Some(format!("{image} has no {}", quoted(cause)?));
    }
    if let Some(rest) = cause.strip_prefix("exec: ").or_else(|| cause.strip_prefix("exec ")) {
        let program = quoted(cause).map_or_else(|| rest.split(':').next().unwrap_or(rest).to_owned(), str::to_owned);
        return if has("no such file or directory") {
            Some(format!("{image} has no {program}"))
        } else if has("permission denied") {
            Some(format!("{program} in {image} is not an executable file"))
        } else if has("exec format error") {
            Some(format!("{program} in {image} is made for another processor, or is no program"))
        } else if has("is a directory") {
            Some(format!("{program} in {image} is a directory"))
        } else {
            None
        };
    }
    if has("port is already allocated") || has("address already in use") {
        let mut ports = cause.split_whitespace().filter_map(|word| {
            let port = word.trim_end_matches(':').rsplit_once(':')?.1;
            (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(port)
        });
        return ports.next_back().map(|port| format!("port {port} of the host is in use already"));
    }
    if has("Are you trying to mount a directory onto a file") || (has("error mounting") && has("not a directory")) {
        return Some("a file is mounted where the image has a directory, or the reverse".to_owned());
    }
    if has("unable to find user") {
        let user = cause.split("unable to find user ").nth(1)?.split(':').next()?;
        return Some(format!("{image} has no user {user}"));
    }
    if has("chdir to cwd") {
        return Some(format!("the working directory {} can't be entered", quoted(cause).unwrap_or("of the container")));
    }
    if let Some(network) = cause.strip_prefix("network ").and_then(|rest| rest.strip_suffix(" not found")) {
        return Some(format!("the network {network} is gone"));
    }
    None
}

/// The first thing in quotation marks: the runtime names the program so.
fn quoted(cause: &str) -> Option<&str> {
    let begin = cause.find(['"', '`', '\''])?;
    let mark = cause[begin..].chars().next()?;
    let rest = &cause[begin + 1..];
    rest.find(mark).map(|end| &rest[..end]).filter(|quoted| !quoted.is_empty())
}

/// What is not known, in one line.
fn shortened(cause: &str) -> String {
    const LONGEST: usize = 100;
    let mut line: String = cause.chars().take(LONGEST).collect();
    if cause.chars().count() > LONGEST {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn the_runtimes_layers_become_one_plain_sentence() {
        for (error, expected) in [
            (
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: exec: \"bash\": executable file not found in $PATH: unknown",
                "busybox has no bash",
            ),
            (
                "OCI runtime create failed: container_linux.go:380: starting container process caused: exec: \"bsh\": \
                 executable file not found in $PATH: unknown",
                "busybox has no bsh",
            ),
            (
                "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create \
                 failed: unable to start container process: error during container init: exec: \"/bin/zsh\": stat \
                 /bin/zsh: no such file or directory: unknown",
                "busybox has no /bin/zsh",
            ),
            (
                "crun: executable file `bash` not found in $PATH: No such file or directory: OCI runtime attempted to \
                 invoke a command that was not found",
                "busybox has no bash",
            ),
            (
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: exec: \"/etc/passwd\": permission denied: unknown",
                "/etc/passwd in busybox is not an executable file",
            ),
            (
                "OCI runtime create failed: runc create failed: unable to start container process: exec: \"/etc\": is a \
                 directory: unknown",
                "/etc in busybox is a directory",
            ),
            (
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: exec /run.sh: exec format error: unknown",
                "/run.sh in busybox is made for another processor, or is no program",
            ),
            (
                "driver failed programming external connectivity on endpoint web (0123abcd): Bind for 0.0.0.0:8080 \
                 failed: port is already allocated",
                "port 8080 of the host is in use already",
            ),
            (
                "driver failed programming external connectivity on endpoint web (0123): Error starting userland proxy: \
                 listen tcp4 0.0.0.0:80: bind: address already in use",
                "port 80 of the host is in use already",
            ),
            (
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: error during container init: error mounting \"/tmp/d\" to rootfs at \"/etc/hosts\": mount \
                 /tmp/d:/etc/hosts (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying to \
                 mount a directory onto a file (or vice-versa)? Check if the specified host path exists",
                "a file is mounted where the image has a directory, or the reverse",
            ),
            ("unable to find user nobody2: no matching entries in passwd file", "busybox has no user nobody2"),
            (
                "OCI runtime create failed: runc create failed: unable to start container process: chdir to cwd \
                 (\"/nowhere\") set in config.json failed: permission denied: unknown",
                "the working directory /nowhere can't be entered",
            ),
            ("network shop-net not found", "the network shop-net is gone"),
            ("something\nnew\nover lines", "something new over lines"),
        ] {
            assert_eq!(plain(error, "busybox"), expected, "{error}");
        }
        let long = plain(&format!("runc create failed: {}", "x".repeat(500)), "busybox");
        assert!(long.chars().count() <= 101 && long.ends_with('…'), "{long}");
    }
}
