//! The rules, one situation each.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use tempfile::TempDir;

use std::fs;

use sha2::{Digest, Sha256};

use super::*;

/// A user's shell: a home directory, variables and options.
struct Shell {
    home: TempDir,
    env: HashMap<String, String>,
    host: Option<String>,
    context: Option<String>,
}

fn shell() -> Shell {
    let home = TempDir::new().unwrap();
    Shell { home, env: HashMap::new(), host: None, context: None }
}

impl Shell {
    fn var(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    fn host(mut self, value: &str) -> Self {
        self.host = Some(value.into());
        self
    }

    fn context(mut self, value: &str) -> Self {
        self.context = Some(value.into());
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn config(self, text: &str) -> Self {
        self.file(".docker/config.json", text)
    }

    fn meta(self, name: &str, text: &str) -> Self {
        let path = format!(".docker/contexts/meta/{}/meta.json", id(name));
        self.file(&path, text)
    }

    fn stored(self, name: &str, host: &str) -> Self {
        let text = format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        self.meta(name, &text)
    }

    fn resolve(&self) -> Result<Endpoint, EndpointError> {
        Endpoint::resolve(&Ambient {
            host_flag: self.host.clone(),
            context_flag: self.context.clone(),
            env: &|name| self.env.get(name).map(OsString::from),
            home: Some(self.home.path().into()),
        })
    }

    fn endpoint(&self) -> Endpoint {
        self.resolve().unwrap()
    }

    fn url(&self) -> String {
        self.endpoint().url()
    }

    fn error(&self) -> EndpointError {
        self.resolve().unwrap_err()
    }

    fn tls(&self) -> Option<Tls> {
        match self.endpoint().transport {
            Transport::Tcp { tls, .. } => tls,
            other => panic!("not TCP: {other:?}"),
        }
    }
}

fn id(name: &str) -> String {
    Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn docker_host(value: &str) -> Shell {
    shell().var("DOCKER_HOST", value)
}

#[test]
#[cfg(unix)]
fn without_any_setting_the_local_socket_is_used() {
    let endpoint = shell().endpoint();
    assert_eq!(endpoint.transport, Transport::Unix("/var/run/docker.sock".into()));
    assert_eq!(endpoint.context, "default");
    assert_eq!(endpoint.chosen_by, ChosenBy::Default);
    assert_eq!(endpoint.describe(), "context default");
    assert!(endpoint.warnings.is_empty());
}

#[test]
fn each_setting_gives_way_to_the_stronger_ones() {
    let expect = |shell: &Shell, chosen_by, url| {
        let endpoint = shell.endpoint();
        assert_eq!((endpoint.chosen_by, endpoint.url().as_str()), (chosen_by, url));
    };
    let shell = shell().stored("a", "tcp://a:1").stored("b", "tcp://b:1");
    let shell = shell.config(r#"{"currentContext":"a"}"#);
    expect(&shell, ChosenBy::ConfigFile, "tcp://a:1");
    let shell = shell.var("DOCKER_CONTEXT", "b");
    expect(&shell, ChosenBy::DockerContext, "tcp://b:1");
    let shell = shell.var("DOCKER_HOST", "tcp://c:1");
    expect(&shell, ChosenBy::DockerHost, "tcp://c:1");
    let mut shell = shell.host("tcp://d:1");
    expect(&shell, ChosenBy::HostFlag, "tcp://d:1");
    shell.host = None;
    expect(&shell.context("a"), ChosenBy::ContextFlag, "tcp://a:1");
}

#[test]
fn host_and_context_options_exclude_each_other_even_if_the_host_is_empty() {
    for host in ["tcp://h:1", ""] {
        let error = shell().host(host).context("default").error();
        assert!(matches!(error, EndpointError::HostAndContext));
    }
}

#[test]
fn an_empty_context_option_counts_as_not_given() {
    assert_eq!(shell().host("tcp://h:1").context("").url(), "tcp://h:1");
}

#[test]
#[cfg(unix)]
fn an_empty_host_option_means_the_local_socket_despite_docker_host() {
    assert_eq!(docker_host("tcp://h:1").host("").url(), "unix:///var/run/docker.sock");
}

#[test]
fn empty_variables_count_as_unset() {
    let shell = docker_host("").var("DOCKER_CONTEXT", "").var("DOCKER_CONFIG", "");
    let shell = shell.config(r#"{"currentContext":"a"}"#).stored("a", "tcp://a:1");
    assert_eq!(shell.endpoint().chosen_by, ChosenBy::ConfigFile);
}

#[test]
fn docker_context_default_wins_over_the_current_context() {
    let shell = shell().var("DOCKER_CONTEXT", "default").config(r#"{"currentContext":"a"}"#);
    assert_eq!(shell.endpoint().context, "default");
}

#[test]
fn docker_host_overrides_docker_context_with_a_warning() {
    let endpoint = docker_host("tcp://h:1").var("DOCKER_CONTEXT", "missing").endpoint();
    assert_eq!(endpoint.describe(), "DOCKER_HOST tcp://h:1");
    assert_eq!(endpoint.warnings, ["DOCKER_HOST overrides DOCKER_CONTEXT (missing)."]);
}

#[test]
fn the_default_context_asked_for_by_option_still_follows_docker_host_with_a_warning() {
    let endpoint = docker_host("tcp://h:1").context("default").endpoint();
    assert_eq!(endpoint.url(), "tcp://h:1");
    assert_eq!(endpoint.describe(), "context default (tcp://h:1)");
    assert_eq!(endpoint.warnings.len(), 1);
}

#[test]
fn docker_config_moves_the_configuration() {
    let shell = shell().file("else/config.json", r#"{"currentContext":"nope"}"#);
    let dir = shell.path("else").display().to_string();
    let error = shell.var("DOCKER_CONFIG", &dir).error();
    assert!(error.to_string().contains("nope"), "{error}");
}

#[test]
fn a_corrupt_config_file_is_a_warning_and_then_the_default() {
    for text in ["{broken", r#"{"currentContext":5}"#] {
        let endpoint = shell().config(text).endpoint();
        assert_eq!(endpoint.chosen_by, ChosenBy::Default);
        assert!(endpoint.warnings[0].contains("config.json"), "{:?}", endpoint.warnings);
    }
}

#[test]
fn an_unreadable_config_file_is_a_warning_and_then_the_default() {
    let endpoint = shell().file(".docker/config.json/in-the-way", "").endpoint();
    assert_eq!((endpoint.chosen_by, endpoint.warnings.len()), (ChosenBy::Default, 1));
}

#[test]
fn an_empty_config_file_and_other_peoples_settings_are_no_cause_for_warnings() {
    for text in ["", "{}", r#"{"auths":5}"#, r#"{"currentContext":null}"#, "{} trash"] {
        let endpoint = shell().config(text).endpoint();
        assert_eq!((endpoint.chosen_by, endpoint.warnings.len()), (ChosenBy::Default, 0));
    }
}

#[test]
fn a_missing_context_is_an_error_that_lists_those_that_exist() {
    let shell = shell().stored("zeta", "tcp://a:1").stored("alpha", "tcp://a:1");
    let error = shell.var("DOCKER_CONTEXT", "beta").error();
    assert_eq!(error.to_string(), r#"there is no context "beta" (named by DOCKER_CONTEXT)"#);
    assert!(error.remedy().contains("(default, alpha, zeta)"), "{}", error.remedy());
}

#[test]
fn a_context_name_cannot_lead_out_of_the_store() {
    let error = shell().context("../../etc").error();
    assert!(matches!(error, EndpointError::MissingContext { .. }));
}

#[test]
fn a_damaged_context_is_an_error_that_names_the_file() {
    let error = shell().meta("a", "broken").context("a").error();
    assert!(error.to_string().ends_with("meta.json"), "{error}");
    assert!(error.remedy().contains("docker context rm --force a"));
}

#[test]
fn a_context_without_a_docker_endpoint_is_an_error() {
    for text in [r#"{"Name":"a"}"#, r#"{"Name":"a","Endpoints":{"kubernetes":{}}}"#] {
        let error = shell().meta("a", text).context("a").error();
        assert!(matches!(error, EndpointError::NoDockerEndpoint { .. }));
    }
}

#[test]
#[cfg(unix)]
fn a_context_without_an_address_is_the_local_socket() {
    assert_eq!(shell().stored("a", "").context("a").url(), "unix:///var/run/docker.sock");
}

#[test]
fn a_stored_context_is_described_by_its_name() {
    let endpoint = shell().stored("colima", "unix:///c.sock").context("colima").endpoint();
    assert_eq!(endpoint.describe(), "context colima");
    assert_eq!(endpoint.transport, Transport::Unix("/c.sock".into()));
}

#[test]
fn without_a_home_only_stored_contexts_are_out_of_reach() {
    let with = |context: &str| {
        Endpoint::resolve(&Ambient { host_flag: None, context_flag: Some(context.into()), env: &|_| None, home: None })
    };
    assert!(with("default").is_ok());
    assert!(matches!(with("a"), Err(EndpointError::NoConfigDirectory { .. })));
}

#[test]
fn an_address_from_docker_host_is_completed() {
    for (value, url) in [
        ("1.2.3.4", "tcp://1.2.3.4:2375"),
        ("box:99", "tcp://box:99"),
        ("tcp://box", "tcp://box:2375"),
        ("tcp://box:", "tcp://box:2375"),
        ("tcp://box:1/", "tcp://box:1"),
        ("tcp://user@box:1", "tcp://box:1"),
        ("tcp://", "tcp://localhost:2375"),
        (":7", "tcp://localhost:7"),
        ("::1", "tcp://[::1]:2375"),
        ("tcp://[::1]:5", "tcp://[::1]:5"),
        ("tcp://[::1]:", "tcp://[::1]:2375"),
        (" unix:///x ", "unix:///x"),
        ("unix://", "unix:///var/run/docker.sock"),
        ("npipe://", "npipe:////./pipe/docker_engine"),
        ("ssh://me@box:22/run/docker.sock", "ssh://me@box:22/run/docker.sock"),
    ] {
        assert_eq!(docker_host(value).url(), url, "from {value:?}");
    }
}

#[test]
fn an_unusable_address_is_an_error_that_says_where_it_is_from() {
    for value in [
        "http://h:1",
        "fd://3",
        "TCP://h:1",
        "ssh://",
        "ssh:///x",
        "tcp://h:abc",
        "h:70000",
        "h h",
        "tcp://[::1",
        "tcp://[::1]5",
        "tcp://a:b:c",
        "/var/run/docker.sock",
        "./x",
        "tcp://h:1/proxy",
    ] {
        let error = docker_host(value).error();
        assert!(matches!(error, EndpointError::BadAddress { .. }), "{value:?}: {error}");
        assert!(error.to_string().contains("from DOCKER_HOST"), "{error}");
        assert!(error.remedy().starts_with("correct DOCKER_HOST: "));
    }
    let error = shell().stored("a", "foo://x").context("a").error();
    assert!(error.to_string().contains("from context a"), "{error}");
}

#[test]
fn a_context_without_a_port_means_that_of_http_or_https() {
    let shell = shell().stored("a", "tcp://h").context("a");
    assert_eq!(shell.url(), "tcp://h:80");
    let ca = format!(".docker/contexts/tls/{}/docker/ca.pem", id("a"));
    assert_eq!(shell.file(&ca, "").url(), "tcp://h:443");
}

#[test]
fn an_https_context_without_tls_files_is_plain_http() {
    let shell = shell().stored("a", "https://h:1").context("a");
    assert_eq!((shell.url().as_str(), shell.tls()), ("tcp://h:1", None));
}

#[test]
fn a_context_has_the_tls_files_that_exist() {
    let dir = format!(".docker/contexts/tls/{}/docker", id("a"));
    let shell = shell().stored("a", "tcp://h:1").context("a");
    let shell = shell.file(&format!("{dir}/cert.pem"), "").file(&format!("{dir}/key.pem"), "");
    let dir = shell.path(&dir);
    let (cert, key) = (Some(dir.join("cert.pem")), Some(dir.join("key.pem")));
    assert_eq!(shell.tls(), Some(Tls { ca: None, cert, key, skip_verify: false }));
}

#[test]
fn skipping_verification_is_enough_to_turn_tls_on_for_a_context() {
    let text = r#"{"Name":"a","Endpoints":{"docker":{"Host":"tcp://h:1","SkipTLSVerify":true}}}"#;
    let tls = shell().meta("a", text).context("a").tls().unwrap();
    assert_eq!(tls, Tls { ca: None, cert: None, key: None, skip_verify: true });
}

#[test]
fn tls_variables_do_not_apply_to_a_stored_context() {
    let shell = shell().stored("a", "tcp://h:1").context("a").var("DOCKER_TLS_VERIFY", "1");
    assert_eq!(shell.tls(), None);
}

#[test]
fn docker_tls_verify_turns_tls_on_whatever_its_value_and_docker_tls_without_verification() {
    for (name, value, skip_verify) in [("DOCKER_TLS_VERIFY", "0", false), ("DOCKER_TLS", "1", true)] {
        let shell = docker_host("tcp://h").var(name, value).file(".docker/ca.pem", "");
        let ca = Some(shell.path(".docker/ca.pem"));
        assert_eq!(shell.tls(), Some(Tls { ca, cert: None, key: None, skip_verify }));
        assert_eq!(shell.url(), "tcp://h:2375", "the CLI keeps the port without TLS");
    }
}

#[test]
fn tls_without_an_address_means_localhost_2376() {
    let shell = shell().var("DOCKER_TLS_VERIFY", "1").file(".docker/ca.pem", "");
    assert_eq!(shell.url(), "tcp://localhost:2376");
}

#[test]
fn docker_cert_path_moves_the_tls_files() {
    let shell = docker_host("tcp://h:1").var("DOCKER_TLS_VERIFY", "1").file("certs/ca.pem", "");
    let certs = shell.path("certs");
    let shell = shell.var("DOCKER_CERT_PATH", &certs.display().to_string());
    assert_eq!(shell.tls().unwrap().ca, Some(certs.join("ca.pem")));
}

#[test]
fn tls_without_a_ca_is_an_error_even_for_a_socket() {
    let error = docker_host("unix:///x").var("DOCKER_TLS_VERIFY", "1").error();
    assert!(matches!(error, EndpointError::MissingCa { .. }), "{error}");
    assert!(error.remedy().contains("DOCKER_CERT_PATH"));
}

#[test]
fn a_mistyped_address_is_told_what_it_lacks() {
    for (address, reason) in [
        ("/var/run/docker.sock", "it is a path, and a path needs `unix://` in front"),
        ("./docker.sock", "it is a path, and a path needs `unix://` in front"),
        ("~/docker.sock", "it is a path, and a path needs `unix://` in front"),
        ("unix:/var/run/docker.sock", "`unix` is followed by `://`"),
        ("unix//var/run/docker.sock", "`unix` is followed by `://`"),
        ("Unix:/var/run/docker.sock", "`unix` is followed by `://`"),
        ("tcp:/host", "`tcp` is followed by `://`"),
        ("tcp//host:2375", "`tcp` is followed by `://`"),
        ("ssh:/box", "`ssh` is followed by `://`"),
        ("http:/host", "an engine's address begins with `unix://`, `tcp://` or `ssh://`"),
        ("http://host", "its scheme is not unix, tcp, ssh or npipe"),
        ("https://host:2376", "its scheme is not unix, tcp, ssh or npipe"),
        ("fd://", "its scheme is not unix, tcp, ssh or npipe"),
        ("tcp://my host", "it is not of the form HOST:PORT"),
        ("tcp://host:99999", "it is not of the form HOST:PORT"),
        ("host/path", "tcp:// takes no path"),
    ] {
        let error = docker_host(address).error();
        assert!(matches!(error, EndpointError::BadAddress { .. }), "{address}: {error}");
        assert!(error.to_string().ends_with(reason), "{address}: {error}");
        assert!(error.remedy().contains("correct DOCKER_HOST"), "{address}: {}", error.remedy());
    }
    // Hosts that only look like it, and what the CLI trims.
    assert_eq!(docker_host("unixbox").url(), "tcp://unixbox:2375");
    assert_eq!(docker_host("tcp").url(), "tcp://tcp:2375");
    assert_eq!(docker_host(" unix:///run/x.sock\n").url(), "unix:///run/x.sock");
}
