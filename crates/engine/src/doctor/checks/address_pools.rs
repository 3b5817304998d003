//! `address-pools`: whether a network of the engine's has addresses that this machine reaches elsewhere, as over a VPN.

use std::net::Ipv4Addr;

use bollard::models::Network;

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::{Route, Seen};

/// Addresses of a network.
#[derive(Clone, Copy, Debug)]
struct Subnet {
    network: u32,
    mask: u32,
}

impl Subnet {
    fn of(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits) = (address.parse::<Ipv4Addr>().ok()?, bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?);
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Some(Self { network: u32::from(address) & mask, mask })
    }

    fn overlaps(self, route: &Route) -> bool {
        let common = self.mask & route.mask;
        self.network & common == route.network & common
    }
}

pub(super) fn judge(seen: &Seen, _: &Needs) -> Judged {
    seen.told(&seen.info)?;
    if !seen.is_local {
        return Ok(Finding::skip("the engine's networks are another machine's"));
    }
    let networks = seen.told(&seen.networks)?;
    let bridges: Vec<String> = networks.iter().map(bridge).collect();
    for network in networks {
        let name = network.name.as_deref().unwrap_or_default();
        let pools = network.ipam.iter().flat_map(|ipam| ipam.config.iter().flatten());
        for subnet in pools.filter_map(|pool| pool.subnet.as_deref()) {
            let clash = Subnet::of(subnet).and_then(|addresses| {
                let mut routes =
                    seen.routes.iter().filter(|route| route.mask != 0 && !bridges.contains(&route.interface));
                routes.find(|route| addresses.overlaps(route))
            });
            if let Some(route) = clash {
                let what = format!(
                    "the network {name} has the addresses {subnet}, which this machine reaches by {}",
                    route.interface
                );
                let remedy = "drop the VPN meanwhile; or give the engine other addresses: default-address-pools in \
                              /etc/docker/daemon.json";
                return Ok(Finding::warn(what, remedy).for_administrator().about(name));
            }
        }
    }
    Ok(Finding::ok("no network of the engine's clashes with a route"))
}

/// The interface of a network on the engine's host.
fn bridge(network: &Network) -> String {
    let given = network.options.as_ref().and_then(|options| options.get("com.docker.network.bridge.name"));
    let id = network.id.as_deref().unwrap_or_default();
    given.cloned().unwrap_or_else(|| format!("br-{}", id.get(..12).unwrap_or(id)))
}
