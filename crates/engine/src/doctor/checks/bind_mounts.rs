//! `bind-mounts`: whether a container sees the folders that learners mount, and may write there.

use bollard::models::SystemInfo;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Canary, Seen};
use labrun_docker::Transport;

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    if needs.folders().is_empty() {
        return Ok(Finding::skip("no folder of yours is mounted"));
    }
    let (info, _) = seen.told(&seen.info)?;
    if seen.canaries.is_empty() {
        return Ok(Finding::skip("it takes an image that is there; see images"));
    }
    for (folder, canary) in &seen.canaries {
        let folder = folder.display().to_string();
        let finding = match canary {
            Ok(Canary::Shared) => continue,
            Err(reason) => return Ok(Finding::unseen(reason).about(folder)),
            Ok(Canary::NoShell) => return Ok(Finding::skip("it takes an image with a shell in it")),
            Ok(Canary::NotRun(why)) => {
                let what = format!("a container that would look does not run: {why}");
                return Ok(Finding::fail(what, "see why docker run does not work with the lab's image"));
            }
            Ok(Canary::NotMade(why)) => Finding::fail(
                format!("nothing can be made in {folder}: {why}"),
                format!("see who may write there: ls -ld {folder}"),
            ),
            Ok(Canary::Refused(why)) => Finding::fail(
                format!("the engine does not mount what is in {folder}: {why}"),
                share(seen, info, &folder),
            ),
            Ok(Canary::Elsewhere) => {
                let what =
                    format!("{folder} isn't shared with the engine: a container that mounts it sees another one");
                Finding::fail(what, share(seen, info, &folder))
            }
            Ok(Canary::Unreadable) => {
                Finding::fail(format!("a container may not read what you make in {folder}"), allow(info, "read"))
            }
            Ok(Canary::Unwritable) => Finding::warn(
                format!("a container may read what you make in {folder}, and not write there"),
                allow(info, "write"),
            ),
        };
        return Ok(finding.about(folder));
    }
    let folders: Vec<String> = seen.canaries.iter().map(|(folder, _)| folder.display().to_string()).collect();
    Ok(Finding::ok(format!("a container and you see the same files in {}", folders.join(", "))))
}

/// How to share a folder with the engine.
fn share(seen: &Seen, info: &SystemInfo, folder: &str) -> String {
    let root = info.docker_root_dir.as_deref().unwrap_or_default();
    let system = info.operating_system.as_deref().unwrap_or_default();
    let by_socket = seen.endpoint.as_ref().is_ok_and(|endpoint| matches!(endpoint.transport, Transport::Unix(_)));
    let name = info.name.as_deref().unwrap_or_default();
    if system == "Docker Desktop" {
        format!("Docker Desktop, Settings, Resources, File sharing: add {folder}")
    } else if root.starts_with("/var/snap/") {
        format!("Docker from snap has a {folder} of its own: install Docker's own package, docker-ce or docker.io")
    } else if name.starts_with("colima") || name.starts_with("lima") {
        format!("mount {folder} into the virtual machine, writable: colima start --edit, under `mounts`")
    } else if by_socket {
        format!("the engine runs somewhere else: share {folder} with that machine, or use an engine of this one")
    } else {
        "the engine is on another machine: use one of this machine (docker context ls)".to_owned()
    }
}

/// How to let a container do something in a folder.
fn allow(info: &SystemInfo, what: &str) -> String {
    let options = || info.security_options.iter().flatten();
    if options().any(|option| option.contains("selinux")) {
        return "SELinux forbids it: add :z to the mount, as in -v FOLDER:/data:z".to_owned();
    }
    if options().any(|option| option.contains("name=userns")) {
        return "user namespaces are remapped: chmod o+rwx the folder that you mount".to_owned();
    }
    format!("see what keeps root in a container from it, and let it {what}: ls -ld, getfacl, mount options")
}
