//! `volume: { name, driver?, labels? }`: a volume exists.

use super::labels::{self, Labels};
use super::{not_begun, pass};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Ask, Facts};
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
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `volume` check",
    &[
        Field::required("name", Form::Name(NameKind::Volume), "The volume."),
        Field::optional("driver", Form::Text, "The driver that it must have."),
        labels::LABELS,
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
        fields.end();
        Some(Self { name: name?, driver, labels: labels? })
    }
}

impl Volume {
    /// It is there, and lacks something that is given at creation.
    fn created_otherwise(&self, seen: String, sentence: &str, diagnosis: &'static str) -> Finding {
        Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed(diagnosis))
    }
}

impl Grader for Volume {
    fn wants(&self) -> String {
        let mut wants = format!("volume {} exists", self.name);
        if let Some(driver) = &self.driver {
            wants += &format!(", driver {driver}");
        }
        wants + &self.labels.wants()
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Volume(self.name.text.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(volume) = facts.volume(&self.name.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no volume {}", self.name)));
        };
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
        // The engine's date of a volume moves when its root directory changes: it does not tell when this came about.
        Ok(pass(None))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        let name = &self.name.text;
        if matches!(facts.volume(name), Ok(None)) { near::volume::asks(name, facts) } else { Vec::new() }
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        match facts.volume(&self.name.text) {
            Ok(None) => near::volume::missing(&self.name.text, &self.wants(), facts),
            _ => Vec::new(),
        }
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.name);
        self.labels.visit(visitor);
    }
}
