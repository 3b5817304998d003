//! Engines that are reached over ssh and over TLS: they serve as the one on the socket does, no answer of theirs is without
//! an end, and ssh asks the learner nothing.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, crypto};

use crate::faulty::{Fault, Faulty, answer};
use crate::harness::{Learner, Said};
use crate::terminal::Terminal;

/// An engine somewhere else: the variables that lead there, and what sets its fault.
struct Remote {
    environment: Vec<(&'static str, String)>,
    set: Box<dyn Fn(Fault)>,
}

impl Remote {
    fn run(&self, learner: &Learner, arguments: &[&str]) -> Output {
        learner.command(arguments).envs(self.environment.clone()).output().expect("labrun runs")
    }

    fn report(&self, learner: &Learner, arguments: &[&str]) -> Value {
        let said = Said::from(self.run(learner, &[arguments, &["--json"]].concat()));
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }
}

/// A command called `ssh`, alone in its folder; gives a `PATH` on which it comes first.
fn ssh(folder: &Path, script: &str) -> String {
    let (bin, path) = (folder.join("bin"), std::env::var("PATH").expect("a path"));
    std::fs::create_dir_all(&bin).expect("made");
    // Renamed into its place: a file that somebody still has open for writing can't be run.
    let (new, file) = (folder.join("new-ssh"), bin.join("ssh"));
    std::fs::write(&new, format!("#!/bin/bash\n{script}\n")).expect("written");
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).expect("opened");
    std::fs::rename(new, file).expect("renamed");
    format!("{}:{path}", bin.display())
}

/// Runs what it is told to run there here, as a server of ssh's would: docker's own `dial-stdio`.
fn over_ssh(folder: &Path) -> Remote {
    let faulty = Faulty::start(folder);
    let asked = r#"[ "$*" = "-o BatchMode=yes -l ada -p 2222 -- box.invalid docker system dial-stdio" ] || exit 3"#;
    let path = ssh(folder, &format!("{asked}\nDOCKER_HOST={} exec \"${{@:9}}\"", faulty.host()));
    let environment = vec![("DOCKER_HOST", "ssh://ada@box.invalid:2222".to_owned()), ("PATH", path)];
    Remote { environment, set: Box::new(move |fault| faulty.set(fault)) }
}

/// A certificate for this machine, by which both sides know each other, as docker names its files.
fn certificate(folder: &Path) -> PathBuf {
    let folder = folder.join("certificates");
    std::fs::create_dir(&folder).expect("made");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=an engine of the tests", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(&folder)
        .output();
    let made = made.map(Said::from).expect("this test needs openssl: apt-get install openssl");
    assert_eq!(made.code, 0, "{made:?}");
    std::fs::copy(folder.join("cert.pem"), folder.join("ca.pem")).expect("copied");
    folder
}

fn over_tls(folder: &Path) -> Remote {
    let files = certificate(folder);
    let own = || vec![CertificateDer::from_pem_file(files.join("cert.pem")).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(files.join("key.pem")).expect("a key");
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(own());
    let provider = Arc::new(crypto::ring::default_provider());
    let known = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(known.expect("a verifier"))
        .with_single_cert(own(), key);
    let (config, fault) = (Arc::new(config.expect("they go together")), Arc::new(Mutex::new(Fault::None)));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let now = fault.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (config, fault) = (config.clone(), *now.lock().expect("the fault"));
            std::thread::spawn(move || {
                let mut stream = StreamOwned::new(ServerConnection::new(config).expect("a server"), client);
                let _ = answer(&mut stream, fault);
                stream.conn.send_close_notify();
                stream.flush()
            });
        }
    });
    let environment = vec![
        ("DOCKER_HOST", format!("tcp://127.0.0.1:{port}")),
        ("DOCKER_TLS_VERIFY", "1".to_owned()),
        ("DOCKER_CERT_PATH", files.display().to_string()),
    ];
    Remote { environment, set: Box::new(move |wanted| *fault.lock().expect("the fault") = wanted) }
}

/// A lab is gone through; then an answer has no end, and it is its length that ends it.
fn serves_and_is_bounded(learner: &Learner, remote: &Remote) {
    let began = Said::from(remote.run(learner, &["start", "docker-volumes", "--no-shell"]));
    assert_eq!(began.code, 0, "{began:?}");
    assert_eq!(remote.report(learner, &["check"])["verdict"], "fail");
    let told = remote.report(learner, &["doctor", "docker-volumes"]);
    assert_eq!(told["engine"]["product"], "Docker", "{told}");

    (remote.set)(Fault::EndlessBody);
    let endless = remote.report(learner, &["check"]);
    assert_eq!((&endless["verdict"], &endless["reason"]["code"]), (&"cannot-check".into(), &"too-large".into()));
    (remote.set)(Fault::EndlessHead);
    let endless = remote.report(learner, &["check"]);
    assert_eq!(endless["verdict"], "cannot-check", "{endless}");
    assert_ne!(endless["reason"]["code"], "timeout", "it is not the deadline: {endless}");
    (remote.set)(Fault::Silent);
    let silent = remote.report(learner, &["check"]);
    assert_eq!((&silent["verdict"], &silent["reason"]["code"]), (&"cannot-check".into(), &"timeout".into()));

    (remote.set)(Fault::None);
    learner.types("docker volume create app-data");
    assert_eq!(remote.report(learner, &["check"])["verdict"], "pass");
}

#[test]
fn an_engine_over_ssh_serves_and_its_answers_are_bounded() {
    let learner = Learner::new();
    serves_and_is_bounded(&learner, &over_ssh(learner.home.path()));
}

#[test]
fn an_engine_over_tls_serves_and_its_answers_are_bounded() {
    let learner = Learner::new();
    serves_and_is_bounded(&learner, &over_tls(learner.home.path()));
}

#[test]
fn an_engine_with_another_certificate_is_not_the_one_that_was_meant() {
    let learner = Learner::in_lab("docker-volumes");
    let mut remote = over_tls(learner.home.path());
    let other = tempfile::tempdir().expect("a folder");
    remote.environment.push(("DOCKER_CERT_PATH", certificate(other.path()).display().to_string()));
    let report = remote.report(&learner, &["check"]);
    assert_eq!(report["verdict"], "cannot-check", "{report}");
    let what = report["reason"]["what"].as_str().unwrap_or_default();
    assert!(what.contains("certificate"), "{report}");
}

#[test]
fn ssh_that_wants_a_password_is_told_as_it_says_it_and_asks_nobody() {
    let learner = Learner::in_lab("docker-volumes");
    let refuses =
        "echo 'Welcome to the box' >&2; echo 'ada@box: Permission denied (publickey,password).' >&2; exit 255";
    let environment = vec![("DOCKER_HOST", "ssh://ada@box".to_owned()), ("PATH", ssh(learner.home.path(), refuses))];
    let remote = Remote { environment, set: Box::new(|_| ()) };
    let report = remote.report(&learner, &["check"]);
    assert_eq!(report["verdict"], "cannot-check", "{report}");
    assert_eq!(
        report["reason"],
        serde_json::json!({
            "code": "no-engine",
            "what": "ssh does not get to the engine (DOCKER_HOST ssh://ada@box): ada@box: Permission denied \
                     (publickey,password).",
            "remedy": "labrun lets ssh ask nothing: give it a key, or an agent that has one, until this works: \
                       ssh -o BatchMode=yes -l ada -- box docker version",
        })
    );
}

#[test]
fn ssh_that_asks_at_the_terminal_all_the_same_neither_draws_nor_reads_there() {
    let learner = Learner::in_lab("docker-volumes");
    let (asked, pid) = (learner.home.path().join("asked"), learner.home.path().join("pid"));
    let asks = format!(
        "if {{ printf 'password: ' >/dev/tty; }} 2>/dev/null; then read -r word </dev/tty; echo \"$word\" >{}; fi\n\
         sleep 600 & echo $! >{1}.new; mv {1}.new {1}; wait",
        asked.display(),
        pid.display(),
    );
    let path = ssh(learner.home.path(), &asks);
    let environment = [("DOCKER_HOST", "ssh://ada@box"), ("PATH", path.as_str())];
    let mut terminal = Terminal::command_with(&learner, 80, &environment, &["check"]);
    terminal.send("secret\r");
    terminal.wait_for("did not answer within");
    terminal.wait_for("labrun lets ssh ask nothing");
    assert!(!terminal.screen().contains("password:"), "{}", terminal.screen());
    assert!(!asked.exists(), "it has read what was typed");
    // What it has started has gone with it.
    let started = std::fs::read_to_string(&pid).expect("it ran");
    terminal.wait_until("the end of what ssh started", |_| !Path::new("/proc").join(started.trim()).exists());
}
