//! What docker calls, and what it comes to.
#![allow(clippy::unwrap_used)]

use super::*;

fn called(words: &str) -> Result<Call, Error> {
    Call::new(words.split(' ').map(OsString::from).collect(), true)
}

/// The arguments, and a variable.
fn as_docker(words: &str, variable: &str) -> (Vec<String>, Option<String>) {
    match called(words) {
        Ok(Call::Docker { arguments, environment }) => {
            let arguments = arguments.into_iter().map(|word| word.into_string().unwrap()).collect();
            (arguments, environment.value(variable).map(|value| value.to_str().unwrap().to_owned()))
        }
        other => panic!("{words}: {other:?}"),
    }
}

#[test]
fn dockers_own_options_become_ours() {
    for (words, arguments) in [
        ("docker-lab lab", "labrun"),
        ("/home/ada/.docker/cli-plugins/docker-lab lab start docker-volumes", "labrun start docker-volumes"),
        ("docker-lab --context box lab check", "labrun --context=box check"),
        ("docker-lab -cbox lab check", "labrun --context=box check"),
        ("docker-lab -Dc=box lab check", "labrun --context=box check"),
        ("docker-lab -D -H tcp://box:1 -l debug --log-level=info lab check", "labrun --host=tcp://box:1 check"),
        ("docker-lab --host= lab check", "labrun --host= check"),
        // Behind the word it is ours, even where it looks like docker's.
        ("docker-lab lab --context box check --json", "labrun --context box check --json"),
        ("docker-lab lab answer -- lab", "labrun answer -- lab"),
        ("docker-lab help lab", "labrun help"),
        ("docker-lab help lab start", "labrun help start"),
        ("docker-lab --help lab", "labrun --help"),
        ("docker-lab lab --help", "labrun --help"),
    ] {
        assert_eq!(as_docker(words, "").0.join(" "), arguments, "{words}");
    }
}

#[test]
fn what_only_docker_has_becomes_the_variable_that_means_the_same() {
    for (words, variable, value) in [
        ("docker-lab --config /tmp/d lab", "DOCKER_CONFIG", Some("/tmp/d")),
        ("docker-lab --tls lab", "DOCKER_TLS", Some("1")),
        ("docker-lab --tls=false lab", "DOCKER_TLS", None),
        ("docker-lab --tlsverify lab", "DOCKER_TLS_VERIFY", Some("1")),
        ("docker-lab --tlsverify=false lab", "DOCKER_TLS", Some("1")),
        ("docker-lab --tlscacert /c/ca.pem --tlskey=/c/key.pem lab", "DOCKER_CERT_PATH", Some("/c")),
        ("docker-lab --tlscacert ca.pem lab", "DOCKER_CERT_PATH", Some(".")),
    ] {
        assert_eq!(as_docker(words, variable).1.as_deref(), value, "{words}");
    }
    for words in ["docker-lab --tlscacert /c/other.pem lab", "docker-lab --tlscacert /c/ca.pem --tlskey /d/key.pem lab"]
    {
        assert!(called(words).is_err(), "{words}");
    }
}

#[test]
fn only_docker_makes_a_plugin_of_it() {
    let own = |words: &[&str], by_docker| {
        matches!(Call::new(words.iter().map(OsString::from).collect(), by_docker), Ok(Call::Own(_)))
    };
    assert!(own(&["docker-lab", "list"], false));
    assert!(own(&["labrun", "list"], true));
    assert!(!own(&["docker-lab", "lab", "list"], true));
    assert!(matches!(called("labrun docker-cli-plugin-metadata"), Ok(Call::Metadata)));
    let Ok(Call::Complete { words, described: true }) = called("docker-lab __complete lab start d") else {
        panic!("a Tab is not seen");
    };
    assert_eq!(words, ["labrun", "start", "d"]);
}

#[test]
fn an_option_is_told_to_the_docker_that_labrun_starts() {
    let told = |host, context| {
        let environment = of_options(host, context);
        let value = |name| environment.value(name).map(|value| value.to_str().unwrap().to_owned());
        (value("DOCKER_HOST"), value("DOCKER_CONTEXT"))
    };
    assert_eq!(told(None, None), (None, None));
    assert_eq!(told(None, Some("box")), (None, Some("box".into())));
    assert_eq!(told(Some("tcp://box:1"), None), (Some("tcp://box:1".into()), None));
    assert_eq!(told(Some(""), None), (None, Some("default".into())));
    assert_eq!(told(None, Some("")), (None, None));
}

#[test]
fn a_plugin_is_not_waited_for_beyond_its_end() {
    use std::os::unix::fs::PermissionsExt;
    let said = r#"{"Vendor":"labrun","Version":"1.2.3"}"#;
    for (script, is_labrun) in [
        // Processes of its own keep the pipe open.
        (format!("sleep 60 & echo '{said}'"), true),
        (format!("(trap '' TERM; sleep 60) & echo '{said}'"), true),
        // And what never ends.
        ("sleep 60".to_owned(), false),
        ("yes".to_owned(), false),
        ("sleep 60 & exit 0".to_owned(), false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::of_user(folder.path());
        std::fs::create_dir_all(place.path().parent().unwrap()).unwrap();
        // Whatever is left of it ends on its own.
        let script = format!("#!/bin/sh\n{}", script.replace("yes", "timeout 5 yes").replace("60", "8"));
        std::fs::write(place.path(), &script).unwrap();
        std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let began = std::time::Instant::now();
        let standing = place.look().unwrap();
        assert_eq!(matches!(standing, Standing::Labrun { .. }), is_labrun, "{script}: {standing:?}");
        assert!(began.elapsed() < std::time::Duration::from_secs(6), "{script}: {:?}", began.elapsed());
    }
}
