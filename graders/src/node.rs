//! A value of a lab file together with the place where it stands.
//!
//! Labs are decoded from this tree and not from the YAML text, so that every fault of a file can be reported at once,
//! each pointing at its own words. Who reads the YAML builds the tree; nothing here knows YAML.

/// A range of bytes in the file that a value was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands in its file.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// The kinds of value that a lab file can hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing was written.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, quoted or not.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file, with repeated keys kept: saying that a key stands twice is the decoder's task.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it stands.
    pub span: Span,
    /// Its text.
    pub text: String,
}

impl Value {
    /// What the value is, in the words of a lab's author.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}
