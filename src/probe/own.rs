//! Containers of labrun's own: they bear its label, so that they are never evidence and are swept if they stay, and have no
//! network.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HostConfig, Mount};
use labrun_graders::evidence::OWN_LABEL;

/// What the names of labrun's own containers begin with: where an engine tells no labels, they are told by that.
pub(super) const NAMES: [&str; 2] = ["labrun-probe-", "labrun-doctor-"];

/// What such a container is made of: an image, its command, and one mount.
#[must_use]
pub fn own_container(image: &str, command: &[&str], mount: Mount) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.to_owned()),
        // The image's own would be put before the command.
        entrypoint: Some(Vec::new()),
        cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
        labels: Some(HashMap::from([(OWN_LABEL.to_owned(), "1".to_owned())])),
        network_disabled: Some(true),
        host_config: Some(HostConfig {
            mounts: Some(vec![mount]),
            network_mode: Some("none".to_owned()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}
