//! What a registry's refusal means, and what to do about it.
//!
//! The engine hands on what the registry or its own network code said, as a text; the HTTP status of its answer is 404 or
//! 500 for most of them. The needles are from moby's `distribution` package, Go's `net` and `crypto/tls`, and the
//! registry's error codes (distribution's API specification), as engines from 20.10 to 28 show them.

use super::{ImagesError, Reference};

/// A kind of refusal: its stable name, what the text has in it, and the remedy.
type Kind = (&'static str, &'static [&'static str], &'static str);

/// The first that fits counts: what is certain before what is a guess.
const KINDS: [Kind; 11] = [
    (
        "rate-limit",
        &["toomanyrequests", "too many requests", "pull rate limit", "status: 429", "http 429"],
        "docker login raises the limit of REGISTRY, some hours' waiting lifts it; or use no registry: {load}",
    ),
    ("no-space", &["no space left on device"], "free some of the engine's disk: docker system df shows what fills it"),
    (
        "other-architecture",
        &["no matching manifest for", "no match for platform", "cannot be used on this platform"],
        "this image is not built for the engine's machine; ask the lab's author for another",
    ),
    (
        "proxy",
        &["proxyconnect", "proxy authentication required", "status: 407"],
        "the engine's proxy refuses: set the right one (docker info shows it), or use no registry: {load}",
    ),
    (
        "certificate",
        &["x509:", "certificate", "tls: "],
        "a sign-in page or a proxy may stand in between: sign in to the network with a browser, or add the proxy's \
         certificate to the engine's; see whether the clock is right; or use no registry: {load}",
    ),
    (
        "plain-registry",
        &["server gave http response to https client"],
        "REGISTRY speaks no TLS: list it under insecure-registries in the engine's daemon.json if you trust the way to it",
    ),
    (
        "unauthorized",
        &["unauthorized", "authentication required", "no basic auth credentials", "status: 401", "status: 403"],
        "log in, then pull again: docker login{host}",
    ),
    (
        "not-found",
        &[
            "pull access denied",
            "manifest unknown",
            "name unknown",
            "not found",
            "repository does not exist",
            "status: 404",
        ],
        "see whether the name is right; if it is private, log in: docker login{host}",
    ),
    (
        "no-network",
        &[
            "no such host",
            "server misbehaving",
            "temporary failure in name resolution",
            "network is unreachable",
            "no route to host",
            "connection refused",
            "connection reset",
            "i/o timeout",
            "tls handshake timeout",
            "deadline exceeded",
            "request canceled",
            "unexpected eof",
            ": eof",
        ],
        "REGISTRY is not reached from the engine: see whether the network, its sign-in page and the engine's proxy are \
         right; or use no registry: {load}",
    ),
    (
        "sign-in-page",
        &["error parsing http 2", "invalid character '<'", "text/html"],
        "what answered is no registry, perhaps a sign-in page: sign in with a browser; or use no registry: {load}",
    ),
    (
        "registry-broken",
        &["status: 5", "http 5", "internal server error", "bad gateway", "service unavailable"],
        "REGISTRY has trouble of its own: try again later; or use no registry: {load}",
    ),
];

/// The way without a registry.
const LOAD: &str = "labrun images load FILE";

/// What an engine said when it could not pull an image.
pub(super) fn refused(image: &Reference, said: &str) -> ImagesError {
    let lower = said.to_lowercase();
    let kind = KINDS.iter().find(|(_, needles, _)| needles.iter().any(|needle| lower.contains(needle)));
    let (code, remedy) =
        kind.map_or(("pull", "see whether docker pull says more; or use no registry: {load}"), |kind| (kind.0, kind.2));
    let host = if image.registry() == image.host { format!(" {}", image.host) } else { String::new() };
    let remedy = remedy.replace("REGISTRY", image.registry()).replace("{host}", &host).replace("{load}", LOAD);
    ImagesError::Pull { image: image.to_string(), said: said.trim().to_owned(), code, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_engines_say_is_met_with_its_remedy() {
        let rows = [
            (
                "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and \
                 upgrading: https://www.docker.com/increase-rate-limit",
                "rate-limit",
            ),
            ("received unexpected HTTP status: 429 Too Many Requests", "rate-limit"),
            (
                "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host",
                "no-network",
            ),
            (
                "Get \"https://registry-1.docker.io/v2/\": dial tcp 34.194.164.123:443: connect: no route to host",
                "no-network",
            ),
            ("Get \"https://registry-1.docker.io/v2/\": net/http: TLS handshake timeout", "no-network"),
            (
                "Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection \
                 (Client.Timeout exceeded while awaiting headers)",
                "no-network",
            ),
            (
                "Get \"https://registry-1.docker.io/v2/\": tls: failed to verify certificate: x509: certificate signed by \
                 unknown authority",
                "certificate",
            ),
            ("Get \"https://x/v2/\": x509: certificate has expired or is not yet valid", "certificate"),
            ("Get \"https://x/v2/\": proxyconnect tcp: dial tcp 10.0.0.2:3128: connect: connection refused", "proxy"),
            ("Get \"https://x/v2/\": Proxy Authentication Required", "proxy"),
            (
                "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: \
                 requested access to the resource is denied",
                "not-found",
            ),
            ("manifest for busybox:nope not found: manifest unknown: manifest unknown", "not-found"),
            ("Head \"https://ghcr.io/v2/a/b/manifests/1\": unauthorized", "unauthorized"),
            ("Head \"http://127.0.0.1:5000/v2/x/manifests/1\": no basic auth credentials", "unauthorized"),
            ("no matching manifest for linux/arm64/v8 in the manifest list entries", "other-architecture"),
            ("Get \"https://box:5000/v2/\": http: server gave HTTP response to HTTPS client", "plain-registry"),
            ("received unexpected HTTP status: 500 Internal Server Error", "registry-broken"),
            (
                "error parsing HTTP 200 response body: invalid character '<' looking for beginning of value",
                "sign-in-page",
            ),
            ("failed to register layer: write /x: no space left on device", "no-space"),
            ("something that nobody has seen", "pull"),
        ];
        let image = "busybox".parse().expect("a name");
        for (said, expected) in rows {
            match refused(&image, said) {
                ImagesError::Pull { code, remedy, .. } => {
                    assert_eq!(code, expected, "{said}");
                    assert!(!remedy.contains(['{', '}']) && !remedy.contains("REGISTRY"), "{remedy}");
                }
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn the_remedy_names_the_registry_where_it_is_not_docker_hub() {
        let remedy =
            |image: &str| refused(&image.parse().expect("a name"), "unauthorized").remedy().unwrap_or_default();
        assert_eq!(remedy("busybox"), "log in, then pull again: docker login");
        assert_eq!(remedy("ghcr.io/ada/tool"), "log in, then pull again: docker login ghcr.io");
    }
}
