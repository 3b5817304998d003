//! `held_only_by: [CONTAINER…]`: no other container has the volume mounted, running or not.

use crate::decode::Fields;
use crate::evidence::is_own_container;
use crate::fact::{Facts, Listed};
use crate::name::{Name, NameKind, Text, Visitor};
use crate::shape::{Field, Form};
use crate::verdict::{CannotLook, Feedback};

pub(super) const HELD_ONLY_BY: Field = Field::optional(
    "held_only_by",
    Form::list(&Form::Name(NameKind::Container)),
    "The containers that may have it mounted; no other one may, running or not. It shows a temporary container that was \
     left behind.",
);

/// The containers that may hold a volume.
#[derive(Debug)]
pub(super) struct Holders(Vec<Name>);

impl Holders {
    /// Reads the key, if it is there.
    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let names = fields.optional::<Vec<Text>>("held_only_by")?;
        Some(Self(names.into_iter().map(|text| Name::new(NameKind::Container, text)).collect()))
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.0.iter_mut().for_each(|name| visitor.name(name));
    }

    /// Why somebody else holds the volume; `None` if nobody does.
    ///
    /// # Errors
    /// When the engine's containers could not be listed.
    pub(super) fn left_behind(&self, volume: &Name, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        let holds = |container: &&Listed| {
            container.mounts.iter().any(|mount| mount.kind == "volume" && mount.name == volume.text)
        };
        let may = |container: &Listed| self.0.iter().any(|name| name.text == container.name);
        let all = facts.everything()?.map(|all| all.containers.as_slice()).unwrap_or_default();
        let mut others = all.iter().filter(holds).filter(|it| !may(it) && !is_own_container(&it.name, &it.labels));
        Ok(others.next().map(|other| {
            let names: Vec<&str> = self.0.iter().map(|name| name.text.as_str()).collect();
            let expected = format!("only {} holds {volume}", names.join(" and "));
            let state = if other.status == "running" { "running" } else { "stopped" };
            let seen = format!("{}, {state}, holds it as well", other.name);
            let sentence =
                "A helper that has done its work still refers to the volume. Who cleans up a one-off container?";
            Feedback::wrong(expected, seen, sentence).diagnosed("left-behind")
        }))
    }
}
