//! `removed: { container | volume | network | image }`: it was there in this session, and is gone now.

use super::target::{self, OBJECTS, fact_target, presence, target};
use super::{not_begun, pass, wrong};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Ask, Facts};
use crate::name::{Name, NameKind, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding, Obstacle};

/// Wants an object to be gone that was there before.
#[derive(Debug)]
pub struct Removed(Name);

/// What stands under the key.
const SHAPE: Shape =
    Shape::new("a `removed` check", &[target::CONTAINER, target::VOLUME, target::NETWORK, target::IMAGE])
        .rules(&[Rule::OneOf(&OBJECTS)]);

impl Described for Removed {
    const ABOUT: &'static str = "Something that was there in this session is gone. What never was there does not pass.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Removed {
    /// The id of the container that had this name last, where nobody told that it was removed: Podman does not tell of
    /// another name in a way that leads from the old one. That an earlier one was removed says nothing of it.
    fn left_without_a_word<'a>(&self, facts: &'a Facts) -> Option<&'a str> {
        let absent = matches!(facts.get(&presence(&self.0)), Ok(crate::fact::Fact::Absent));
        let lifetime = facts.lifetime(&fact_target(&self.0)).ok()??;
        let seen = lifetime.identity.as_deref().filter(|_| absent && self.0.kind == NameKind::Container)?;
        facts.journal().ok()??.last_called(&self.0.text, seen)
    }
}

impl Decode for Removed {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let target = target(&mut fields, &OBJECTS);
        fields.end();
        target.map(Self)
    }
}

impl Grader for Removed {
    fn wants(&self) -> String {
        format!("{} {} is gone", self.0.kind.word(), self.0)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![presence(&self.0), Ask::Lifetime(fact_target(&self.0)), Ask::Journal]
    }

    fn asks_then(&self, facts: &Facts) -> Vec<Ask> {
        self.left_without_a_word(facts).map(|id| Ask::Container(id.to_owned())).into_iter().collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let name = &self.0;
        if *facts.get(&presence(name))? != crate::fact::Fact::Absent {
            let container = if name.kind == NameKind::Container { facts.container(&name.text)? } else { None };
            return Ok(match container.map(|container| container.status.as_str()) {
                Some("exited") => {
                    let sentence =
                        "Stopping ends its process. Its name, its layer and its hold on volumes are still there.";
                    let seen = format!("{name} is stopped, not removed");
                    Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("stopped-not-removed"))
                }
                // On a busy machine Docker 20.10 may stay at it for ever.
                Some("removing" | "dead") => {
                    let sentence = "That takes the engine a moment, and longer where it is busy. If it does not come to \
                                    an end, ask the engine for it once more, by force.";
                    wrong(self.wants(), format!("the engine is still removing {name}"), sentence)
                }
                _ => not_begun(self.wants(), format!("{name} is still there")),
            });
        }
        let lifetime = facts.lifetime(&fact_target(name))?.cloned().unwrap_or_default();
        let journal = facts.journal()?;
        // One that was removed before says nothing of the one that had the name after it.
        let removed = lifetime.removed.unwrap_or_default();
        let renamed = match self.left_without_a_word(facts) {
            Some(id) => facts.container(id)?.map(|container| container.name.as_str()),
            None => None,
        };
        let told = journal.filter(|_| name.kind == NameKind::Container);
        if let Some(renamed) = renamed.or_else(|| told.and_then(|journal| journal.new_name(&name.text, removed))) {
            let seen = format!("{name} is called {renamed} now");
            let sentence = "Another name is no removal: the container is still there, with all that it holds.";
            return Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("renamed-not-removed")));
        }
        if lifetime.seen || lifetime.removed.is_some() {
            return Ok(pass(lifetime.removed));
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
        match self.0.kind {
            NameKind::Volume => vec![Ask::Everything],
            NameKind::Container => near::typed::container_asks(facts),
            _ => Vec::new(),
        }
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        if self.0.kind == NameKind::Container {
            return near::typed::no_such_container(&self.wants(), facts).into_iter().collect();
        }
        let is_there = self.0.kind == NameKind::Volume && matches!(facts.volume(&self.0.text), Ok(Some(_)));
        let near = is_there.then(|| near::volume::in_use(&self.0.text, &self.wants(), facts));
        near.flatten().into_iter().collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.0);
    }
}
