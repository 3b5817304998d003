//! Compares [`Endpoint::resolve`] with what the real `docker` command picks in
//! the same situation. Nothing here connects to an engine.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    path::Path,
    process::{Command, Output},
};

use labrun_docker::{Ambient, Endpoint, EndpointError, Tls, Transport};
use tempfile::TempDir;

/// A self-signed certificate; `docker context create` checks that it is one.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBhDCCASmgAwIBAgIUJX8kw85YRh1sW3cARAeuUa6hGrowCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLbGFicnVuLXRlc3QwIBcNMjYxMTIzMDcxNDUyWhgPMjEyNjEw
MzAwNzE0NTJaMBYxFDASBgNVBAMMC2xhYnJ1bi10ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAE4JO48Q66xwSRpVWfV7JjiZBYh3TiYOMMXhTbNUjvmA0ysoyZ
ahxGmwfMoh//s1tcCkioCMPXa8wO7Xo3wmJMt6NTMFEwHQYDVR0OBBYEFE4jociG
1aE6q8/x/LbtEZsNtoE6MB8GA1UdIwQYMBaAFE4jociG1aE6q8/x/LbtEZsNtoE6
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAK+EJJemLcejadmm
Cv3xsQemX4HyfWk6dd1wgIljWRnIAiEAjYQavX7BQJCN7gxsPCwGm+1o47IiSBPM
EIR5PXDZtPQ=
-----END CERTIFICATE-----
";

/// A docker configuration of its own, holding one context of each kind.
struct Machine {
    dir: TempDir,
}

/// One way to call `docker`.
#[derive(Debug, Clone, Copy, Default)]
struct Call<'a> {
    /// The text of `config.json`, if there is one.
    config: Option<&'a str>,
    env: &'a [(&'a str, &'a str)],
    host: Option<&'a str>,
    context: Option<&'a str>,
}

/// What both sides are compared by.
#[derive(Debug, PartialEq, Eq)]
struct Picked {
    context: String,
    url: String,
    skip_verify: bool,
    tls_files: Vec<String>,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { dir: TempDir::new().unwrap() };
        let pem = machine.path("cert-of-engine.pem");
        fs::write(&pem, CERTIFICATE).unwrap();
        fs::create_dir(machine.path("certs")).unwrap();
        fs::write(machine.path("certs/ca.pem"), CERTIFICATE).unwrap();
        for (name, docker) in [
            ("socket", "host=unix:///run/colima/docker.sock".to_owned()),
            ("plain", "host=tcp://192.0.2.1:2375".into()),
            ("tls", format!("host=tcp://192.0.2.1:2376,ca={pem}")),
            ("tls-with-cert", format!("host=tcp://192.0.2.1:2376,ca={pem},cert={pem}")),
            ("unverified", "host=tcp://192.0.2.1:2376,skip-tls-verify=true".into()),
            ("ssh", "host=ssh://me@box.invalid:2222".into()),
            ("v6", "host=tcp://[2001:db8::1]:2376".into()),
        ] {
            let output = machine.docker(Call::default(), &["context", "create", name, "--docker", &docker]);
            assert!(output.status.success(), "creating context {name}: {output:?}");
        }
        machine
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// The whole environment of a call; `@/` in a value stands for the directory.
    fn env(&self, call: Call) -> HashMap<String, String> {
        let own = call.env.iter().map(|(name, value)| {
            let value = value.strip_prefix("@/").map_or(value.to_string(), |path| self.path(path));
            (name.to_string(), value)
        });
        [("DOCKER_CONFIG".to_owned(), self.path(""))].into_iter().chain(own).collect()
    }

    fn docker(&self, call: Call, arguments: &[&str]) -> Output {
        let mut command = Command::new("docker");
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.envs(self.env(call));
        command.args(call.host.map(|host| format!("--host={host}")));
        command.args(call.context.map(|context| format!("--context={context}")));
        command
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("these tests compare with the docker command, which cannot be run: {error}"))
    }

    /// What the CLI picks, or what it complains about.
    fn theirs(&self, call: Call) -> Result<Picked, String> {
        let ask = |arguments: &[&str]| {
            let output = self.docker(call, arguments);
            let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
            if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
        };
        let format = "{{.Endpoints.docker.Host}}\n{{.Endpoints.docker.SkipTLSVerify}}\n\
                      {{range .TLSMaterial.docker}}{{.}} {{end}}";
        let context = ask(&["context", "show"])?;
        let inspected = ask(&["context", "inspect", "--format", format])?;
        let mut lines = inspected.lines();
        let mut line = || lines.next().unwrap_or_default();
        let (url, skip_verify) = (line().to_owned(), line() == "true");
        let mut tls_files: Vec<_> = line().split_whitespace().map(str::to_owned).collect();
        tls_files.sort();
        Ok(Picked { context, url, skip_verify, tls_files })
    }

    fn resolve(&self, call: Call) -> Result<Endpoint, EndpointError> {
        let env = self.env(call);
        Endpoint::resolve(&Ambient {
            host_flag: call.host.map(str::to_owned),
            context_flag: call.context.map(str::to_owned),
            env: &|name| env.get(name).map(OsString::from),
            home: None,
        })
    }

    fn ours(&self, call: Call) -> Result<Picked, EndpointError> {
        let endpoint = self.resolve(call)?;
        let url = endpoint.url();
        let tls = match endpoint.transport {
            Transport::Tcp { tls, .. } => tls,
            _ => None,
        };
        Ok(Picked {
            context: endpoint.context,
            url,
            skip_verify: tls.as_ref().is_some_and(|tls| tls.skip_verify),
            tls_files: tls.as_ref().map(existing_files).unwrap_or_default(),
        })
    }

    fn set_config(&self, call: Call) {
        let path = self.path("config.json");
        match call.config {
            Some(text) => fs::write(path, text).unwrap(),
            None => drop(fs::remove_file(path)),
        }
    }

    fn assert_same_pick(&self, call: Call) {
        self.set_config(call);
        let ours = self.ours(call).unwrap_or_else(|error| panic!("{call:?}: {error}"));
        assert_eq!(Ok(ours), self.theirs(call), "left: this module, right: docker, for {call:?}");
    }

    fn assert_both_refuse(&self, call: Call) {
        self.set_config(call);
        let (ours, theirs) = (self.ours(call), self.theirs(call));
        assert!(ours.is_err() && theirs.is_err(), "{call:?}: {ours:?}, docker: {theirs:?}");
    }
}

fn existing_files(tls: &Tls) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    [&tls.ca, &tls.cert, &tls.key].into_iter().flatten().map(|path| name(path)).collect()
}

fn with_env<'a>(env: &'a [(&'a str, &'a str)]) -> Call<'a> {
    Call { env, ..Call::default() }
}

#[test]
fn every_kind_of_context_is_read_as_docker_reads_it() {
    let machine = Machine::new();
    for name in ["socket", "plain", "tls", "tls-with-cert", "unverified", "ssh", "v6", "default"] {
        machine.assert_same_pick(Call { context: Some(name), ..Call::default() });
    }
}

#[test]
fn the_sources_of_a_choice_have_dockers_precedence() {
    let machine = Machine::new();
    let config = Some(r#"{"currentContext":"ssh"}"#);
    let both: &[_] = &[("DOCKER_HOST", "tcp://192.0.2.9:1"), ("DOCKER_CONTEXT", "tls")];
    for call in [
        Call::default(),
        Call { config, ..Call::default() },
        Call { config, ..with_env(&[("DOCKER_CONTEXT", "tls")]) },
        Call { config, ..with_env(&[("DOCKER_CONTEXT", "default")]) },
        Call { config, ..with_env(&[("DOCKER_CONTEXT", "")]) },
        Call { config, ..with_env(&[("DOCKER_HOST", "")]) },
        Call { config, ..with_env(&[("DOCKER_HOST", " ")]) },
        Call { config, ..with_env(&[("DOCKER_HOST", "ssh://me@box.invalid")]) },
        Call { config, ..with_env(both) },
        Call { config, host: Some("tcp://192.0.2.8:1"), ..with_env(both) },
        Call { config, host: Some(""), ..with_env(both) },
        Call { config, context: Some("socket"), ..with_env(both) },
        Call { config, context: Some("default"), ..with_env(both) },
        Call { config, context: Some(""), ..with_env(both) },
    ] {
        machine.assert_same_pick(call);
    }
}

#[test]
fn a_config_file_is_forgiven_what_docker_forgives() {
    let machine = Machine::new();
    for config in [
        "",
        "  ",
        "{}",
        "{broken",
        "[]",
        "null",
        r#"{"currentContext":5}"#,
        r#"{"currentContext":""}"#,
        r#"{"currentContext":null}"#,
        r#"{"currentContext":"ssh"} trash"#,
        r#"{"currentContext":"ssh", trash"#,
        r#"{"currentContext":"ssh","auths":5}"#,
    ] {
        machine.assert_same_pick(Call { config: Some(config), ..Call::default() });
    }
}

#[test]
fn addresses_are_completed_as_docker_completes_them() {
    let machine = Machine::new();
    for address in [
        "192.0.2.1",
        "box.invalid:99",
        "tcp://box.invalid",
        "tcp://box.invalid:",
        "tcp://",
        ":7",
        "tcp://me@box.invalid:1",
        "::1",
        "tcp://[::1]:5",
        "tcp://[::1]:",
        "unix://",
        "unix:///x",
        "unix://relative",
        " unix:///x ",
        "npipe://",
        "ssh://me@box.invalid:22/run/docker.sock",
    ] {
        machine.assert_same_pick(with_env(&[("DOCKER_HOST", address)]));
        machine.assert_same_pick(Call { host: Some(address), ..Call::default() });
    }
}

#[test]
fn tls_variables_mean_what_they_mean_to_docker() {
    let machine = Machine::new();
    let (certs, host) = (("DOCKER_CERT_PATH", "@/certs"), ("DOCKER_HOST", "tcp://192.0.2.1"));
    for env in [
        &[certs, host] as &[_],
        &[certs, ("DOCKER_TLS_VERIFY", "1")],
        &[certs, host, ("DOCKER_TLS_VERIFY", "1")],
        &[certs, host, ("DOCKER_TLS_VERIFY", "0")],
        &[certs, host, ("DOCKER_TLS_VERIFY", "")],
        &[certs, host, ("DOCKER_TLS", "1")],
        &[certs, host, ("DOCKER_TLS", "1"), ("DOCKER_TLS_VERIFY", "1")],
        &[("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CONTEXT", "plain")],
    ] {
        machine.assert_same_pick(with_env(env));
    }
}

#[test]
fn what_docker_refuses_is_refused() {
    let machine = Machine::new();
    for call in [
        Call { host: Some("tcp://192.0.2.1:1"), context: Some("tls"), ..Call::default() },
        Call { host: Some(""), context: Some("default"), ..Call::default() },
        Call { context: Some("missing"), ..Call::default() },
        Call { config: Some(r#"{"currentContext":"missing"}"#), ..Call::default() },
        with_env(&[("DOCKER_CONTEXT", "missing")]),
        with_env(&[("DOCKER_CONTEXT", "../tls")]),
        with_env(&[("DOCKER_HOST", "http://box.invalid:1")]),
        with_env(&[("DOCKER_HOST", "TCP://box.invalid:1")]),
        with_env(&[("DOCKER_HOST", "tcp://box.invalid:port")]),
        with_env(&[("DOCKER_TLS_VERIFY", "1")]),
        with_env(&[("DOCKER_TLS_VERIFY", "1"), ("DOCKER_HOST", "unix:///x")]),
    ] {
        machine.assert_both_refuse(call);
    }
}

#[test]
fn the_url_leads_docker_to_the_same_address() {
    let machine = Machine::new();
    for name in ["socket", "plain", "tls", "ssh", "v6", "default"] {
        let call = Call { context: Some(name), ..Call::default() };
        let url = machine.resolve(call).unwrap().url();
        let theirs = machine.theirs(with_env(&[("DOCKER_HOST", &url)])).unwrap();
        assert_eq!((theirs.context.as_str(), theirs.url), ("default", url));
    }
}
