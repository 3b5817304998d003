//! Networks, and the ports by which containers are reached from outside.

use bollard::errors::Error;
use bollard::models::{self, PortMap};
use bollard::query_parameters::ListNetworksOptions;
use labrun_graders::fact::{Network, PublishedPort};
use labrun_graders::{CannotLook, Fact};

use super::clock;
use super::connect::Engine;

/// A network by its name.
pub(super) async fn network(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    match engine.docker.inspect_network(name, None).await {
        // The engine also takes the start of an id for a name: that is another network.
        Ok(seen) if seen.name.as_deref() != Some(name) => Ok(Fact::Absent),
        Ok(seen) => Ok(Fact::Network(Network {
            name: seen.name.unwrap_or_default(),
            driver: seen.driver.unwrap_or_default(),
            internal: seen.internal.unwrap_or_default(),
            created: clock::parse(seen.created.as_deref()),
            labels: seen.labels.unwrap_or_default().into_iter().collect(),
        })),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(Fact::Absent),
        Err(error) => Err(engine.trouble(&error)),
    }
}

/// Every network: an engine has few, since each takes a range of addresses.
pub(super) async fn networks(engine: &Engine) -> Result<Fact, CannotLook> {
    let listed = engine.docker.list_networks(None::<ListNetworksOptions>).await;
    let listed = listed.map_err(|error| engine.trouble(&error))?;
    Ok(Fact::Networks(listed.into_iter().map(convert).collect()))
}

fn convert(seen: models::Network) -> Network {
    Network {
        name: seen.name.unwrap_or_default(),
        driver: seen.driver.unwrap_or_default(),
        internal: seen.internal.unwrap_or_default(),
        created: clock::parse(seen.created.as_deref()),
        labels: seen.labels.unwrap_or_default().into_iter().collect(),
    }
}

/// A port as the engine names it elsewhere, `80/tcp`: compose 2 hands over a bare `80`, and the engine keeps that.
pub(super) fn exposed(port: String) -> String {
    if port.contains('/') { port } else { format!("{port}/tcp") }
}

/// The ports that are bound: `80/tcp` to `[{HostIp, HostPort}]`. One that is only exposed has no binding.
pub(super) fn published(ports: PortMap) -> Vec<PublishedPort> {
    let of_port = |(port, bindings): (String, Option<Vec<models::PortBinding>>)| {
        let (number, protocol) = port.split_once('/').unwrap_or((&port, "tcp"));
        let (number, protocol) = (number.parse().unwrap_or_default(), protocol.to_owned());
        let bindings = bindings.unwrap_or_default().into_iter();
        let published = bindings.map(move |binding| PublishedPort {
            port: number,
            protocol: protocol.clone(),
            // `-p 80` asks for none in particular: an empty text, or 0.
            host_port: binding.host_port.and_then(|port| port.parse().ok()).filter(|port| *port != 0),
            address: binding.host_ip.and_then(|address| address.parse().ok()),
        });
        published.collect::<Vec<_>>()
    };
    let mut published: Vec<PublishedPort> = ports.into_iter().flat_map(of_port).collect();
    // A map has no order, and what is said of several must not change from one look to the next.
    published.sort_by(|one, other| {
        (one.port, &one.protocol, one.address).cmp(&(other.port, &other.protocol, other.address))
    });
    published
}

#[cfg(test)]
mod tests {
    use bollard::models::PortBinding;

    use super::{exposed, published};

    #[test]
    fn an_exposed_port_has_its_protocol_also_where_nobody_said_it() {
        assert_eq!(["80", "80/tcp", "53/udp"].map(|port| exposed(port.to_owned())), ["80/tcp", "80/tcp", "53/udp"]);
    }

    #[test]
    fn a_port_is_told_with_each_of_its_bindings_and_an_exposed_one_has_none() {
        let bound =
            |ip: &str, port: &str| PortBinding { host_ip: Some(ip.to_owned()), host_port: Some(port.to_owned()) };
        let ports = [
            ("80/tcp".to_owned(), Some(vec![bound("0.0.0.0", "8080"), bound("::", "8080")])),
            ("53/udp".to_owned(), Some(vec![bound("127.0.0.1", "")])),
            ("443/tcp".to_owned(), None),
        ];
        let told: Vec<String> = published(ports.into())
            .iter()
            .map(|seen| format!("{} {} {:?} {:?}", seen.port, seen.protocol, seen.host_port, seen.address))
            .collect();
        let wanted = ["53 udp None Some(127.0.0.1)", "80 tcp Some(8080) Some(0.0.0.0)", "80 tcp Some(8080) Some(::)"];
        assert_eq!(told, wanted);
    }
}
