//! What the docker CLI knows of a login at a registry: `auths` in its `config.json`, or a credential helper.
//!
//! Source: `cli/config` of github.com/docker/cli and the protocol of github.com/docker/docker-credential-helpers. A helper
//! that is named (`credHelpers` for one registry, else `credsStore`) is asked, and the file then counts no more.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::auth::DockerCredentials;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Reference;
use labrun_process::sudo::{AsRoot, as_root};

/// The most that is read of `config.json` and of a helper's answer, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// How long a helper may take: some ask their user.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a helper calls a user who has a token instead of a password.
const TOKEN_USER: &str = "<token>";

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ConfigFile {
    auths: Option<BTreeMap<String, Auth>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Auth {
    /// `user:password` in base64.
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// The login for an image's registry, if there is one; or why what is there can't be used. A pull can then still go on
/// without one.
pub(super) async fn login(config_dir: Option<&Path>, image: &Reference) -> Result<Option<DockerCredentials>, String> {
    let Some(path) = config_dir.map(|folder| folder.join("config.json")) else { return Ok(None) };
    // Under sudo it is root's docker that is meant, with root's logins.
    let config = as_root(|| read(&path)).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let key = image.login_key();
    let helper = config.cred_helpers.as_ref().and_then(|helpers| helpers.get(key)).or(config.creds_store.as_ref());
    if let Some(helper) = helper.filter(|helper| !helper.is_empty()) {
        return ask(&format!("docker-credential-{helper}"), key).await;
    }
    let auths = config.auths.unwrap_or_default();
    let found = auths.get(key).or_else(|| auths.iter().find(|(known, _)| host(known) == key).map(|(_, auth)| auth));
    found.map_or(Ok(None), |auth| {
        of_file(auth, key).map_err(|why| format!("the login for {key} in {} cannot be read: {why}", path.display()))
    })
}

fn read(path: &Path) -> io::Result<ConfigFile> {
    let mut text = Vec::new();
    match std::fs::File::open(path) {
        Ok(file) => file.take(MAX_BYTES).read_to_end(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ConfigFile::default()),
        Err(error) => return Err(error),
    };
    // The CLI reads one JSON value: nothing at all, or text after it, is no error.
    let first = serde_json::Deserializer::from_slice(&text).into_iter::<ConfigFile>().next();
    Ok(first.transpose()?.unwrap_or_default())
}

/// The host of a key that an older CLI wrote: `https://box:5000/v1/`.
fn host(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    rest.split('/').next().unwrap_or(rest)
}

fn of_file(auth: &Auth, key: &str) -> Result<Option<DockerCredentials>, &'static str> {
    let (mut username, mut password) = (auth.username.clone(), auth.password.clone());
    if let Some(both) = auth.auth.as_deref().filter(|both| !both.is_empty()) {
        let both = STANDARD.decode(both).map_err(|_| "it is no base64")?;
        let both = String::from_utf8(both).map_err(|_| "it is no text")?;
        let (user, secret) = both.split_once(':').ok_or("it has no colon between user and password")?;
        username = Some(user.to_owned());
        // Very old files fill it up with zeros.
        password = Some(secret.trim_matches('\0').to_owned());
    }
    let (identitytoken, registrytoken) = (auth.identitytoken.clone(), auth.registrytoken.clone());
    // An empty entry is what the CLI leaves where a helper has the login.
    if username.is_none() && identitytoken.is_none() && registrytoken.is_none() {
        return Ok(None);
    }
    let serveraddress = Some(key.to_owned());
    Ok(Some(DockerCredentials {
        username,
        password,
        identitytoken,
        registrytoken,
        serveraddress,
        ..Default::default()
    }))
}

/// Asks a helper: the registry on its input, a JSON answer on its output. "Not found" is an end with an error, too.
async fn ask(program: &str, key: &str) -> Result<Option<DockerCredentials>, String> {
    let asked = tokio::time::timeout(PATIENCE, AsRoot::new(answer(program, key))).await;
    let (well, text) = match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(format!("{program}, which has your logins, cannot be run: {error}")),
        Err(_) => return Err(format!("{program}, which has your logins, did not answer")),
    };
    if !well {
        let said = String::from_utf8_lossy(&text);
        let unknown = said.contains("credentials not found");
        return if unknown {
            Ok(None)
        } else {
            Err(format!("{program}, which has your logins, failed: {}", said.trim()))
        };
    }
    let answer: Answer =
        serde_json::from_slice(&text).map_err(|error| format!("{program} answered no login: {error}"))?;
    let serveraddress = Some(key.to_owned());
    Ok(Some(if answer.username == TOKEN_USER {
        DockerCredentials { identitytoken: Some(answer.secret), serveraddress, ..Default::default() }
    } else {
        let (username, password) = (Some(answer.username), Some(answer.secret));
        DockerCredentials { username, password, serveraddress, ..Default::default() }
    }))
}

/// Whether it ended well, and what it wrote.
async fn answer(program: &str, key: &str) -> io::Result<(bool, Vec<u8>)> {
    let mut child = tokio::process::Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not read its input may still answer.
        let _ = input.write_all(key.as_bytes()).await;
    }
    let mut text = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MAX_BYTES).read_to_end(&mut text).await?;
    }
    Ok((child.wait().await?.success(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// User and secret; or why there is none.
    type Found = Result<Option<(Option<String>, Option<String>)>, String>;

    async fn found(config: &str, image: &str) -> Found {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("config.json"), config).expect("written");
        let login = login(Some(folder.path()), &image.parse().expect("a name")).await;
        login
            .map(|login| login.map(|login| (login.username, login.password.or(login.identitytoken))))
            .map_err(|why| why.replace(&folder.path().display().to_string(), "DIR"))
    }

    fn both(user: &str, secret: &str) -> Found {
        Ok(Some((Some(user.to_owned()), Some(secret.to_owned()))))
    }

    #[tokio::test]
    async fn a_login_is_found_as_the_cli_finds_it() {
        let auth = STANDARD.encode("ada:s:e>?~cret");
        let config = format!(
            r#"{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{auth}"}}, "https://old.example/v1/": {{"auth": "{auth}"}},
                "empty.example": {{}}, "token.example": {{"identitytoken": "t"}}}}}}"#
        );
        assert_eq!(found(&config, "busybox").await, both("ada", "s:e>?~cret"));
        assert_eq!(found(&config, "old.example/x").await, both("ada", "s:e>?~cret"));
        assert_eq!(found(&config, "empty.example/x").await, Ok(None));
        assert_eq!(found(&config, "other.example/x").await, Ok(None));
        assert_eq!(found(&config, "token.example/x").await, Ok(Some((None, Some("t".to_owned())))));
        for nothing in ["", "{}", r#"{"auths": null}"#] {
            assert_eq!(found(nothing, "busybox").await, Ok(None), "{nothing}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_said_and_no_secret_with_it() {
        let rows = [
            ("{\"auths\": ", "DIR/config.json cannot be read: EOF while parsing a value at line 1 column 10"),
            (
                r#"{"auths": {"box.example": {"auth": "%%"}}}"#,
                "the login for box.example in DIR/config.json cannot be read: it is no base64",
            ),
            (
                r#"{"auths": {"box.example": {"auth": "YWRh"}}}"#,
                "the login for box.example in DIR/config.json cannot be read: it has no colon between user and password",
            ),
            (
                r#"{"credsStore": "labrun-no-such-helper"}"#,
                "docker-credential-labrun-no-such-helper, which has your logins, cannot be run: No such file or \
                 directory (os error 2)",
            ),
        ];
        for (config, why) in rows {
            assert_eq!(found(config, "box.example/x").await, Err(why.to_owned()), "{config}");
        }
    }

    #[tokio::test]
    async fn a_helper_is_asked_by_the_clis_protocol() {
        let folder = tempfile::tempdir().expect("a folder");
        let helper = |name: &str, text: &str| {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("made a program");
            path.to_string_lossy().into_owned()
        };
        let user = helper("user", r#"[ "$1" = get ] && printf '{"Username":"ada","Secret":"for %s"}' "$(cat)""#);
        let token = helper("token", r#"printf '{"Username":"<token>","Secret":"t"}'"#);
        let none = helper("none", "echo credentials not found in native keychain; exit 1");
        let locked = helper("locked", "echo the keychain is locked; exit 1");
        let asked = async |program: &str| {
            let login = ask(program, "box.example").await;
            login.map(|login| login.map(|login| (login.username, login.password.or(login.identitytoken))))
        };
        assert_eq!(asked(&user).await, both("ada", "for box.example"));
        assert_eq!(asked(&token).await, Ok(Some((None, Some("t".to_owned())))));
        assert_eq!(asked(&none).await, Ok(None));
        assert_eq!(
            asked(&locked).await,
            Err(format!("{locked}, which has your logins, failed: the keychain is locked"))
        );
    }
}
