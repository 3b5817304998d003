//! `network: { name, driver?, internal?, labels?, containers? }`: a network exists, and containers are on it.

use super::labels::{self, Labels};
use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{self, Ask, Facts};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// Wants a network, perhaps of a driver, with labels, and with containers on it.
#[derive(Debug)]
pub struct Network {
    name: Name,
    driver: Option<String>,
    internal: Option<bool>,
    labels: Labels,
    containers: Vec<Name>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `network` check",
    &[
        Field::required("name", Form::Name(NameKind::Network), "The network."),
        Field::optional("driver", Form::Text, "The driver that it must have."),
        Field::optional("internal", Form::Truth, "Whether nothing leads out of it. Without it, both will do."),
        labels::LABELS,
        Field::optional(
            "containers",
            Form::list(&Form::Name(NameKind::Container)),
            "Containers that must be on it, running or not. Others may be there, too.",
        ),
    ],
);

impl Described for Network {
    const ABOUT: &'static str = "A network exists, and containers are on it.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Network {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let name = fields.name("name", NameKind::Network);
        let driver = fields.optional("driver");
        let internal = fields.optional("internal");
        let labels = Labels::read(&mut fields);
        let containers: Vec<Text> = fields.optional("containers").unwrap_or_default();
        fields.end();
        let containers = containers.into_iter().map(|text| Name::new(NameKind::Container, text)).collect();
        Some(Self { name: name?, driver, internal, labels: labels?, containers })
    }
}

impl Network {
    /// What is off about the network itself: all of it is settled when it is created.
    fn off(&self, network: &fact::Network) -> Option<Feedback> {
        let stays = "That is settled when a network is created, and stays: it has to be made anew.";
        let told = |seen: String, diagnosis| Feedback::wrong(self.wants(), seen, stays).diagnosed(diagnosis);
        if let Some(driver) = self.driver.as_ref().filter(|driver| **driver != network.driver) {
            return Some(told(
                format!("{} uses the driver {}, not {driver}", self.name, network.driver),
                "wrong-driver",
            ));
        }
        if self.internal.is_some_and(|internal| internal != network.internal) {
            let seen = match network.internal {
                true => format!("{} is internal: nothing leads out of it", self.name),
                false => format!("{} is not internal: its containers reach the world outside", self.name),
            };
            return Some(told(seen, "wrong-internal"));
        }
        self.labels.difference(&network.labels).map(|seen| told(seen, "wrong-label"))
    }

    /// What is off about a container that was to be on it.
    fn not_on_it(&self, name: &Name, container: &fact::Container) -> Feedback {
        let seen = match container.networks.as_slice() {
            [] => format!("{name} is on no network"),
            networks => format!("{name} is on {}", networks.join(", ")),
        };
        let sentence = "A container is put on a network when it is created, or later. Was this one named?";
        Feedback::wrong(format!("{name} is on the network {}", self.name), seen, sentence).diagnosed("not-on-network")
    }
}

impl Grader for Network {
    fn wants(&self) -> String {
        let mut wants = format!("network {} exists", self.name);
        if let Some(driver) = &self.driver {
            wants += &format!(", driver {driver}");
        }
        match self.internal {
            Some(true) => wants += ", internal",
            Some(false) => wants += ", not internal",
            None => {}
        }
        wants += &self.labels.wants();
        if !self.containers.is_empty() {
            let containers: Vec<String> = self.containers.iter().map(ToString::to_string).collect();
            wants += &format!(", with {} on it", containers.join(", "));
        }
        wants
    }

    fn asks(&self) -> Vec<Ask> {
        let containers = self.containers.iter().map(|name| Ask::Container(name.text.clone()));
        std::iter::once(Ask::Network(self.name.text.clone())).chain(containers).collect()
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(network) = facts.network(&self.name.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no network {}", self.name)));
        };
        if let Some(off) = self.off(network) {
            return Ok(Finding::Fail(off));
        }
        for name in &self.containers {
            let Some(container) = facts.container(&name.text)? else {
                return Ok(not_begun(self.wants(), format!("there is no container {name}")));
            };
            if !container.networks.contains(&self.name.text) {
                return Ok(Finding::Fail(self.not_on_it(name, container)));
            }
        }
        Ok(pass(network.created))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        match facts.network(&self.name.text) {
            Ok(None) => near::network::asks(facts),
            _ => Vec::new(),
        }
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        match facts.network(&self.name.text) {
            Ok(None) => near::network::missing(&self.name.text, &self.wants(), facts),
            _ => Vec::new(),
        }
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.name);
        self.labels.visit(visitor);
        for name in &mut self.containers {
            visitor.name(name);
        }
    }
}
