//! Addresses of engines, as written in an option, a variable or a context.

use std::net::Ipv6Addr;

use super::{DEFAULT_PIPE, DEFAULT_SOCKET, EndpointError, Tls, Transport};

/// Parses an address as the CLI's `opts/hosts.go` does.
pub(super) fn parse_transport(
    address: &str,
    origin: &str,
    default_port: u16,
    tls: Option<Tls>,
) -> Result<Transport, EndpointError> {
    let bad = |reason| EndpointError::BadAddress { address: address.into(), origin: origin.into(), reason };
    if let Some(reason) = lacks_scheme(address) {
        return Err(bad(reason));
    }
    let (scheme, rest) = address.split_once("://").unwrap_or(("tcp", address));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host_port = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    match scheme {
        "unix" if rest.is_empty() => Ok(Transport::Unix(DEFAULT_SOCKET.into())),
        "unix" => Ok(Transport::Unix(rest.into())),
        "npipe" if rest.is_empty() => Ok(Transport::NamedPipe(DEFAULT_PIPE.into())),
        "npipe" => Ok(Transport::NamedPipe(rest.into())),
        "ssh" if host_port.is_empty() || host_port.starts_with(':') => Err(bad("no host is named")),
        "ssh" => Ok(Transport::Ssh(address.into())),
        // The CLI would put a path before every request's own, which only a proxy
        // understands; mostly it is a socket's path without its unix://.
        "tcp" if path.starts_with('/') && path != "/" => Err(bad("tcp:// takes no path")),
        "tcp" => {
            let address = with_port(host_port, default_port).ok_or_else(|| bad("it is not of the form HOST:PORT"))?;
            Ok(Transport::Tcp { address, tls })
        }
        _ => Err(bad("its scheme is not unix, tcp, ssh or npipe")),
    }
}

/// What is wrong with an address whose scheme is missing or mistyped; the CLI takes it for a host of `tcp://`, with a path.
fn lacks_scheme(address: &str) -> Option<&'static str> {
    if address.contains("://") {
        return None;
    }
    let mistyped = [
        ("unix", "`unix` is followed by `://`"),
        ("tcp", "`tcp` is followed by `://`"),
        ("ssh", "`ssh` is followed by `://`"),
        ("npipe", "`npipe` is followed by `://`"),
        ("http", "an engine's address begins with `unix://`, `tcp://` or `ssh://`"),
        ("https", "an engine's address begins with `unix://`, `tcp://` or `ssh://`"),
    ];
    let follows = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && [":/", "/", ":\\", "\\"].iter().any(|sign| address[scheme.len()..].starts_with(sign))
    };
    let scheme = mistyped.iter().find(|(scheme, _)| follows(scheme)).map(|(_, reason)| *reason);
    scheme.or(address.starts_with(['/', '.', '~']).then_some("it is a path, and a path needs `unix://` in front"))
}

/// Completes `host_port` to `host:port`, or gives `None` if it is malformed.
fn with_port(host_port: &str, default_port: u16) -> Option<String> {
    let (host, port) = if host_port.parse::<Ipv6Addr>().is_ok() {
        (format!("[{host_port}]"), "")
    } else if let Some((host, port)) = host_port.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        let port = if port.is_empty() { port } else { port.strip_prefix(':')? };
        (format!("[{host}]"), port)
    } else {
        let (host, port) = host_port.split_once(':').unwrap_or((host_port, ""));
        (if host.is_empty() { "localhost".into() } else { host.to_owned() }, port)
    };
    let port = if port.is_empty() { default_port } else { port.parse().ok()? };
    let is_malformed = host.contains(|c: char| c.is_whitespace() || c == '%');
    (!is_malformed).then(|| format!("{host}:{port}"))
}

/// An address as it may be shown and kept: a password in it is nobody's to read.
pub(super) fn without_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let Some(((user, _password), host)) =
        authority.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?, host)))
    else {
        return address.to_owned();
    };
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    format!("{scheme}{user}@{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        assert_eq!(without_password("ssh://ada:secret@box:22/run"), "ssh://ada@box:22/run");
        assert_eq!(without_password("ssh://ada:p@ss:word@box"), "ssh://ada@box");
        assert_eq!(without_password("ada:secret@box"), "ada@box");
        for plain in ["ssh://ada@box", "tcp://box:2375", "unix:///run/a:b@c.sock", "box:2375"] {
            assert_eq!(without_password(plain), plain);
        }
    }
}
