//! The name of an image, by Docker's rules.
//!
//! Source: the package `reference` of github.com/distribution/reference, which the engine and the Docker CLI use:
//! `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`, where a name without a host is Docker Hub's, and one without a slash its
//! `library`'s.

use std::fmt;
use std::str::FromStr;

/// Docker Hub, as names call it.
const HUB: &str = "docker.io";

/// Docker Hub, as the CLI files its login (`registry.IndexServer`).
const HUB_LOGIN: &str = "https://index.docker.io/v1/";

/// The longest a host and path may be, in bytes.
const MAX_NAME: usize = 255;

/// The longest a tag may be, in bytes.
const MAX_TAG: usize = 128;

/// An image's name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The registry's host, with its port if one is given.
    pub host: String,
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// Why a text is no name of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAReference {
    /// Nothing.
    #[error("it is empty")]
    Empty,
    /// `Busybox`.
    #[error("a repository's name has no capital letters")]
    Capitals,
    /// What the grammar does not allow.
    #[error("its {0} has characters, or an order of them, that no registry takes")]
    Malformed(&'static str),
    /// A whole id.
    #[error("64 hexadecimal digits are an id, and no registry knows ids")]
    Id,
    /// More than there may be.
    #[error("its {0} is too long")]
    TooLong(&'static str),
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        if text.is_empty() {
            return Err(NotAReference::Empty);
        }
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(NotAReference::Id);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (host, rest) = split_host(rest);
        // A colon behind the last slash begins a tag; one before it is a port's.
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(NotAReference::Capitals);
        }
        let path = if host == HUB && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
        valid(is_host(&host), "host")?;
        valid(path.split('/').all(is_component), "path")?;
        valid(tag.is_none_or(is_tag), "tag")?;
        valid(digest.is_none_or(is_digest), "digest")?;
        if host.len() + 1 + path.len() > MAX_NAME {
            return Err(NotAReference::TooLong("name"));
        }
        if tag.is_some_and(|tag| tag.len() > MAX_TAG) {
            return Err(NotAReference::TooLong("tag"));
        }
        Ok(Self { host, path, tag: tag.map(str::to_owned), digest: digest.map(str::to_owned) })
    }
}

fn valid(holds: bool, what: &'static str) -> Result<(), NotAReference> {
    if holds { Ok(()) } else { Err(NotAReference::Malformed(what)) }
}

/// What is before the first slash is a host only if it looks like one (`splitDockerDomain`).
fn split_host(name: &str) -> (String, &str) {
    match name.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" || host.to_lowercase() != host => {
            let host = if host == "index.docker.io" { HUB } else { host };
            (host.to_owned(), rest)
        }
        _ => (HUB.to_owned(), name),
    }
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let named = match address {
        Some(address) => !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
        None => name.split('.').all(is_part),
    };
    named && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `[a-z0-9]+` joined by one point, one or two underscores, or any number of dashes.
fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    is_word(*first)
        && is_word(*last)
        && part
            .split(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit())
            .all(|between| matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-'))
}

fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.bytes().next().is_some_and(is_word) && tag.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// `sha256:` and 64 hexadecimal digits; other algorithms are allowed by the grammar, and known to no engine.
fn is_digest(digest: &str) -> bool {
    let lengths = [("sha256:", 64), ("sha384:", 96), ("sha512:", 128)];
    lengths.iter().any(|(algorithm, length)| {
        digest.strip_prefix(algorithm).is_some_and(|hex| {
            hex.len() == *length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    })
}

impl Reference {
    /// Host and path: what the engine is asked to pull.
    #[must_use]
    pub fn repository(&self) -> String {
        format!("{}/{}", self.host, self.path)
    }

    /// The digest, else the tag. A name without either means the tag `latest`.
    #[must_use]
    pub fn tag_or_digest(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or("latest")
    }

    /// Whether it names one image for ever. A file can't carry such a name: the engine forgets digests when it loads.
    #[must_use]
    pub fn has_digest(&self) -> bool {
        self.digest.is_some()
    }

    /// What the CLI files the registry's login under.
    #[must_use]
    pub fn login_key(&self) -> &str {
        if self.host == HUB { HUB_LOGIN } else { &self.host }
    }

    /// Its registry, as people call it.
    #[must_use]
    pub fn registry(&self) -> &str {
        if self.host == HUB { "Docker Hub" } else { &self.host }
    }
}

/// As Docker shows it: without what goes without saying, but always with the tag or digest.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.host == HUB, self.path.strip_prefix("library/")) {
            (true, Some(name)) => f.write_str(name)?,
            (true, None) => f.write_str(&self.path)?,
            (false, _) => write!(f, "{}/{}", self.host, self.path)?,
        }
        match (&self.tag, &self.digest) {
            (None, None) => f.write_str(":latest"),
            (tag, digest) => {
                tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
                digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String, String), NotAReference> {
        text.parse().map(|name: Reference| (name.repository(), name.tag_or_digest().to_owned(), name.to_string()))
    }

    #[test]
    fn names_are_taken_apart_as_docker_does() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let with_digest = format!("busybox@{digest}");
        let with_both = format!("localhost:5000/a/b:1@{digest}");
        let rows: [(&str, &str, &str, &str); 13] = [
            ("busybox", "docker.io/library/busybox", "latest", "busybox:latest"),
            ("busybox:1.36", "docker.io/library/busybox", "1.36", "busybox:1.36"),
            ("docker.io/busybox", "docker.io/library/busybox", "latest", "busybox:latest"),
            ("index.docker.io/library/busybox", "docker.io/library/busybox", "latest", "busybox:latest"),
            ("ada/tool", "docker.io/ada/tool", "latest", "ada/tool:latest"),
            ("ghcr.io/ada/tool:v1.0-rc_1", "ghcr.io/ada/tool", "v1.0-rc_1", "ghcr.io/ada/tool:v1.0-rc_1"),
            ("localhost/x", "localhost/x", "latest", "localhost/x:latest"),
            ("127.0.0.1:5000/x", "127.0.0.1:5000/x", "latest", "127.0.0.1:5000/x:latest"),
            ("[::1]:5000/x:2", "[::1]:5000/x", "2", "[::1]:5000/x:2"),
            ("Box/x", "Box/x", "latest", "Box/x:latest"),
            ("ada/a__b.c-d---e", "docker.io/ada/a__b.c-d---e", "latest", "ada/a__b.c-d---e:latest"),
            (&with_digest, "docker.io/library/busybox", &digest, &with_digest),
            (&with_both, "localhost:5000/a/b", &digest, &with_both),
        ];
        for (text, repository, tag, shown) in rows {
            assert_eq!(read(text), Ok((repository.to_owned(), tag.to_owned(), shown.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_docker_does_not_take_is_refused() {
        let long = format!("a/{}", "b".repeat(260));
        let long_tag = format!("a:{}", "b".repeat(129));
        let id = "0a".repeat(32);
        let rows = [
            ("", NotAReference::Empty),
            ("Busybox", NotAReference::Capitals),
            ("@{app}-image:1", NotAReference::Malformed("path")),
            ("a b", NotAReference::Malformed("path")),
            ("-x", NotAReference::Malformed("path")),
            ("a..b", NotAReference::Malformed("path")),
            ("a/../b", NotAReference::Malformed("path")),
            ("a_b.c/d", NotAReference::Malformed("host")),
            ("a/", NotAReference::Malformed("path")),
            ("a___b", NotAReference::Malformed("path")),
            ("a:", NotAReference::Malformed("tag")),
            ("a:.b", NotAReference::Malformed("tag")),
            ("a\x1b[31m", NotAReference::Malformed("path")),
            ("a@sha256:12", NotAReference::Malformed("digest")),
            ("exa mple.com/a", NotAReference::Malformed("host")),
            ("localhost:port/a", NotAReference::Malformed("host")),
            (&id, NotAReference::Id),
            (&long, NotAReference::TooLong("name")),
            (&long_tag, NotAReference::TooLong("tag")),
        ];
        for (text, why) in rows {
            assert_eq!(read(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_login_is_filed_under_the_host_and_docker_hubs_under_its_index() {
        let key = |text: &str| text.parse::<Reference>().map(|name| name.login_key().to_owned());
        assert_eq!(key("busybox").as_deref(), Ok("https://index.docker.io/v1/"));
        assert_eq!(key("ghcr.io/a/b").as_deref(), Ok("ghcr.io"));
        assert_eq!(key("127.0.0.1:5000/a").as_deref(), Ok("127.0.0.1:5000"));
    }
}
