//! `mount: { container, volume | bind | tmpfs | anonymous, at, writable? }`: what a container sees, and where.

use super::{not_begun, pass};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{self, Ask, Facts};
use crate::name::{Name, NameKind, Visitor};
use crate::node::Node;
use crate::path::{clean, same_source};
use crate::verdict::{CannotLook, Feedback, Finding};

/// What is to be mounted.
#[derive(Debug)]
enum Source {
    Volume(Name),
    Bind(Name),
    Tmpfs,
    Anonymous,
}

/// Wants something mounted in a container.
#[derive(Debug)]
pub struct Mount {
    container: Name,
    source: Source,
    at: String,
    writable: Option<bool>,
}

impl Decode for Mount {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, "a `mount` check", faults)?;
        let container = fields.name("container", NameKind::Container);
        let volume = fields.optional_name("volume", NameKind::Volume).map(Source::Volume);
        let bind = fields.optional_name("bind", NameKind::Path).map(Source::Bind);
        let tmpfs = fields.optional::<bool>("tmpfs").and_then(|on| on.then_some(Source::Tmpfs));
        let anonymous = fields.optional::<bool>("anonymous").and_then(|on| on.then_some(Source::Anonymous));
        let mut sources: Vec<Source> = [volume, bind, tmpfs, anonymous].into_iter().flatten().collect();
        if sources.len() > 1 {
            let span = fields.span();
            fields.faults.add(
                "conflicting-keys",
                span,
                "a `mount` check has one of `volume`, `bind`, `tmpfs`, `anonymous`",
            );
        }
        fields.one_of(&["volume", "bind", "tmpfs", "anonymous"]);
        let at = fields.required("at");
        let writable = fields.optional("writable");
        fields.end();
        Some(Self { container: container?, source: sources.pop()?, at: at?, writable })
    }
}

impl Mount {
    fn source(&self) -> String {
        match &self.source {
            Source::Volume(name) | Source::Bind(name) => name.text.clone(),
            Source::Tmpfs => "a tmpfs".to_owned(),
            Source::Anonymous => "an anonymous volume".to_owned(),
        }
    }

    fn is_source_of(&self, mount: &fact::Mount) -> bool {
        match &self.source {
            Source::Volume(name) => mount.kind == "volume" && mount.name == name.text,
            Source::Bind(path) => mount.kind == "bind" && same_source(&mount.source, &path.text),
            Source::Tmpfs => mount.kind == "tmpfs",
            Source::Anonymous => mount.is_anonymous(),
        }
    }

    fn is_wanted(&self, mount: &fact::Mount) -> bool {
        self.is_source_of(mount)
            && clean(&mount.destination) == clean(&self.at)
            && self.writable.is_none_or(|writable| writable == mount.writable)
    }

    /// Nearest first: the right thing in the wrong place, something else in the right place, nothing like it.
    fn nearest(&self, container: &fact::Container) -> Feedback {
        let expected = format!("{} at {}", self.source(), self.at);
        let wrong = |seen: String, sentence: &str| Feedback::wrong(expected.clone(), seen, sentence);
        let mounts = &container.mounts;
        let at = clean(&self.at);
        if let Some(mount) = mounts.iter().find(|m| self.is_source_of(m) && clean(&m.destination) == at) {
            return match mount.writable {
                true => wrong(
                    format!("{} is writable there", self.source()),
                    "Could this container still write to it? Look at the options of the mount.",
                )
                .diagnosed("writable-mount"),
                false => wrong(
                    format!("{} is read-only there", self.source()),
                    "Look at the access that the mount was given.",
                )
                .diagnosed("read-only-mount"),
            };
        }
        if let Some(mount) = mounts.iter().find(|m| self.is_source_of(m)) {
            let seen = format!("{} at {}", self.source(), mount.destination);
            return wrong(
                seen,
                "Which part of the mount says where the container sees it? Mounts are fixed at creation.",
            )
            .diagnosed("wrong-destination");
        }
        if let Some(mount) = mounts.iter().find(|m| clean(&m.destination) == at) {
            return self.other_source(mount, &expected);
        }
        match mounts.first() {
            Some(mount) if matches!(&self.source, Source::Volume(name) if clean(&mount.destination) == clean(&format!("/{}", name.text))) => {
                wrong(
                    format!("{} at {}", describe(mount), mount.destination),
                    "A mount given as one word is only a place. Was that word the source or the destination?",
                )
                .diagnosed("source-taken-for-destination")
            }
            Some(mount) => wrong(
                format!("{} at {}", describe(mount), mount.destination),
                "Compare source and destination of the mount with the task's.",
            ),
            None => {
                wrong("nothing is mounted in it".to_owned(), "Mounts are given when a container is created, and stay.")
            }
        }
    }

    fn other_source(&self, mount: &fact::Mount, expected: &str) -> Feedback {
        let wrong = |seen: String, sentence: &str| Feedback::wrong(expected, seen, sentence);
        let seen = format!("{} at {}", describe(mount), mount.destination);
        match (&self.source, mount.kind.as_str()) {
            (Source::Volume(_), "bind") => wrong(seen, "What does a slash at the start of the source say about it?")
                .diagnosed("bind-instead-of-volume"),
            (Source::Bind(_), "volume") if !mount.is_anonymous() => {
                wrong(seen, "A source without a slash is taken as a name. Of what?").diagnosed("volume-instead-of-bind")
            }
            (Source::Volume(_) | Source::Bind(_), "volume") if mount.is_anonymous() => {
                wrong(seen, "The engine named this storage itself. Could you find it again?")
                    .diagnosed("anonymous-volume")
            }
            (Source::Volume(_) | Source::Bind(_), "tmpfs") | (Source::Tmpfs, _) => {
                wrong(seen, "Memory or disk: which of them is to hold the data?").diagnosed("wrong-mount-type")
            }
            _ => wrong(seen, "Something else is mounted there: compare the sources.").diagnosed("wrong-source"),
        }
    }
}

/// A mount in words: "volume x", "host directory /x".
fn describe(mount: &fact::Mount) -> String {
    match mount.kind.as_str() {
        "volume" if mount.is_anonymous() => "an anonymous volume".to_owned(),
        "volume" => format!("volume {}", mount.name),
        "bind" => format!("host path {}", mount.source),
        kind => format!("a {kind}"),
    }
}

impl Grader for Mount {
    fn wants(&self) -> String {
        let access = match self.writable {
            Some(true) => ", writable",
            Some(false) => ", read-only",
            None => "",
        };
        format!("{} has {} at {}{access}", self.container, self.source(), self.at)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Container(self.container.text.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(container) = facts.container(&self.container.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no container {}", self.container)));
        };
        if container.mounts.iter().any(|mount| self.is_wanted(mount)) {
            return Ok(pass(Some(container.created)));
        }
        Ok(Finding::Fail(self.nearest(container)))
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        if let Source::Volume(name) | Source::Bind(name) = &mut self.source {
            visitor.name(name);
        }
    }
}
