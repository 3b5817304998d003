//! The names in a lab that may belong to it, and the texts that may mention them.
//!
//! With `--as alice` a lab's `app-data` is called `alice-app-data`. In typed fields an owned name stands bare and is
//! known by its kind; in text it is written `@{app-data}`. Who maps them walks a check's parts with a [`Visitor`].

use crate::node::Span;

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// A container.
    Container,
    /// A volume.
    Volume,
    /// A network.
    Network,
    /// An image, with or without a tag.
    Image,
    /// An absolute path on the learner's host.
    Path,
}

impl NameKind {
    /// The word for it, as used in `owns` and in sentences.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Volume => "volume",
            Self::Network => "network",
            Self::Image => "image",
            Self::Path => "path",
        }
    }

    /// The kind that [`word`](Self::word) gives this word for.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Container, Self::Volume, Self::Network, Self::Image, Self::Path]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A name in a typed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What it names.
    pub kind: NameKind,
    /// The name; after mapping, the one that this learner uses.
    pub text: String,
    /// Where it stands in the lab file.
    pub span: Span,
}

impl Name {
    /// A name of this kind.
    #[must_use]
    pub fn new(kind: NameKind, text: Text) -> Self {
        Self { kind, text: text.text, span: text.span }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Text that may mention owned names as `@{name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text; after mapping, with this learner's names in it.
    pub text: String,
    /// Where it stands in the lab file.
    pub span: Span,
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Somebody who goes through the names and texts of a check: to map them, or to see that they are owned.
pub trait Visitor {
    /// Comes by a typed name.
    fn name(&mut self, name: &mut Name);
    /// Comes by a text.
    fn text(&mut self, text: &mut Text);
    /// Comes by the id of a step that is to be an earlier one.
    fn step(&mut self, _id: &Text) {}
}

/// Whether the engine may have made up this name of a volume.
#[must_use]
pub fn is_made_up_volume(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())
}
