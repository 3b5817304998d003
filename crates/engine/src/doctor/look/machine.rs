//! What is looked at on this machine, without the engine.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;

use bollard::models::SystemInfo;
use labrun_graders::{CannotLook, Obstacle};
use tokio::process::Command;

use super::{DEADLINE, within};
use crate::doctor::seen::{Access, Answer, Compose, DockerCommand, Listening, Route};
use labrun_docker::{Endpoint, Transport};
use labrun_process::sudo::{AsRoot, as_root};

/// Looks on a thread of its own, that nobody waits for longer than they want: a file system can hang.
pub(super) async fn aside<T: Send + 'static>(
    look: impl FnOnce() -> rustix::io::Result<T> + Send + 'static,
) -> rustix::io::Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = sender.send(look());
    });
    receiver.await.unwrap_or(Err(rustix::io::Errno::IO))
}

/// Whether the engine runs on this machine, and not in a virtual one or behind a forwarded socket: the same kernel's
/// release and the same name.
pub(super) fn is_local(endpoint: &Endpoint, info: &SystemInfo) -> bool {
    let here = rustix::system::uname();
    let same = |theirs: &Option<String>, ours: &std::ffi::CStr| theirs.as_deref() == ours.to_str().ok();
    matches!(endpoint.transport, Transport::Unix(_))
        && same(&info.kernel_version, here.release())
        && same(&info.name, here.nodename())
}

/// What a command says, and whether it ended well; `None` where it is not there.
async fn said(program: &str, arguments: &[&str]) -> Answer<Option<(String, bool)>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    // It is asked about itself; what it would say of an engine is not waited for.
    command.env("DOCKER_HOST", "unix:///nonexistent/labrun").env_remove("DOCKER_CONTEXT");
    let name = [&[program], arguments.get(..1).unwrap_or_default()].concat().join(" ");
    within(DEADLINE, &format!("the command {name}"), async {
        // Under sudo it is root's docker that is meant, with root's settings.
        match AsRoot::new(command.output()).await {
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                Ok(Some((said, output.status.success())))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let what = format!("{program} can't be run: {error}");
                Err(CannotLook::new(Obstacle::Broken, what, format!("see what {name} says")))
            }
        }
    })
    .await
}

/// The `docker` command, and the API that it speaks.
pub(super) async fn docker_command() -> Answer<Option<DockerCommand>> {
    // It ends with a failure, since no engine answers it, and has said this nevertheless.
    let said = said("docker", &["version", "--format", "{{.Client.Version}} {{.Client.DefaultAPIVersion}}"]).await?;
    Ok(said.and_then(|(said, _)| parse_command(&said)))
}

/// Podman's has no such fields and fails on the way; and in WSL without integration Docker Desktop leaves a script that
/// says "The command 'docker' could not be found in this WSL 2 distro".
fn parse_command(said: &str) -> Option<DockerCommand> {
    let number = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    let mut words = said.split_whitespace().filter(number).map(str::to_owned);
    let mut next = || words.next().unwrap_or_default();
    (!said.contains("could not be found")).then(|| DockerCommand { version: next(), api: next() })
}

/// Compose, as docker's plugin, else as the command of its own that it was before.
pub(super) async fn compose() -> Answer<Option<Compose>> {
    let plugin = said("docker", &["compose", "version", "--short"]);
    let alone = said("docker-compose", &["version", "--short"]);
    let (plugin, alone) = tokio::join!(plugin, alone);
    let version = |said: Answer<Option<(String, bool)>>, is_plugin| {
        Ok(said?.filter(|(_, well)| *well).map(|(version, _)| Compose { version, is_plugin }))
    };
    match version(plugin, true)? {
        None => version(alone, false),
        plugin => Ok(plugin),
    }
}

/// Who may use the socket, and who we are.
pub(super) async fn access(endpoint: &Endpoint) -> Option<Access> {
    let Transport::Unix(socket) = &endpoint.transport else { return None };
    let metadata = as_root(|| std::fs::metadata(socket)).ok()?;
    let group = metadata.gid();
    let (groups, own) = as_root(|| (rustix::process::getgroups().unwrap_or_default(), rustix::process::getegid()));
    let text = |said: Answer<Option<(String, bool)>>| said.ok().flatten().map(|(said, _)| said).unwrap_or_default();
    let user = text(said("id", &["-un"]).await);
    let named = group.to_string();
    let (of_user, of_group) = (["-G", &user], ["group", &named]);
    let (ids, entry) = tokio::join!(said("id", &of_user), said("getent", &of_group));
    let entry = text(entry);
    Some(Access {
        member: text(ids).split_whitespace().any(|id| id == named),
        in_effect: groups.iter().any(|id| id.as_raw() == group) || own.as_raw() == group,
        lets_group: metadata.mode() & 0o060 == 0o060,
        group: entry.split(':').next().filter(|name| !name.is_empty()).unwrap_or(&named).to_owned(),
        user,
    })
}

/// Whether somebody listens at a port of this machine, which is the engine's host or not.
pub(super) fn listening(port: u16, is_local: bool) -> Listening {
    if !is_local {
        return Listening::Unknown;
    }
    match as_root(|| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))) {
        Ok(_) => Listening::Nobody,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Listening::Somebody,
        // Ports below 1024 are root's, and the engine is root.
        Err(_) => Listening::Unknown,
    }
}

/// The routes of IPv4; none where the system does not tell them in this way.
pub(super) fn routes() -> Vec<Route> {
    std::fs::read_to_string("/proc/net/route").map(|table| parse_routes(&table)).unwrap_or_default()
}

/// proc(5): a line a route, addresses in hexadecimal with the bytes in the host's order.
pub(in crate::doctor) fn parse_routes(table: &str) -> Vec<Route> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| {
            u32::from_str_radix(fields.get(at)?, 16).ok().map(|number| u32::from_be_bytes(number.to_ne_bytes()))
        };
        Some(Route { interface: (*fields.first()?).to_owned(), network: number(1)?, mask: number(7)? })
    };
    table.lines().skip(1).filter_map(route).collect()
}

#[cfg(test)]
mod tests {
    use super::parse_command;

    #[test]
    fn the_docker_command_is_told_from_what_stands_in_its_place() {
        let told = |said: &str| parse_command(said).map(|command| format!("{}|{}", command.version, command.api));
        assert_eq!(told("28.2.2 1.50").as_deref(), Some("28.2.2|1.50"));
        assert_eq!(told("4.3.1").as_deref(), Some("4.3.1|"), "Podman's, with its failure on the other stream");
        assert_eq!(told("").as_deref(), Some("|"));
        assert_eq!(told("The command 'docker' could not be found in this WSL 2 distro."), None);
    }
}
