//! Networks, and the ports by which containers are reached from outside.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::Nanos;

/// A network as the engine describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its driver, `bridge` unless told otherwise.
    pub driver: String,
    /// Whether nothing leads out of it.
    pub internal: bool,
    /// When it was created.
    pub created: Option<Nanos>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// A port of a container's that is published on the engine's host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedPort {
    /// The container's own port.
    pub port: u32,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The host's port; `None` while the engine has not chosen one.
    pub host_port: Option<u32>,
    /// The host's address; `None` is every address.
    pub address: Option<IpAddr>,
}
