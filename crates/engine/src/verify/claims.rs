//! What a lab takes for itself on the engine and the host: two that want the same can't be gone through side by side.

use std::collections::HashSet;
use std::path::Path;

use labrun_graders::invocation::published_ports;
use labrun_graders::name::NameKind;

use labrun_lab::Lab;

/// What one lab takes, under its learner's names. What numbers make of these differs where these differ.
#[derive(Debug)]
pub(super) struct Claims {
    names: HashSet<(NameKind, String)>,
    ports: HashSet<u16>,
}

impl Claims {
    /// Those of a lab that was loaded with a learner's names: what it owns, what its mistakes leave, the host's ports.
    pub(super) fn of(lab: &Lab) -> Self {
        let mistakes = || lab.steps.iter().flat_map(|step| &step.mistakes);
        let names = lab.owns.names.iter().chain(mistakes().flat_map(|mistake| &mistake.leaves));
        let run = lab.steps.iter().map(|step| &step.solution).chain(mistakes().map(|mistake| &mistake.run));
        Self {
            names: names.map(|name| (name.kind, name.text.clone())).collect(),
            ports: run.flat_map(|text| published_ports(&text.text)).collect(),
        }
    }

    /// Whether both want the same thing, or one a path above the other's.
    pub(super) fn collide(&self, other: &Self) -> bool {
        let paths = |claims: &Self| {
            let paths = claims.names.iter().filter(|(kind, _)| *kind == NameKind::Path);
            paths.map(|(_, path)| path.clone()).collect::<Vec<_>>()
        };
        let theirs = paths(other);
        let nested = paths(self).iter().any(|ours| {
            let ours = Path::new(ours);
            theirs.iter().any(|path| ours.starts_with(path) || Path::new(path).starts_with(ours))
        });
        nested || !self.names.is_disjoint(&other.names) || !self.ports.is_disjoint(&other.ports)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use labrun_lab::load_dir;

    use super::Claims;

    #[test]
    fn labs_collide_only_over_what_both_take() {
        let claims = |lab: &str, learner: &str| {
            let learner = learner.parse().expect("a name");
            let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs/docker-storage");
            Claims::of(&load_dir(&labs.join(lab), Some(learner)).expect("it ships").lab)
        };
        let volumes = claims("docker-volumes", "alice");
        assert!(volumes.collide(&claims("docker-volumes", "alice")));
        // One of its mistakes leaves a file that has the same name whoever makes it.
        assert!(volumes.collide(&claims("docker-volumes", "bob")));
        assert!(!volumes.collide(&claims("mount-types", "alice")));
        assert!(!claims("mount-types", "alice").collide(&claims("mount-types", "bob")));
    }

    #[test]
    fn a_path_below_anothers_and_a_port_collide() {
        let claims =
            |kind, name: &str, port: u16| Claims { names: [(kind, name.to_owned())].into(), ports: [port].into() };
        use super::NameKind::{Path, Volume};
        assert!(claims(Path, "/tmp/a", 1).collide(&claims(Path, "/tmp/a/b", 2)));
        assert!(claims(Path, "/tmp/a/b", 1).collide(&claims(Path, "/tmp/a", 2)));
        assert!(!claims(Path, "/tmp/a", 1).collide(&claims(Path, "/tmp/ab", 2)));
        assert!(claims(Volume, "a", 1).collide(&claims(Volume, "b", 1)));
        assert!(!claims(Volume, "a", 1).collide(&claims(Volume, "b", 2)));
    }
}
