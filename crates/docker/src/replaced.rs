//! Whether a volume is still the one that was seen: it has no id, and its date moves when something is written to it. Only
//! the engine's events tell.

use labrun_graders::evidence::Entry;
use labrun_graders::{CannotLook, Nanos};

use super::connect::Engine;
use super::events;

impl Engine {
    /// Returns whether a volume was removed after `since`, by the engine's clock; `None` if the engine has already dropped
    /// events of that time.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn volume_was_removed(&self, name: &str, since: Nanos) -> Result<Option<bool>, CannotLook> {
        let now = self.clock.now() + self.clock.uncertainty();
        let (events, _) = events::told(self, since, now).await?;
        Ok(removed(&events, name))
    }
}

fn removed(events: &[Entry], name: &str) -> Option<bool> {
    let is_removal = |event: &&Entry| event.kind == "volume" && event.action == "destroy" && event.actor == name;
    match events.iter().find(is_removal) {
        Some(_) => Some(true),
        None => (events.len() < events::KEPT).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_is_known_while_the_engine_has_its_events() {
        let event = |kind: &str, action: &str, actor: &str| Entry {
            kind: kind.to_owned(),
            action: action.to_owned(),
            actor: actor.to_owned(),
            ..Entry::default()
        };
        let (created, destroyed) = (event("volume", "create", "v"), event("volume", "destroy", "v"));
        assert_eq!(removed(std::slice::from_ref(&created), "v"), Some(false));
        assert_eq!(removed(&[destroyed.clone(), created.clone()], "v"), Some(true));
        assert_eq!(removed(&[event("volume", "destroy", "v2"), event("container", "destroy", "v")], "v"), Some(false));
        let many = vec![created; events::KEPT];
        assert_eq!(removed(&many, "v"), None, "what came before them is gone");
        assert_eq!(removed(&[many, vec![destroyed]].concat(), "v"), Some(true));
    }
}
