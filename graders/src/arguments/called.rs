//! The arguments that a program was given.

use super::{Argument, Match, long_forms};
use crate::args::Flag;
use crate::readers::takes_value;
use crate::shell::Word;

/// Programs whose options are words after one dash.
const ONE_DASH: [&str; 3] = ["find", "java", "openssl"];

/// A program's arguments, taken apart as far as that goes without knowing the program.
pub(super) struct Called<'a> {
    pub(super) program: &'a str,
    args: &'a [Word],
    /// Groups of short options, each with the argument after it.
    clusters: Vec<(&'a str, Option<&'a Word>)>,
    /// Long options: the name, what follows its `=`, and the argument after it.
    longs: Vec<(&'a str, Option<&'a str>, Option<&'a Word>)>,
}

impl<'a> Called<'a> {
    pub(super) fn new(program: &'a str, args: &'a [Word]) -> Self {
        let mut this = Self { program, args, clusters: Vec::new(), longs: Vec::new() };
        for (index, word) in args.iter().enumerate() {
            let (text, next) = (word.text.as_str(), args.get(index + 1));
            if text == "--" {
                break;
            }
            if text.starts_with("--") {
                match text.split_once('=') {
                    Some((name, value)) => this.longs.push((name, Some(value), None)),
                    None => this.longs.push((text, None, next)),
                }
            } else if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                this.clusters.push((letters, next));
            } else if index == 0 && program == "tar" {
                // Its oldest form has no dash.
                this.clusters.push((text, next));
            }
        }
        this
    }

    /// Every argument that may be a value or an operand, and those that stand within another one: `--to=/x`, `if=/x`,
    /// `-C/x`.
    pub(super) fn values(&self) -> impl Iterator<Item = Word> {
        let within = |word: &Word, text: &str| Word { text: text.to_owned(), glob: None, ..word.clone() };
        self.args.iter().flat_map(move |word| {
            let after = word.text.split_once('=').map(|(_, value)| within(word, value));
            let slash = word.text.find('/').filter(|_| word.text.starts_with('-') && !word.text.contains('='));
            let attached = slash.and_then(|at| word.text.get(at..)).map(|value| within(word, value));
            let whole = (!word.text.starts_with('-')).then(|| word.clone());
            [whole, after, attached].into_iter().flatten()
        })
    }

    /// Whether it says which file or directory it is about. A number is an option's value.
    pub(super) fn names_place(&self) -> bool {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let mut places = self.args.iter().map(|word| word.text.as_str());
        match self.program {
            // Its expression begins with the first dash.
            "find" => places.next().is_some_and(|first| !first.starts_with(['-', '(', '!'])),
            _ => places.any(|text| !text.starts_with('-') && !is_number(text)),
        }
    }

    /// Whether a short option, or what is known as its long form, is there.
    pub(super) fn has_letter(&self, letter: char) -> bool {
        let long = long_forms::of_letter(self.program, letter);
        self.clusters.iter().any(|(letters, _)| self.flags(letters).any(|found| found == letter))
            || self.longs.iter().any(|(name, ..)| Some(*name) == long)
    }

    /// The options in a group, without the value that one of them may have.
    fn flags(&self, letters: &'a str) -> impl Iterator<Item = char> {
        let mut ended = ONE_DASH.contains(&self.program);
        letters.chars().take_while(move |letter| {
            let goes_on = !ended && (letter.is_ascii_alphanumeric() || *letter == '?');
            ended |= takes_value(self.program, Flag::Short(*letter));
            goes_on
        })
    }

    /// The values that a short option may have: the rest of its group, or else the argument after it.
    fn values_of(&self, letter: char) -> impl Iterator<Item = Word> {
        self.clusters.iter().filter_map(move |(letters, next)| {
            let at = letters.find(letter)?;
            match letters.get(at + letter.len_utf8()..).filter(|rest| !rest.is_empty()) {
                Some(rest) => Some(Word::literal(rest)),
                None => next.cloned(),
            }
        })
    }

    fn values_of_long(&self, wanted: &str) -> impl Iterator<Item = Word> {
        self.longs.iter().filter(move |(name, ..)| *name == wanted).filter_map(|(_, value, next)| match value {
            Some(value) => Some(Word { unknowable: value.contains(['$', '`']), ..Word::literal(value) }),
            None => next.cloned(),
        })
    }

    /// Whether a wanted argument that is no path is there; `fits` compares values.
    pub(super) fn has(&self, wanted: &Argument<'_>, fits: impl Fn(&str, &Word) -> Match) -> Match {
        let best = |words: &mut dyn Iterator<Item = Word>, value: &str| {
            words.map(|word| fits(value, &word)).max().unwrap_or(Match::No)
        };
        let certain = match wanted {
            Argument::Letters(letters) => Match::when(
                self.args.iter().any(|word| word.known().and_then(|text| text.strip_prefix('-')) == Some(letters))
                    || letters.chars().all(|letter| self.has_letter(letter)),
            ),
            Argument::Short(letter, value) => {
                let long = long_forms::of_letter(self.program, *letter).unwrap_or_default();
                best(&mut self.values_of(*letter), value).max(best(&mut self.values_of_long(long), value))
            }
            Argument::Long(name, None) => Match::when(
                self.longs.iter().any(|(found, ..)| found == name)
                    || long_forms::letter_of(self.program, name).is_some_and(|letter| self.has_letter(letter)),
            ),
            Argument::Long(name, Some(value)) => {
                let letter = long_forms::letter_of(self.program, name);
                let short = letter.map_or(Match::No, |letter| best(&mut self.values_of(letter), value));
                best(&mut self.values_of_long(name), value).max(short)
            }
            Argument::Word(text) => best(&mut self.values(), text).max(Match::when(self.has_phrase(text))),
            Argument::Path(_) => Match::No,
        };
        if certain == Match::No && (self.is_unknown() || self.may_have(wanted)) { Match::Perhaps } else { certain }
    }

    /// Whether several words stand there, one after the other.
    fn has_phrase(&self, text: &str) -> bool {
        let wanted: Vec<&str> = text.split_whitespace().collect();
        let words: Vec<&str> = self.args.iter().filter_map(Word::known).flat_map(str::split_whitespace).collect();
        wanted.len() > 1 && words.windows(wanted.len()).any(|found| found == wanted)
    }

    /// Whether an argument was known to the shell alone, so that it may be any of them.
    fn is_unknown(&self) -> bool {
        self.args.iter().any(|word| word.unknowable && word.text.starts_with(['$', '`', '~']))
    }

    /// Whether an option that labrun does not know may be the wanted one in its other form.
    fn may_have(&self, wanted: &Argument<'_>) -> bool {
        match wanted {
            Argument::Letters(letters) => {
                let missing = letters.chars().filter(|letter| !self.has_letter(*letter));
                missing.into_iter().all(|letter| self.may_have_letter(letter))
            }
            Argument::Short(letter, _) => self.may_have_letter(*letter),
            Argument::Long(name, _) => {
                let first = name.trim_start_matches('-').chars().next();
                let is_cut = |found: &str| found.len() > 2 && found != *name && name.starts_with(found);
                self.longs.iter().any(|(found, ..)| is_cut(found))
                    || long_forms::letter_of(self.program, name).is_none()
                        && first.is_some_and(|letter| self.has_letter(letter))
            }
            Argument::Word(_) | Argument::Path(_) => false,
        }
    }

    /// Whether there is a long option whose letter labrun does not know.
    fn may_have_letter(&self, letter: char) -> bool {
        let is_cut = |found: &str| {
            let long = long_forms::of_letter(self.program, letter);
            found.len() > 2 && long.is_some_and(|long| long != found && long.starts_with(found))
        };
        let knows_none = long_forms::of_letter(self.program, letter).is_none();
        self.longs
            .iter()
            .any(|(found, ..)| is_cut(found) || knows_none && long_forms::letter_of(self.program, found).is_none())
    }
}
