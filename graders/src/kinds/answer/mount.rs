//! `answer: { container, mount, field }`: what is mounted at a path in a container, found by that path and not by its place
//! in a list.

use serde_json::Value;

use crate::decode::Fields;
use crate::expression;
use crate::fact::Facts;
use crate::kinds::target::{fact_target, must_be_absolute};
use crate::name::{Name, NameKind, Text};
use crate::path::clean;
use crate::shape::{Field, Form};
use crate::verdict::{CannotLook, Feedback};

pub(super) const MOUNT: Field = Field::optional(
    "mount",
    Form::AbsolutePath,
    "`field` is one of what is mounted there, as in a container's `Mounts`: `Name`, `Source`, `Type`.",
)
.with(&["container"]);

/// A path in a container.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) container: Name,
    pub(super) at: String,
}

impl Place {
    /// Reads `mount`, if it is there; `target` is what the answer is about.
    pub(super) fn read(fields: &mut Fields, target: Option<&Name>) -> Option<Self> {
        let at = fields.optional::<Text>("mount")?;
        must_be_absolute(&at.text, at.span, fields.faults);
        let container = target.filter(|target| target.kind == NameKind::Container);
        if container.is_none() {
            fields.faults.add("conflicting-keys", at.span, "only a `container` has a `mount`");
        }
        Some(Self { container: container?.clone(), at: at.text })
    }

    /// What the engine says of this field; `None` if nothing is mounted there, or it has no such field.
    ///
    /// # Errors
    /// When the container cannot be looked at, or the expression not be evaluated.
    pub(super) fn says(&self, field: &str, facts: &Facts) -> Result<Option<String>, CannotLook> {
        let Some(mount) = facts.json(&fact_target(&self.container))?.and_then(|json| self.found(json)) else {
            return Ok(None);
        };
        if is_name(field) && !has(mount, field) {
            return Ok(None);
        }
        Ok(Some(expression::evaluate(field, mount)?.to_string()))
    }

    /// Why a container that is there does not tell it.
    pub(super) fn lacks(&self, field: &str, wants: &str, facts: &Facts) -> Option<Feedback> {
        let json = facts.json(&fact_target(&self.container)).ok()??;
        let at = &self.at;
        let kind = match self.found(json) {
            Some(mount) => mount.get("Type").and_then(Value::as_str).unwrap_or("another kind"),
            None if self.is_memory(json) => "tmpfs",
            None => {
                let seen = format!("nothing is mounted at {at} in {}", self.container);
                let sentence = "There is nothing to read the answer off: a mount is given when a container is created.";
                return Some(Feedback::wrong(wants, seen, sentence));
            }
        };
        let seen = format!("what is mounted at {at} is a {kind}, and has no {field}");
        let sentence = "Compare the kind of mount with the one that the task asks for.";
        Some(Feedback::wrong(wants, seen, sentence).diagnosed("wrong-mount-type"))
    }

    /// What is mounted there.
    fn found<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        let is_here = |path: &str| clean(path) == clean(&self.at);
        let mounts = json.get("Mounts")?.as_array()?;
        mounts.iter().find(|mount| mount.get("Destination").and_then(Value::as_str).is_some_and(is_here))
    }

    /// Whether `--tmpfs` put memory there: that is not among the mounts.
    fn is_memory(&self, json: &Value) -> bool {
        let tmpfs = json.get("HostConfig").and_then(|host| host.get("Tmpfs")).and_then(Value::as_object);
        tmpfs.is_some_and(|tmpfs| tmpfs.keys().any(|path| clean(path) == clean(&self.at)))
    }
}

/// Whether an expression is just the name of a field.
fn is_name(field: &str) -> bool {
    field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn has(mount: &Value, field: &str) -> bool {
    mount.get(field).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
}
