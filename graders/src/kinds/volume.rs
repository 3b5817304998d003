//! `volume: { name, driver?, labels?, tmpfs?, dangling?, same_since?, held_only_by? }`: a volume exists.

use std::collections::BTreeMap;

use super::holders::{HELD_ONLY_BY, Holders};
use super::labels::{self, Labels};
use super::same_since::{self, SAME_SINCE, SameSince};
use super::tmpfs::{LIMITS, Limits};
use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Ask, Facts, Tmpfs};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// Wants a volume, perhaps of a driver and with labels.
#[derive(Debug)]
pub struct Volume {
    name: Name,
    driver: Option<String>,
    labels: Labels,
    /// It is memory, with these limits.
    tmpfs: Option<Limits>,
    /// No container has it mounted, running or not.
    dangling: bool,
    same_since: Option<SameSince>,
    holders: Option<Holders>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `volume` check",
    &[
        Field::required("name", Form::Name(NameKind::Volume), "The volume."),
        Field::optional("driver", Form::Text, "The driver that it must have."),
        labels::LABELS,
        Field::optional("tmpfs", Form::Map(&LIMITS), "It is memory by its driver's options, with these limits."),
        Field::optional("dangling", Form::True, "No container has it mounted, running or not."),
        SAME_SINCE,
        HELD_ONLY_BY,
    ],
);

impl Described for Volume {
    const ABOUT: &'static str = "A volume exists.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Volume {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let name = fields.name("name", NameKind::Volume);
        let driver = fields.optional("driver");
        let labels = Labels::read(&mut fields);
        let tmpfs = fields.optional("tmpfs");
        let dangling = fields.flag("dangling");
        let same_since = SameSince::read(&mut fields);
        let holders = Holders::read(&mut fields);
        fields.end();
        Some(Self { name: name?, driver, labels: labels?, tmpfs, dangling, same_since, holders })
    }
}

impl Volume {
    /// It is there, and lacks something that is given at creation.
    fn created_otherwise(&self, seen: String, sentence: &str, diagnosis: &'static str) -> Finding {
        Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed(diagnosis))
    }

    /// Why it is not memory with the wanted limits.
    fn wrong_memory(&self, options: &BTreeMap<String, String>) -> Option<Finding> {
        let limits = self.tmpfs.as_ref()?;
        let option = |key: &str| options.get(key).map(String::as_str).unwrap_or_default();
        if option("type") != "tmpfs" {
            let seen = match option("type") {
                "" => format!("{} is a directory of the engine's", self.name),
                kind => format!("{} is of the type {kind}", self.name),
            };
            let sentence = "What a volume is made of is told to its driver when the volume is created, and stays.";
            return Some(self.created_otherwise(seen, sentence, "wrong-mount-type"));
        }
        let tmpfs = Tmpfs::of_options(option("o"));
        limits.broken_by(&tmpfs, &self.name.text, &self.wants()).map(Finding::Fail)
    }
}

impl Grader for Volume {
    fn wants(&self) -> String {
        let mut wants = format!("volume {} exists", self.name);
        if let Some(driver) = &self.driver {
            wants += &format!(", driver {driver}");
        }
        if let Some(tmpfs) = &self.tmpfs {
            wants += &format!(", in memory{}", tmpfs.wants());
        }
        let unused = if self.dangling { ", and no container holds it" } else { "" };
        wants + &self.labels.wants() + unused + same_since::wants(self.same_since.as_ref())
    }

    fn asks(&self) -> Vec<Ask> {
        let same = self.same_since.iter().flat_map(|same| same.asks(&self.name));
        let all = (self.dangling || self.holders.is_some()).then_some(Ask::Everything);
        std::iter::once(Ask::Volume(self.name.text.clone())).chain(same).chain(all).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(volume) = facts.volume(&self.name.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no volume {}", self.name)));
        };
        // What it is comes first, and what cannot be known about that last: the rest may be wrong for sure.
        let other = match &self.same_since {
            Some(same) => same.other_volume(&self.name, volume, &self.wants(), facts),
            None => Ok(None),
        };
        if let Ok(Some(other)) = other {
            return Ok(Finding::Fail(other));
        }
        if let Some(driver) = &self.driver
            && *driver != volume.driver
        {
            let seen = format!("{} uses the driver {}", self.name, volume.driver);
            let sentence = "A volume's driver is chosen when the volume is created, and stays.";
            return Ok(self.created_otherwise(seen, sentence, "wrong-driver"));
        }
        if let Some(seen) = self.labels.difference(&volume.labels) {
            let sentence = "A volume's labels are given when the volume is created, and stay.";
            return Ok(self.created_otherwise(seen, sentence, "wrong-label"));
        }
        if let Some(wrong) = self.wrong_memory(&volume.options) {
            return Ok(wrong);
        }
        if self.dangling
            && facts.everything()?.is_some()
            && let Some(used) = near::volume::in_use(&self.name.text, &self.wants(), facts)
        {
            return Ok(Finding::Fail(used));
        }
        if let Some(holders) = &self.holders
            && let Some(other) = holders.left_behind(&self.name, facts)?
        {
            return Ok(Finding::Fail(other));
        }
        other?;
        // The engine's date of a volume moves when its root directory changes: it does not tell when this came about.
        Ok(pass(None))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        let name = &self.name.text;
        if matches!(facts.volume(name), Ok(None)) { near::volume::asks(name, facts) } else { Vec::new() }
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        match facts.volume(&self.name.text) {
            Ok(None) => {
                let is_labeled =
                    |labels: &BTreeMap<String, String>| !labels.is_empty() && self.labels.difference(labels).is_none();
                let forgotten = near::volume::name_forgotten(is_labeled, &self.wants(), facts);
                forgotten.into_iter().chain(near::volume::missing(&self.name.text, &self.wants(), facts)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.name);
        self.labels.visit(visitor);
        if let Some(same) = &self.same_since {
            same.visit(visitor);
        }
        if let Some(holders) = &mut self.holders {
            holders.visit(visitor);
        }
    }
}
