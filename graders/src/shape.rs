//! What an author may write, described once: the keys of a check, of a step, of a lab.
//!
//! A decoder takes its description and holds to it; the book's reference and the schema that editors complete from are
//! made of the same. A test decodes what the descriptions promise, and what they rule out.

use std::ops::RangeInclusive;

use crate::name::NameKind;

/// What a value is.
#[derive(Clone, Debug)]
pub enum Form {
    /// Text; owned names are written `@{name}` in it.
    Text,
    /// Text in Markdown.
    Markdown,
    /// Text for a shell.
    Shell,
    /// An expression over what the engine says of an object.
    Expression,
    /// A name, as it stands under `owns`.
    Name(NameKind),
    /// An owned path of the host, or one below it.
    HostPath,
    /// A path that begins with a slash.
    AbsolutePath,
    /// A path whose form depends on where it is.
    Path,
    /// An address of IPv4 or IPv6.
    Address,
    /// Permission bits in three or four octal digits.
    Mode,
    /// The numbers of a user and a group.
    Owner,
    /// A file beside the one that names it.
    FileName,
    /// Letters and digits in lower case, joined by single dashes.
    Id,
    /// The name of a diagnosis.
    Diagnosis,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number within these bounds.
    Number(RangeInclusive<u32>),
    /// An amount of memory or storage with its unit, `4MiB`.
    Size,
    /// `true` or `false`.
    Truth,
    /// `true`: to say `false`, the key is left out.
    True,
    /// A list of so many items.
    List(&'static Form, RangeInclusive<usize>),
    /// A mapping from names of the author's own to texts.
    Texts,
    /// A mapping with these keys.
    Map(&'static Shape),
    /// Any of these.
    Either(&'static [Form]),
    /// A check: a mapping with one key, its kind.
    Check,
}

impl Form {
    /// A list that is not empty.
    #[must_use]
    pub const fn list(of: &'static Self) -> Self {
        Self::List(of, 1..=usize::MAX)
    }
}

/// Any whole number.
pub const ANY_NUMBER: Form = Form::Number(0..=u32::MAX);

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It need not.
    Optional,
    /// Without it, this holds, as the author would write it.
    Default(&'static str),
}

/// A key of a mapping.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What its value is.
    pub form: Form,
    /// What it means, in sentences of Markdown.
    pub meaning: &'static str,
    /// Whether it must be there.
    pub need: Need,
    /// It stands only, and if required must stand, where one of these keys is; anywhere when there are none.
    pub with: &'static [&'static str],
}

impl Field {
    /// A key that must be there.
    #[must_use]
    pub const fn required(key: &'static str, form: Form, meaning: &'static str) -> Self {
        Self { key, form, meaning, need: Need::Required, with: &[] }
    }

    /// A key that may be left out.
    #[must_use]
    pub const fn optional(key: &'static str, form: Form, meaning: &'static str) -> Self {
        Self { key, form, meaning, need: Need::Optional, with: &[] }
    }

    /// What holds where the key is left out.
    #[must_use]
    pub const fn default(self, value: &'static str) -> Self {
        Self { key: self.key, form: self.form, meaning: self.meaning, need: Need::Default(value), with: self.with }
    }

    /// The keys of which one is to be beside it.
    #[must_use]
    pub const fn with(self, keys: &'static [&'static str]) -> Self {
        Self { key: self.key, form: self.form, meaning: self.meaning, need: self.need, with: keys }
    }
}

/// Which keys stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Exactly one of these.
    OneOf(&'static [&'static str]),
    /// At least one of these: without, nothing would be asked for.
    SomeOf(&'static [&'static str]),
    /// None or one of these.
    AtMostOne(&'static [&'static str]),
}

impl Rule {
    /// The keys that it is about.
    #[must_use]
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Self::OneOf(keys) | Self::SomeOf(keys) | Self::AtMostOne(keys) => keys,
        }
    }
}

/// A mapping.
#[derive(Clone, Debug)]
pub struct Shape {
    /// What faults call it: "a step".
    pub what: &'static str,
    /// Its keys, in the order in which they are usually written.
    pub fields: &'static [Field],
    /// Which of them stand together.
    pub rules: &'static [Rule],
}

impl Shape {
    /// A mapping whose keys stand by themselves.
    #[must_use]
    pub const fn new(what: &'static str, fields: &'static [Field]) -> Self {
        Self { what, fields, rules: &[] }
    }

    /// A rule on its keys.
    #[must_use]
    pub const fn rules(self, rules: &'static [Rule]) -> Self {
        Self { what: self.what, fields: self.fields, rules }
    }

    /// The description of a key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// Something that an author writes.
pub trait Described {
    /// What it is, or for a check what it wants, in a sentence.
    const ABOUT: &'static str;
    /// What is written.
    const FORM: Form;
}
