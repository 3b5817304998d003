//! `rootless`: whether root in a container is root on the engine's host.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

/// The first port that is not root's alone, unless the host says otherwise.
const FIRST_FREE_PORT: u16 = 1024;

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    let (info, _) = seen.told(&seen.info)?;
    let has = |name: &str| {
        let options = info.security_options.iter().flatten();
        options.flat_map(|option| option.split(',')).any(|option| option == format!("name={name}"))
    };
    if has("rootless") {
        let low = needs.ports().into_iter().find(|port| *port < FIRST_FREE_PORT);
        return Ok(match low {
            Some(port) => Finding::fail(
                format!("the engine is rootless and may not publish port {port}, which is needed"),
                "sudo sysctl net.ipv4.ip_unprivileged_port_start=0",
            )
            .for_administrator()
            .about(format!("port {port}")),
            None => Finding::ok("yes: root in a container is you"),
        });
    }
    if has("userns") {
        return Ok(if needs.folders().is_empty() {
            Finding::ok("user namespaces are remapped: root in a container is nobody on the host")
        } else {
            Finding::warn(
                "user namespaces are remapped: root in a container is nobody on your host, and may write only where \
                 everybody may",
                "open the folders that you mount: chmod o+rwx FOLDER",
            )
        });
    }
    Ok(Finding::ok("no: root in a container is root on the engine's host"))
}
