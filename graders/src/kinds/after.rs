//! `after:`: what must have happened to a container before a command counts.

use crate::decode::{Decode, Faults, unknown};
use crate::evidence::{HAPPENINGS, Happening, Journal};
use crate::fact::Nanos;
use crate::name::Text;
use crate::node::{Node, Value};
use crate::shape::Form;

/// What may stand there.
pub(super) const FORM: Form = Form::Either(&[Form::Word(&HAPPENINGS), Form::list(&Form::Word(&HAPPENINGS))]);

/// One of these must have happened.
#[derive(Debug)]
pub(super) struct After(Vec<Happening>);

impl Decode for After {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let words = match &node.value {
            Value::List(_) => Vec::<Text>::decode(node, faults)?,
            _ => vec![Text::decode(node, faults)?],
        };
        let known = |word: &Text| {
            let found = Happening::of_word(&word.text);
            if found.is_none() {
                let message = format!("no container's event is called `{}`", word.text);
                unknown(faults, "unknown-value", word.span, message, &word.text, HAPPENINGS);
            }
            found
        };
        Some(Self(words.iter().filter_map(known).collect()))
    }
}

impl After {
    /// When one of them last happened to this container since then.
    pub(super) fn newest(&self, journal: &Journal, container: &str, since: Nanos) -> Option<Nanos> {
        self.0.iter().filter_map(|happening| journal.newest(container, *happening, since)).max()
    }

    /// "restart", or "start or stop".
    pub(super) fn noun(&self) -> String {
        self.0.iter().map(|happening| happening.noun).collect::<Vec<_>>().join(" or ")
    }

    /// "restarted", or "started or stopped".
    pub(super) fn participle(&self) -> String {
        self.0.iter().map(|happening| happening.participle).collect::<Vec<_>>().join(" or ")
    }
}
