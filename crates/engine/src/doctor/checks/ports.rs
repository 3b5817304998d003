//! `ports`: whether the ports that the labs publish are free, and who has those that are not.

use bollard::models::ContainerSummary;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Listening, Seen};

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    let ports = needs.ports();
    if ports.is_empty() {
        return Ok(Finding::skip("none has to be free"));
    }
    seen.told(&seen.info)?;
    let containers = seen.told(&seen.containers)?;
    for (port, listening) in &seen.ports {
        let (what, remedy) = match holder(containers, *port) {
            Some(name) => {
                (format!("port {port} is taken by container {name}"), format!("docker stop {name}, if it is yours"))
            }
            None if *listening == Listening::Somebody => (
                format!("port {port} is taken by a program outside of Docker"),
                format!("see which, and end it: sudo ss -ltnp 'sport = :{port}'"),
            ),
            None => continue,
        };
        let finding = Finding::fail(what, remedy).about(port.to_string());
        return Ok(if finding.remedy.as_ref().is_some_and(|remedy| remedy.text.contains("sudo")) {
            finding.for_administrator()
        } else {
            finding
        });
    }
    let list: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let unsure = seen.ports.iter().any(|(_, listening)| *listening == Listening::Unknown);
    let list = list.join(", ");
    Ok(Finding::ok(if unsure { format!("no container has {list}") } else { format!("free: {list}") }))
}

/// The container that publishes a port.
fn holder(containers: &[ContainerSummary], port: u16) -> Option<String> {
    let holder = containers
        .iter()
        .find(|container| container.ports.iter().flatten().any(|published| published.public_port == Some(port)))?;
    let name = holder.names.as_ref().and_then(|names| names.first()).or(holder.id.as_ref())?;
    Some(name.trim_start_matches('/').to_owned())
}
