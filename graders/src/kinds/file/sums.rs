//! `sums`: a file of checksums, as `sha256sum` writes it, that holds for the files beside it.

use super::super::location::Location;
use super::super::target::must_lead_down;
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::fact::{Digest, Facts};
use crate::name::{Text, Visitor};
use crate::node::Node;
use crate::path::{clean, file_name};
use crate::shape::{Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback};

const WORDS: [&str; 2] = ["sha256", "sha512"];

const SHAPE: Shape = Shape::new(
    "`sums`",
    &[
        Field::required("algorithm", Form::Word(&WORDS), "How the sums are made."),
        Field::required(
            "of",
            Form::list(&Form::Text),
            "The files whose sums it must have, by their paths from its own directory.",
        ),
    ],
);

pub(super) const SUMS: Field = Field::optional(
    "sums",
    Form::Map(&SHAPE),
    "It is a file of checksums, as `sha256sum` writes and checks it, and holds for files beside it as they are now.",
);

/// An algorithm that can be wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        }
    }

    fn of(self, digest: &Digest) -> &str {
        match self {
            Self::Sha256 => &digest.sha256,
            Self::Sha512 => &digest.sha512,
        }
    }

    /// The sum of nothing at all.
    fn of_nothing(self) -> &'static str {
        match self {
            Self::Sha256 => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Self::Sha512 => {
                "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
                 47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
            }
        }
    }
}

/// The algorithm whose sums have so many digits.
fn by_length(digits: usize) -> Option<&'static str> {
    Some(match digits {
        32 => "MD5",
        40 => "SHA-1",
        56 => "SHA-224",
        64 => "SHA-256",
        96 => "SHA-384",
        128 => "SHA-512",
        _ => return None,
    })
}

/// What is wanted of a file of checksums.
#[derive(Debug)]
pub(super) struct Wanted {
    algorithm: Algorithm,
    of: Vec<Text>,
}

impl Decode for Wanted {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let algorithm = fields.required::<Text>("algorithm").and_then(|text| match text.text.as_str() {
            "sha256" => Some(Algorithm::Sha256),
            "sha512" => Some(Algorithm::Sha512),
            found => {
                let message = format!("labrun makes no sums of `{text}`");
                unknown(fields.faults, "unknown-value", text.span, message, found, WORDS);
                None
            }
        });
        let of = fields.required::<Vec<Text>>("of");
        for name in of.iter().flatten() {
            if name.text.starts_with('/') {
                let message = "this path is to be relative to the directory of the file of checksums";
                fields.faults.add("wrong-value", name.span, message);
            }
            must_lead_down(&name.text, name.span, fields.faults);
        }
        fields.end();
        Some(Self { algorithm: algorithm?, of: of? })
    }
}

impl Wanted {
    pub(super) fn wants(&self) -> String {
        let names: Vec<&str> = self.of.iter().map(|name| name.text.as_str()).collect();
        format!("has the {} sum of {}", self.algorithm.name(), names.join(", "))
    }

    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor) {
        for name in &mut self.of {
            visitor.text(name);
        }
    }

    /// The paths of the files that it must hold for.
    pub(super) fn paths(&self, location: &Location) -> Vec<String> {
        self.of.iter().map(|name| beside(location.path(), &name.text)).collect()
    }

    /// What is wrong with the file of this text, called `at`, if anything is.
    pub(super) fn judge(&self, text: &str, location: &Location, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        let sums: Vec<Sum> = text.lines().filter_map(Sum::read).collect();
        for name in &self.of {
            let at = location.describe();
            let expected = format!("{at} has the {} sum of {name}", self.algorithm.name());
            if let Some(feedback) = self.judge_listing(&name.text, &sums, text, &expected) {
                return Ok(Some(feedback));
            }
            let Some(digest) = facts.digest(&location.place(), &beside(location.path(), &name.text))? else {
                return Ok(Some(Feedback::not_begun(expected, format!("there is no file {name} beside it"))));
            };
            let listed: Vec<&Sum> = sums.iter().filter(|sum| sum.is_of(&name.text)).collect();
            let is_true = |sum: &&Sum| sum.hex.eq_ignore_ascii_case(self.algorithm.of(digest));
            if !listed.iter().all(is_true) {
                return Ok(Some(self.untrue(&listed, &expected, name)));
            }
        }
        Ok(None)
    }

    fn untrue(&self, listed: &[&Sum], expected: &str, name: &Text) -> Feedback {
        let of_nothing = listed.iter().any(|sum| sum.hex.eq_ignore_ascii_case(self.algorithm.of_nothing()));
        let (seen, sentence) = match of_nothing {
            true => (
                format!("the sum listed for {name} is that of an empty file"),
                "The sum was made before there was anything in the file. What came first?",
            ),
            false => (
                format!("the sum listed for {name} is not that of {name} as it is now"),
                "A sum holds for the bytes that it was made of. Did the file change since, or is it the sum of another?",
            ),
        };
        Feedback::wrong(expected, seen, sentence).diagnosed("sum-differs")
    }

    /// What is wrong with how a file is listed.
    fn judge_listing(&self, name: &str, sums: &[Sum], text: &str, expected: &str) -> Option<Feedback> {
        let feedback = |seen: String, sentence: &str, diagnosis: &'static str| {
            Some(Feedback::wrong(expected, seen, sentence).diagnosed(diagnosis))
        };
        if let Some(sum) = sums.iter().find(|sum| sum.is_of(name)) {
            let algorithm = sum.algorithm()?;
            return (algorithm != self.algorithm.name()).then_some(()).and_then(|()| {
                let sentence = "Each algorithm has sums of its own length. Which one does the task name?";
                feedback(format!("its sum of {name} is one of {algorithm}"), sentence, "other-algorithm")
            });
        }
        if text.trim().is_empty() {
            let sentence = "The file was made, and no sum got into it. Did the command that makes them succeed?";
            return feedback("it is empty".to_owned(), sentence, "empty-file");
        }
        if sums.is_empty() {
            let sentence =
                "A line has the sum, two blanks, and the name that it is checked by. What is in these lines?";
            return feedback("it has no line with a sum and a name".to_owned(), sentence, "no-sums");
        }
        if sums.iter().any(|sum| sum.name == "-") {
            let sentence = "The sum was made of what came through a pipe, and names no file. How could it be checked?";
            return feedback("its sum is of `-`".to_owned(), sentence, "sum-without-name");
        }
        if let Some(sum) = sums.iter().find(|sum| file_name(&sum.name) == file_name(name)) {
            let sentence = "Sums are checked by the names as they are listed, from the directory where the check runs. \
                            From where does this name lead to the file?";
            return feedback(format!("it lists {}, and not {name}", sum.name), sentence, "listed-with-folder");
        }
        let names: Vec<&str> = sums.iter().map(|sum| sum.name.as_str()).take(4).collect();
        feedback(format!("it lists {}", names.join(", ")), "Compare the names in it with the task's.", "not-in-sums")
    }
}

/// A line of such a file.
struct Sum {
    hex: String,
    name: String,
    /// The algorithm that the line names, in the form of BSD.
    tag: Option<String>,
}

impl Sum {
    fn read(line: &str) -> Option<Self> {
        let is_hex = |text: &str| by_length(text.len()).is_some() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let tagged = line.strip_suffix(|last: char| last.is_ascii_whitespace()).unwrap_or(line).rsplit_once(") = ");
        if let Some((front, hex)) = tagged
            && let Some((tag, name)) = front.split_once(" (")
            && is_hex(hex)
        {
            return Some(Self { hex: hex.to_owned(), name: name.to_owned(), tag: Some(tag.to_owned()) });
        }
        let (hex, rest) = line.split_once(' ')?;
        let name = rest.strip_prefix([' ', '*'])?;
        (is_hex(hex) && !name.is_empty()).then(|| Self { hex: hex.to_owned(), name: name.to_owned(), tag: None })
    }

    fn is_of(&self, name: &str) -> bool {
        !self.name.starts_with('/') && clean(&self.name) == clean(name)
    }

    fn algorithm(&self) -> Option<&'static str> {
        // Other algorithms make sums as long as these: BSD's form names them.
        if self
            .tag
            .as_ref()
            .is_some_and(|tag| !["MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"].contains(&tag.as_str()))
        {
            return Some("another algorithm");
        }
        by_length(self.hex.len())
    }
}

/// The path of a file beside another.
fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}
