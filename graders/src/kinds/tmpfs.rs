//! `tmpfs: { at_most?, size?, inodes? }`: what limits memory that is mounted.

use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Tmpfs, TmpfsSize};
use crate::node::Node;
use crate::shape::{Field, Form, Rule, Shape};
use crate::size::{Size, describe};
use crate::verdict::Feedback;

const INODES: std::ops::RangeInclusive<u32> = 1..=u32::MAX;

/// What stands under the key.
pub(super) const LIMITS: Shape = Shape::new(
    "`tmpfs`",
    &[
        Field::optional("at_most", Form::Size, "The most that it may be allowed to hold; a lower limit will do."),
        Field::optional("size", Form::Size, "What it may hold, neither more nor less."),
        Field::optional("inodes", Form::Number(INODES), "How many files and directories it may hold."),
    ],
)
.rules(&[Rule::SomeOf(&["at_most", "size", "inodes"])]);

/// The limits that memory must have; none of them where any memory will do.
#[derive(Debug, Default)]
pub(super) struct Limits {
    at_most: Option<Size>,
    size: Option<Size>,
    inodes: Option<u32>,
}

impl Decode for Limits {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &LIMITS, faults)?;
        let at_most = fields.optional("at_most");
        let size = fields.optional("size");
        let inodes = fields.node("inodes").and_then(|_| fields.number("inodes", &INODES));
        fields.end();
        Some(Self { at_most, size, inodes })
    }
}

impl Limits {
    /// What is wanted, as a part of a sentence: " of at most 4 MiB, 32 inodes".
    pub(super) fn wants(&self) -> String {
        let at_most = self.at_most.iter().map(|size| format!(" of at most {}", size.text));
        let size = self.size.iter().map(|size| format!(" of {}", size.text));
        let inodes = self.inodes.iter().map(|inodes| format!(", {inodes} inodes"));
        at_most.chain(size).chain(inodes).collect()
    }

    /// Whether memory has these limits.
    pub(super) fn hold(&self, memory: &Tmpfs) -> bool {
        self.broken_by(memory, "", "").is_none()
    }

    /// Why memory, called `it`, does not have these limits.
    pub(super) fn broken_by(&self, memory: &Tmpfs, it: &str, wants: &str) -> Option<Feedback> {
        let size_fits = |bytes: u64| {
            self.at_most.as_ref().is_none_or(|most| bytes <= most.bytes)
                && self.size.as_ref().is_none_or(|size| bytes == size.bytes)
        };
        if self.at_most.is_some() || self.size.is_some() {
            match memory.size {
                None => return Some(no_limit(it, wants)),
                Some(TmpfsSize::Bytes(bytes)) if size_fits(bytes) => {}
                Some(TmpfsSize::Bytes(bytes)) => {
                    let seen = format!("{it} may hold {}", describe(bytes));
                    return Some(other_limit(seen, wants, "Compare the number and its unit with the task's."));
                }
                Some(TmpfsSize::Percent(percent)) => {
                    let seen = format!("{it} may hold {percent} % of the host's memory");
                    let sentence = "That is another amount on each host. The task names one.";
                    return Some(other_limit(seen, wants, sentence));
                }
            }
        }
        match (self.inodes, memory.inodes) {
            (Some(_), None) => {
                let sentence = "Every file and directory takes an inode. Which option counts those?";
                let seen = format!("{it} has no limit for its inodes");
                Some(Feedback::wrong(wants, seen, sentence).diagnosed("no-limit"))
            }
            (Some(wanted), Some(found)) if u64::from(wanted) != found => {
                let sentence = "Compare the number with the task's, digit by digit.";
                Some(other_limit(format!("{it} may have {found} inodes"), wants, sentence))
            }
            _ => None,
        }
    }
}

fn no_limit(it: &str, wants: &str) -> Feedback {
    let sentence = "Without one, it can grow into half of the host's memory. A limit is given with the mount.";
    Feedback::wrong(wants, format!("{it} has no limit"), sentence).diagnosed("no-limit")
}

fn other_limit(seen: String, wants: &str, sentence: &str) -> Feedback {
    Feedback::wrong(wants, seen, sentence).diagnosed("other-limit")
}
