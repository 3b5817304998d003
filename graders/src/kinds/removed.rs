//! `removed: { container | volume | network | image, replaced?, with_volumes? }`: it was there in this session, and is gone
//! now.

mod volumes;

use super::target::{self, OBJECTS, fact_target, presence, target};
use super::{not_begun, pass, wrong};
use crate::decode::{Decode, Faults, Fields};
use crate::evidence::{Entry, Journal};
use crate::fact::{Ask, Container, Facts, Nanos};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};

/// Wants an object to be gone that was there before.
#[derive(Debug)]
pub struct Removed {
    name: Name,
    /// Another container may have its name by now.
    replaced: bool,
    /// Its anonymous volumes must have been removed with it.
    with_volumes: bool,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `removed` check",
    &[
        target::CONTAINER,
        target::VOLUME,
        target::NETWORK,
        target::IMAGE,
        Field::optional(
            "replaced",
            Form::True,
            "The container that had the name when the step began is gone, and another one may have it by now.",
        )
        .with(&["container"]),
        Field::optional(
            "with_volumes",
            Form::True,
            "The container's anonymous volumes were removed together with it, and not left behind or removed by hand.",
        )
        .with(&["container"]),
    ],
)
.rules(&[Rule::OneOf(&OBJECTS)]);

impl Described for Removed {
    const ABOUT: &'static str = "Something that was there in this session is gone. What never was there does not pass.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Removed {
    /// The id of the container that had this name last, where nobody told that it was removed: Podman does not tell of
    /// another name in a way that leads from the old one. That an earlier one was removed says nothing of it.
    fn left_without_a_word<'a>(&self, facts: &'a Facts) -> Option<&'a str> {
        let absent = matches!(facts.get(&presence(&self.name)), Ok(crate::fact::Fact::Absent));
        let lifetime = facts.lifetime(&fact_target(&self.name)).ok()??;
        let seen = lifetime.identity.as_deref().filter(|_| absent && self.name.kind == NameKind::Container)?;
        facts.journal().ok()??.last_called(&self.name.text, seen)
    }
}

impl Removed {
    /// What is said of an object that is there.
    fn still_there(&self, container: Option<&Container>, facts: &Facts) -> Result<Finding, CannotLook> {
        let name = &self.name;
        let fail = |seen: String, sentence: &str, diagnosis: &'static str| {
            Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed(diagnosis)))
        };
        match container.map(|container| container.status.as_str()) {
            Some("exited") => {
                let sentence =
                    "Stopping ends its process. Its name, its layer and its hold on volumes are still there.";
                return fail(format!("{name} is stopped, not removed"), sentence, "stopped-not-removed");
            }
            Some("paused") => {
                let sentence =
                    "A paused container is only held. Its name, its layer and its hold on volumes are there.";
                return fail(format!("{name} is paused, not removed"), sentence, "stopped-not-removed");
            }
            // On a busy machine Docker 20.10 may stay at it for ever.
            Some("removing" | "dead") => {
                let sentence = "That takes the engine a moment, and longer where it is busy. If it does not come to an \
                                end, ask the engine for it once more, by force.";
                return Ok(wrong(self.wants(), format!("the engine is still removing {name}"), sentence));
            }
            _ => {}
        }
        let lifetime = facts.lifetime(&fact_target(name)).ok().flatten();
        if lifetime.and_then(|lifetime| lifetime.removed).is_some_and(|removed| removed > facts.since) {
            let sentence = "Something made a new one of that name. Which of your commands was the last to name it?";
            return fail(format!("{name} was removed, and is there again"), sentence, "made-again");
        }
        Ok(not_begun(self.wants(), format!("{name} is still there")))
    }
}

/// What the container that had this name when the step began is called now, where it gave the name away in this step and
/// is still there. Another one that took the name says nothing of it.
fn renamed_first<'a>(journal: &'a Journal, name: &str, since: Nanos) -> Option<&'a str> {
    let of = |entry: &&Entry| entry.kind == "container" && entry.at > since;
    let entries = || journal.entries.iter().filter(of);
    let had_it = |entry: &&Entry| {
        let old = entry.attributes.get("oldName").map(|old| old.trim_start_matches('/'));
        entry.action == "rename" && old == Some(name)
    };
    let first = entries().find(had_it)?;
    let its = || entries().filter(|entry| entry.actor == first.actor);
    // One that was made in this step is no loss.
    if its().any(|entry| matches!(entry.action.as_str(), "create" | "destroy")) {
        return None;
    }
    let called = its().rfind(|entry| entry.action == "rename")?.attributes.get("name")?;
    (called != name).then_some(called.as_str())
}

impl Decode for Removed {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let target = target(&mut fields, &OBJECTS);
        // Nothing else can be replaced, or have volumes of its own.
        let is_container = target.as_ref().is_some_and(|target| target.kind == NameKind::Container);
        let replaced = is_container && fields.flag("replaced");
        let with_volumes = is_container && fields.flag("with_volumes");
        fields.end();
        Some(Self { name: target?, replaced, with_volumes })
    }
}

impl Grader for Removed {
    fn wants(&self) -> String {
        let old = if self.replaced { "the old " } else { "" };
        let volumes = if self.with_volumes { ", and its anonymous volume with it" } else { "" };
        format!("{old}{} {} is gone{volumes}", self.name.kind.word(), self.name)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![presence(&self.name), Ask::Lifetime(fact_target(&self.name)), Ask::Journal]
    }

    fn asks_then(&self, facts: &Facts) -> Vec<Ask> {
        let renamed = self.left_without_a_word(facts).map(|id| Ask::Container(id.to_owned()));
        let volumes = if self.with_volumes { volumes::asks(self, facts) } else { Vec::new() };
        renamed.into_iter().chain(volumes).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let name = &self.name;
        let is_there = *facts.get(&presence(name))? != crate::fact::Fact::Absent;
        let container = if name.kind == NameKind::Container { facts.container(&name.text)? } else { None };
        let is_new = self.replaced && container.is_some_and(|container| container.created > facts.since);
        if is_there && !is_new {
            return self.still_there(container, facts);
        }
        let lifetime = facts.lifetime(&fact_target(name))?.cloned().unwrap_or_default();
        let journal = facts.journal()?;
        // One that was removed before says nothing of the one that had the name after it.
        let removed = if is_new { facts.since } else { lifetime.removed.unwrap_or_default() };
        let renamed = match self.left_without_a_word(facts) {
            Some(id) => facts.container(id)?.map(|container| container.name.as_str()),
            None => None,
        };
        let told = journal.filter(|_| name.kind == NameKind::Container);
        let first = |journal: &'_ Journal| renamed_first(journal, &name.text, facts.since).map(str::to_owned);
        let renamed = renamed.map(str::to_owned).or_else(|| told.and_then(first));
        let newest = || told.and_then(|journal| journal.new_name(&name.text, removed)).map(str::to_owned);
        if let Some(renamed) = renamed.or_else(newest) {
            let seen = format!("{name} is called {renamed} now");
            let sentence = "Another name is no removal: the container is still there, with all that it holds.";
            return Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("renamed-not-removed")));
        }
        if lifetime.seen || lifetime.removed.is_some() {
            return match pass(lifetime.removed) {
                Finding::Pass(pass) if self.with_volumes => volumes::judge(self, pass, facts),
                verdict => Ok(verdict),
            };
        }
        if journal.is_some_and(|journal| !journal.gaps.is_empty()) {
            return Err(CannotLook::new(
                Obstacle::Gap,
                format!(
                    "{name} is not there, and whether it was cannot be known: the engine no longer tells all that happened"
                ),
                "go through the steps before this one again",
            ));
        }
        let sentence = "It is not there, but in this lab it never was: there is nothing to remove yet.";
        Ok(wrong(self.wants(), format!("there was no {} {name} in this lab", name.kind.word()), sentence))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        match self.name.kind {
            NameKind::Volume => vec![Ask::Everything, Ask::Typed],
            NameKind::Container => near::typed::container_asks(facts),
            _ => Vec::new(),
        }
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let (kind, name, wants) = (self.name.kind, self.name.text.as_str(), self.wants());
        let is_there = facts.get(&presence(&self.name)).is_ok_and(|fact| *fact != crate::fact::Fact::Absent);
        let mut near: Vec<Feedback> = Vec::new();
        if is_there {
            near.extend(near::typed::removal(kind, name, &wants, facts));
        }
        match kind {
            NameKind::Container => near.extend(near::typed::no_such_container(&wants, facts)),
            NameKind::Volume if is_there => near.extend(near::volume::in_use(name, &wants, facts)),
            _ => {}
        }
        near
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.name);
    }
}
