//! The containers that labrun makes for itself: how they are made, and what becomes of those that a crash leaves.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, ContainerSummaryStateEnum, HostConfig, Mount};
use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder};
use labrun_graders::CannotLook;
use labrun_graders::evidence::{OWN_LABEL, own_mark};

use super::connect::Engine;

/// A container older than this is not in use: each lives for one look. In seconds.
const OLD: i64 = 60;

/// Describes such a container: an image, its command, and one mount; without a network, under this process's mark.
#[must_use]
pub fn own_container(mark: &str, image: &str, command: &[&str], mount: Mount) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.to_owned()),
        // The image's own would be put before the command.
        entrypoint: Some(Vec::new()),
        cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
        labels: Some(HashMap::from([(OWN_LABEL.to_owned(), mark.to_owned())])),
        network_disabled: Some(true),
        host_config: Some(HostConfig {
            mounts: Some(vec![mount]),
            network_mode: Some("none".to_owned()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// A container with labrun's label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Labeled {
    id: String,
    name: String,
    label: String,
    /// It runs, or is paused or restarting.
    lives: bool,
    /// When it was created, in seconds since 1970.
    created: i64,
}

impl Labeled {
    /// Returns true if labrun made it, it has ended, and no look uses it any more.
    fn is_left_over(&self, noted: &[String], now: i64) -> bool {
        let is_ours = own_mark(&self.name).is_some_and(|mark| mark == self.label && noted.iter().any(|it| it == mark));
        is_ours && !self.lives && self.created < now - OLD
    }
}

impl Engine {
    /// Removes the helper containers that a crash left, and returns the names of those that carry labrun's label and
    /// stay: this store holds no mark that proves them to be labrun's, or they run.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn sweep(&self) -> Result<Vec<String>, CannotLook> {
        let labeled = self.labeled().await?;
        if labeled.is_empty() {
            return Ok(Vec::new());
        }
        let (noted, now) = (self.marks.noted(), self.clock.now() / 1_000_000_000);
        let mut stay = Vec::new();
        for container in labeled.into_iter().filter(|container| container.created < now - OLD) {
            if !container.is_left_over(&noted, now) || !self.remove_own(&container.id).await {
                stay.push(container.name);
            }
        }
        Ok(stay)
    }

    async fn labeled(&self) -> Result<Vec<Labeled>, CannotLook> {
        let filters = HashMap::from([("label", vec![OWN_LABEL])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let listed = self.list_containers(options).await.map_err(|error| self.trouble(&error))?;
        let ended = [ContainerSummaryStateEnum::CREATED, ContainerSummaryStateEnum::EXITED];
        let labeled = listed.into_iter().filter_map(|seen| {
            let names = seen.names.unwrap_or_default();
            Some(Labeled {
                id: seen.id?,
                name: names.first().map_or("", |name| name.trim_start_matches('/')).to_owned(),
                label: seen.labels.unwrap_or_default().remove(OWN_LABEL)?,
                lives: !seen.state.is_some_and(|state| ended.contains(&state)),
                created: seen.created?,
            })
        });
        Ok(labeled.collect())
    }

    /// Removes a container of labrun's own by its id, with the anonymous volumes that came with it. Without force: one
    /// that runs stays. Returns true if it is gone.
    pub(super) async fn remove_own(&self, id: &str) -> bool {
        let options = RemoveContainerOptionsBuilder::new().v(true).build();
        self.docker.remove_container(id, Some(options)).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_ended_helper_with_a_noted_mark_is_removed() {
        let (mark, other) = ("0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff");
        let noted = [mark.to_owned()];
        let labeled = |name: &str, label: &str, lives, created| Labeled {
            id: "id".to_owned(),
            name: name.to_owned(),
            label: label.to_owned(),
            lives,
            created,
        };
        let named = |mark: &str| format!("labrun-probe-{mark}-0");
        assert!(labeled(&named(mark), mark, false, 0).is_left_over(&noted, 100));
        for (why, stays) in [
            ("it runs", labeled(&named(mark), mark, true, 0)),
            ("a look may use it", labeled(&named(mark), mark, false, 90)),
            ("another store's mark", labeled(&named(other), other, false, 0)),
            ("an image passed the label on", labeled("writer-1", mark, false, 0)),
            ("an older labrun's name", labeled("labrun-probe-4711-0", "1", false, 0)),
            ("name and label differ", labeled(&named(other), mark, false, 0)),
        ] {
            assert!(!stays.is_left_over(&noted, 100), "{why}");
        }
        assert!(!labeled(&named(mark), mark, false, 0).is_left_over(&[], 100), "nothing is noted");
    }
}
