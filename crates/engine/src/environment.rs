//! What a lab's commands see of the environment: what programs, docker and the shell need, and nothing else.
//!
//! A variable holds what somebody exported for something else: a token of CI, the login for a registry. A lab that is
//! right for every learner needs none of them, so what is passed on is named here, and not what is held back.

use std::ffi::{OsStr, OsString};

/// The names that are passed on.
const PASSED_ON: [&str; 41] = [
    // Programs, and whom they work for.
    "HOME",
    "LD_LIBRARY_PATH",
    "LOGNAME",
    "PATH",
    "PWD",
    "SHELL",
    "TMPDIR",
    "USER",
    // How they speak.
    "COLORTERM",
    "COLUMNS",
    "LANG",
    "LANGUAGE",
    "LINES",
    "NO_COLOR",
    "TERM",
    "TZ",
    // Which engine, and the way to it.
    "CONTAINER_HOST",
    "DOCKER_API_VERSION",
    "DOCKER_BUILDKIT",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_DEFAULT_PLATFORM",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "SSH_AUTH_SOCK",
    "WSL_DISTRO_NAME",
    "WSL_INTEROP",
    // The way to the network.
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    // Where desktops put the socket of a rootless engine.
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

/// Whether a variable of this name is passed on.
pub(super) fn is_passed_on(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| PASSED_ON.contains(&name) || name.starts_with("LC_"))
}

/// The variables of this process that are passed on.
pub(super) fn passed_on() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| is_passed_on(name))
}

#[cfg(test)]
mod tests {
    use super::is_passed_on;

    #[test]
    fn what_somebody_exported_for_something_else_stays_with_them() {
        for name in ["PATH", "HOME", "LC_ALL", "DOCKER_HOST", "DOCKER_CONTEXT", "https_proxy"] {
            assert!(is_passed_on(name.as_ref()), "{name}");
        }
        for name in [
            "DOCKER_AUTH_CONFIG",
            "DOCKER_PASSWORD",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "LABRUN_SOCKET",
            "LABRUN_HOME",
            "LABRUN_AS",
            "BASH_ENV",
            "LD_PRELOAD",
            "path",
            "",
        ] {
            assert!(!is_passed_on(name.as_ref()), "{name}");
        }
    }
}
