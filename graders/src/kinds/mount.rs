//! `mount: { container, volume | bind | tmpfs | anonymous, at, writable?, same_since? }`: what a container sees, and where.

mod nearest;

pub(super) use nearest::described_at;

use super::same_since::{self, SAME_SINCE, SameSince};
use super::target::{destination, must_be_absolute};
use super::tmpfs::{LIMITS, Limits};
use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{self, Ask, Facts};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Visitor};
use crate::near;
use crate::node::{Node, Value};
use crate::path::{clean, same_source};
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// What is to be mounted.
#[derive(Debug)]
enum Source {
    Volume(Name),
    Bind(Name),
    Tmpfs(Limits),
    Anonymous,
}

/// Wants something mounted in a container.
#[derive(Debug)]
pub struct Mount {
    container: Name,
    source: Source,
    at: String,
    writable: Option<bool>,
    same_since: Option<SameSince>,
}

const MEMORY: Form = Form::Either(&[Form::True, Form::Map(&LIMITS)]);

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `mount` check",
    &[
        Field::required("container", Form::Name(NameKind::Container), "The container."),
        Field::optional("volume", Form::Name(NameKind::Volume), "A volume is mounted, by its name."),
        Field::optional(
            "bind",
            Form::HostPath,
            "A directory or file of the host is mounted; a link that leads to it will do.",
        ),
        Field::optional("tmpfs", MEMORY, "Memory is mounted, perhaps with limits: by `--tmpfs` or by `--mount`."),
        Field::optional("anonymous", Form::True, "A volume is mounted whose name the engine made up."),
        Field::required("at", Form::AbsolutePath, "Where the container sees it."),
        Field::optional("writable", Form::Truth, "Whether the container may write to it. Without it, both will do."),
        SAME_SINCE,
    ],
)
.rules(&[Rule::OneOf(&["volume", "bind", "tmpfs", "anonymous"])]);

impl Described for Mount {
    const ABOUT: &'static str = "A container has something mounted.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Mount {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.name("container", NameKind::Container);
        let volume = fields.optional_name("volume", NameKind::Volume).map(Source::Volume);
        let bind = fields.optional_name("bind", NameKind::Path).map(Source::Bind);
        if let Some(Source::Bind(path)) = &bind {
            must_be_absolute(&path.text, path.span, fields.faults);
        }
        let tmpfs = match fields.node("tmpfs") {
            Some(node) if matches!(node.value, Value::Map(_)) => Limits::decode(node, fields.faults).map(Source::Tmpfs),
            _ => fields.flag("tmpfs").then(|| Source::Tmpfs(Limits::default())),
        };
        let anonymous = fields.flag("anonymous").then_some(Source::Anonymous);
        let mut sources: Vec<Source> = [volume, bind, tmpfs, anonymous].into_iter().flatten().collect();
        let at = destination(&mut fields);
        let writable = fields.optional("writable");
        let same_since = SameSince::read(&mut fields);
        fields.end();
        Some(Self { container: container?, source: sources.pop()?, at: at?, writable, same_since })
    }
}

impl Mount {
    fn source(&self) -> String {
        match &self.source {
            Source::Volume(name) | Source::Bind(name) => name.text.clone(),
            Source::Tmpfs(limits) => format!("a tmpfs{}", limits.wants()),
            Source::Anonymous => "an anonymous volume".to_owned(),
        }
    }

    fn is_source_of(&self, mount: &fact::Mount) -> bool {
        match &self.source {
            Source::Volume(name) => mount.kind == "volume" && mount.name == name.text,
            Source::Bind(path) => mount.kind == "bind" && same_source(&mount.source, &path.text),
            Source::Tmpfs(_) => mount.kind == "tmpfs",
            Source::Anonymous => mount.is_anonymous(),
        }
    }

    /// Whether the wanted host path and the mount's source lead to the same place, where links stand in one of them.
    /// What could not be followed is taken for another place.
    fn leads_to_source_of(&self, mount: &fact::Mount, facts: &Facts) -> bool {
        let Source::Bind(path) = &self.source else { return false };
        let leads = |path: &str| facts.real_path(path).ok().flatten();
        mount.kind == "bind" && leads(&path.text).is_some_and(|place| leads(&mount.source) == Some(place))
    }

    fn is_at(&self, mount: &fact::Mount) -> bool {
        clean(&mount.destination) == clean(&self.at)
    }

    fn is_wanted(&self, mount: &fact::Mount, facts: &Facts) -> bool {
        self.is_at(mount)
            && self.writable.is_none_or(|wanted| wanted == mount.writable)
            && (self.is_source_of(mount) || self.leads_to_source_of(mount, facts))
            && self.limits().is_none_or(|limits| limits.hold(&mount.limits))
    }

    /// The limits that memory is to have.
    fn limits(&self) -> Option<&Limits> {
        match &self.source {
            Source::Tmpfs(limits) => Some(limits),
            _ => None,
        }
    }

    /// Why it is another container, or another volume, than the one that was there; `None` if both are the same.
    fn is_other(&self, container: &fact::Container, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        let Some(same) = &self.same_since else { return Ok(None) };
        let of_container = same.other_container(&self.container, container, &self.wants(), facts);
        let of_volume = match &self.source {
            Source::Volume(name) => match facts.volume(&name.text)? {
                Some(volume) => same.other_volume(name, volume, &self.wants(), facts),
                None => Ok(None),
            },
            _ => Ok(None),
        };
        // That one of them is another one is certain, whatever cannot be known of the other one.
        match (of_volume, of_container) {
            (Ok(Some(other)), _) | (_, Ok(Some(other))) => Ok(Some(other)),
            (volume, container) => volume.and(container),
        }
    }

    /// What was to be mounted, where it has a name or path.
    fn named(&self) -> Option<near::swapped::Wanted<'_>> {
        match &self.source {
            Source::Volume(source) | Source::Bind(source) => Some(near::swapped::Wanted { source, at: &self.at }),
            Source::Tmpfs(_) | Source::Anonymous => None,
        }
    }

    /// What is wanted, without the container: "app-data at /data, read-only".
    fn expected(&self) -> String {
        let access = match self.writable {
            Some(true) => ", writable",
            Some(false) => ", read-only",
            None => "",
        };
        format!("{} at {}{access}", self.source(), self.at)
    }
}

impl Grader for Mount {
    fn wants(&self) -> String {
        format!("{} has {}{}", self.container, self.expected(), same_since::wants(self.same_since.as_ref()))
    }

    fn asks(&self) -> Vec<Ask> {
        let mut asks = vec![Ask::Container(self.container.text.clone())];
        if let Some(same) = &self.same_since {
            asks.extend(same.asks(&self.container));
            if let Source::Volume(name) = &self.source {
                asks.push(Ask::Volume(name.text.clone()));
                asks.extend(same.asks(name));
            }
        }
        asks
    }

    /// A bind mount of another name may still be of the same directory.
    fn asks_then(&self, facts: &Facts) -> Vec<Ask> {
        let Ok(Some(container)) = facts.container(&self.container.text) else { return Vec::new() };
        let Source::Bind(path) = &self.source else {
            // Once the container is gone, only the journal knows which volume it had.
            let is_anonymous = matches!(self.source, Source::Anonymous);
            return is_anonymous.then_some(Ask::Journal).into_iter().collect();
        };
        let others = container.mounts.iter().filter(|mount| mount.kind == "bind" && self.is_at(mount));
        let mut asks: Vec<Ask> =
            others.filter(|mount| !self.is_source_of(mount)).map(|mount| Ask::RealPath(mount.source.clone())).collect();
        if !asks.is_empty() {
            asks.push(Ask::RealPath(path.text.clone()));
        }
        asks
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(container) = facts.container(&self.container.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no container {}", self.container)));
        };
        // What it is comes first, and what cannot be known about that last: the rest may be wrong for sure.
        let other = self.is_other(container, facts);
        if let Ok(Some(other)) = other {
            return Ok(Finding::Fail(other));
        }
        if container.mounts.iter().any(|mount| self.is_wanted(mount, facts)) {
            other?;
            return Ok(pass(Some(container.created)));
        }
        Ok(Finding::Fail(nearest::to(self, container)))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        let mut asks = near::traces_asks(facts);
        if let (Source::Bind(_), Ok(Some(container))) = (&self.source, facts.container(&self.container.text)) {
            let in_place = container.mounts.iter().filter(|mount| mount.kind == "bind" && self.is_at(mount));
            asks.extend(in_place.map(|mount| Ask::HostPath(mount.source.clone())));
        }
        asks
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let (name, expected) = (self.container.text.as_str(), self.expected());
        let fits = |made: &fact::Listed| made.mounts.iter().any(|mount| self.is_wanted(mount, facts));
        let named = self.named();
        let typed = named.as_ref().and_then(|wanted| wanted.typed(Some(name), &expected, facts));
        let mut near: Vec<Feedback> = typed.into_iter().collect();
        let container = match facts.container(name) {
            Ok(Some(container)) => container,
            Ok(None) => {
                near.extend(near::container::missing(name, &self.wants(), facts, fits));
                return near;
            }
            Err(_) => return Vec::new(),
        };
        near.extend(named.and_then(|wanted| wanted.made(&expected, &container.mounts)));
        near.extend(near::container::name_taken(name, &expected, facts));
        near.extend(near::container::second(name, &expected, facts, fits));
        if let Some(found) = container.mounts.iter().find(|mount| self.is_at(mount)) {
            match &self.source {
                Source::Volume(name) => {
                    near.extend(near::mount::other_volume(&name.text, &expected, container, found, facts));
                }
                Source::Bind(path) => near.extend(near::mount::other_path(&path.text, &expected, found, facts)),
                Source::Tmpfs(_) | Source::Anonymous => {}
            }
        }
        near
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        if let Source::Volume(name) | Source::Bind(name) = &mut self.source {
            visitor.name(name);
        }
        if let Some(same) = &self.same_since {
            same.visit(visitor);
        }
    }
}
