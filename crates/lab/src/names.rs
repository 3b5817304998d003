//! A learner's form of a lab's names.
//!
//! With `--as alice`, the owned name `app-data` becomes `alice-app-data` and the owned path `/tmp/dind` becomes
//! `/tmp/alice-dind`; without, names are what the lab calls them. Names that the lab doesn't own are left alone.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use labrun_graders::decode::is_id;
use labrun_graders::name::{Name, NameKind, Text, Visitor};
use labrun_graders::path::leads_up;

use super::model::{Lab, Owns};

/// A learner's name on a shared engine: kebab-case, at most 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsName(String);

impl FromStr for AsName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if is_id(text) && text.len() <= 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err("a name is up to 32 lower-case letters and digits, joined by `-`".to_owned())
        }
    }
}

impl fmt::Display for AsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsName {
    /// The same with a number: for somebody who does several things at once.
    #[must_use]
    pub fn numbered(&self, number: usize) -> Self {
        Self(format!("{}-{number}", self.0))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a lab's names are called for one learner.
#[derive(Clone, Debug)]
pub struct Names {
    owned: Vec<(NameKind, String)>,
    /// Where in `owned` a name stands: once a kind.
    places: HashMap<String, Vec<usize>>,
    /// The lengths that owned names have, in bytes.
    lengths: BTreeSet<usize>,
    prefix: Option<AsName>,
}

impl Names {
    /// The names of a lab that owns these, for this learner.
    #[must_use]
    pub fn new(owns: &Owns, learner: Option<AsName>) -> Self {
        let owned: Vec<(NameKind, String)> = owns.names.iter().map(|name| (name.kind, name.text.clone())).collect();
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, (_, name)) in owned.iter().enumerate() {
            places.entry(name.clone()).or_default().push(place);
        }
        let lengths = owned.iter().map(|(_, name)| name.len()).collect();
        Self { owned, places, lengths, prefix: learner }
    }

    /// The learner's form of a name of this kind; as it is, if the lab does not own it.
    #[must_use]
    pub fn form(&self, kind: NameKind, name: &str) -> String {
        match self.owner(kind, name) {
            Some(owned) if kind == NameKind::Path => format!("{}{}", self.path_form(owned), &name[owned.len()..]),
            Some(owned) => self.prefixed(owned),
            None => name.to_owned(),
        }
    }

    /// Whether the lab owns this name, or for a path a folder above it.
    #[must_use]
    pub fn owns(&self, kind: NameKind, name: &str) -> bool {
        self.owner(kind, name).is_some()
    }

    /// The text with every `@{name}` in the learner's form.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        if !text.contains("@{") {
            return text.to_owned();
        }
        let mut filled = String::with_capacity(text.len() + 32);
        let mut rest = text;
        for mention in mentions(text) {
            let start = mention.start - (text.len() - rest.len());
            filled.push_str(&rest[..start]);
            filled.push_str(&self.any_form(mention.name));
            rest = &text[mention.end..];
        }
        filled.push_str(rest);
        filled
    }

    /// Gives a whole lab this learner's names.
    pub(super) fn apply(&self, lab: &mut Lab) {
        let texts = [&mut lab.briefing, &mut lab.wrap_up];
        let mut filler = Filler(self);
        texts.into_iter().for_each(|text| filler.text(text));
        for step in &mut lab.steps {
            step.texts_mut().for_each(|text| filler.text(text));
            for check in &mut step.checks {
                check.visit(&mut filler);
            }
            for own in &mut step.diagnoses {
                own.visit(&mut filler);
            }
            for mistake in &mut step.mistakes {
                filler.text(&mut mistake.run);
                // What a mistake leaves is not owned, but its name may be made from an owned one.
                for name in &mut mistake.leaves {
                    name.text = self.fill(&name.text);
                }
            }
        }
        for name in &mut lab.owns.names {
            filler.name(name);
        }
    }

    /// Whether a text may speak of this: an owned name of whatever kind, or a path below an owned one.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.places.contains_key(name) || self.owns(NameKind::Path, name)
    }

    /// The owned names that stand in a text as words of their own and not as `@{name}`, in the order they are owned.
    #[must_use]
    pub fn bare_in(&self, text: &str) -> Vec<&str> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut before = None;
        for (at, c) in text.char_indices() {
            let begins = begins_word(before);
            before = Some(c);
            // A look into the map for each length: lab and text may be long, and every text is looked through for all.
            for length in self.lengths.iter().filter(|_| begins) {
                if let Some(name) = text.get(at..at + length)
                    && let Some(places) = self.places.get(name)
                    && !goes_on(name, &text[at + length..])
                {
                    found.extend(places);
                }
            }
        }
        found.into_iter().filter_map(|place| self.owned.get(place)).map(|(_, name)| name.as_str()).collect()
    }

    /// The owned name that this one is, or for a path lies below.
    fn owner(&self, kind: NameKind, name: &str) -> Option<&str> {
        let is_kind = |place: &&usize| self.owned.get(**place).is_some_and(|(owned, _)| *owned == kind);
        let of_kind = |name: &str| self.places.get(name).and_then(|places| places.iter().find(is_kind));
        // `/tmp/dind/../../etc` begins like an owned path, and is none.
        let is_below = |at: &usize| kind == NameKind::Path && !leads_up(&name[*at..]);
        let above = name.match_indices('/').map(|(at, _)| at).filter(is_below).map(|at| &name[..at]);
        let place = above.chain([name]).filter_map(of_kind).min()?;
        self.owned.get(*place).map(|(_, owned)| owned.as_str())
    }

    fn any_form(&self, name: &str) -> String {
        let first = self.places.get(name).and_then(|places| self.owned.get(*places.first()?));
        first.map_or_else(|| self.form(NameKind::Path, name), |(kind, _)| self.form(*kind, name))
    }

    fn prefixed(&self, name: &str) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}-{name}"),
            None => name.to_owned(),
        }
    }

    fn path_form(&self, path: &str) -> String {
        match path.rsplit_once('/') {
            Some((above, last)) => format!("{above}/{}", self.prefixed(last)),
            None => path.to_owned(),
        }
    }
}

struct Filler<'a>(&'a Names);

impl Visitor for Filler<'_> {
    fn name(&mut self, name: &mut Name) {
        name.text = self.0.form(name.kind, &name.text);
    }

    fn text(&mut self, text: &mut Text) {
        text.text = self.0.fill(&text.text);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_-/{".contains(c)
}

/// Whether a word begins after this character.
fn begins_word(before: Option<char>) -> bool {
    !before.is_some_and(|c| is_word(c) || c == '.')
}

/// Whether the word that begins with this name has more to it.
fn goes_on(name: &str, after: &str) -> bool {
    let mut after = after.chars();
    match after.next() {
        // A full stop ends a sentence, but goes on in `app-data.old`.
        Some('.') => after.next().is_some_and(char::is_alphanumeric),
        Some('/') => !name.starts_with('/'),
        Some(c) => is_word(c) || c == '}',
        None => false,
    }
}

/// Where a name stands in a text as a word of its own and not as `@{name}`.
pub(super) fn bare(text: &str, name: &str) -> Option<usize> {
    text.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| begins_word(text[..*at].chars().next_back()) && !goes_on(name, &text[at + name.len()..]))
}

/// A `@{name}` in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The name between the braces.
    pub name: &'a str,
    /// Offset of the `@`.
    pub start: usize,
    /// Offset after the `}`.
    pub end: usize,
}

/// Every `@{name}` in a text, in order. An opened brace that is never closed mentions nothing.
pub fn mentions(text: &str) -> impl Iterator<Item = Mention<'_>> {
    text.match_indices("@{").filter_map(move |(start, _)| {
        let name = &text[start + 2..];
        let name = &name[..name.find('}')?];
        Some(Mention { name, start, end: start + name.len() + 3 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use labrun_graders::node::Span;

    fn names(learner: Option<&str>) -> Names {
        let owned = [(NameKind::Volume, "app-data"), (NameKind::Path, "/tmp/dind")];
        let names = owned.into_iter().map(|(kind, text)| Name { kind, text: text.to_owned(), span: Span::default() });
        Names::new(&Owns { names: names.collect() }, learner.map(|name| name.parse().expect("a name")))
    }

    #[test]
    fn owned_names_get_a_learners_form_and_others_stay() {
        let alice = names(Some("alice"));
        let text = "docker run -v @{app-data}:/data -v @{/tmp/dind}/x:/y busybox; echo ${HOME} {{.Name}} app-data2";
        assert_eq!(
            alice.fill(text),
            "docker run -v alice-app-data:/data -v /tmp/alice-dind/x:/y busybox; echo ${HOME} {{.Name}} app-data2"
        );
        assert_eq!(alice.form(NameKind::Path, "/tmp/dind/test.txt"), "/tmp/alice-dind/test.txt");
        assert_eq!(alice.form(NameKind::Path, "/tmp/dind2"), "/tmp/dind2");
        for elsewhere in ["/tmp/dind/../../etc/shadow", "/tmp/dind/..", "/tmp/dind/a/../../b", "/tmp/dind2", "/tmp"] {
            assert!(!alice.owns(NameKind::Path, elsewhere), "{elsewhere}");
        }
        assert_eq!(alice.form(NameKind::Container, "app-data"), "app-data", "names are mapped by kind");
        assert_eq!(names(None).fill("@{app-data} and @{/tmp/dind}"), "app-data and /tmp/dind");
    }

    #[test]
    fn a_bare_name_is_a_word_of_its_own() {
        for text in ["app-data", "-v app-data:/x", "\"app-data\"", "Use app-data.", "app-data, then", "x=app-data"] {
            assert!(bare(text, "app-data").is_some(), "{text}");
        }
        for text in ["@{app-data}", "app-data2", "my-app-data", "/app-data", "app-data/x", "app-data.old", "app_data"] {
            assert!(bare(text, "app-data").is_none(), "{text}");
        }
        assert!(bare("cat /tmp/dind/test.txt", "/tmp/dind").is_some());
        assert!(bare("cat /tmp/dind2", "/tmp/dind").is_none());
    }

    /// Pieces that names and what stands around them are made of.
    const PIECES: [&str; 14] =
        ["app-data", "app", "-data", "/tmp/dind", "/tmp", "/", ".", "..", "x", " ", "@{", "}", ":", "é"];

    proptest::proptest! {
        #[test]
        fn all_names_looked_for_at_once_are_those_found_one_by_one(
            owned in proptest::collection::vec(proptest::sample::select(&["app-data", "app", "/tmp/dind", "/tmp", "x"][..]), 0..5),
            text in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12),
        ) {
            let (text, mut once) = (text.concat(), owned.clone());
            let mut seen = std::collections::HashSet::new();
            once.retain(|name| seen.insert(*name));
            let kind = |name: &str| if name.starts_with('/') { NameKind::Path } else { NameKind::Volume };
            let names = once.iter().map(|name| Name { kind: kind(name), text: (*name).to_owned(), span: Span::default() });
            let names = Names::new(&Owns { names: names.collect() }, None);
            let one_by_one: Vec<&str> = once.iter().copied().filter(|name| bare(&text, name).is_some()).collect();
            proptest::prop_assert_eq!(names.bare_in(&text), one_by_one);
        }
    }

    #[test]
    fn a_learners_name_is_kebab_case() {
        for name in ["", "Alice", "a_b", "-a", "a--b", "a/b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(name.parse::<AsName>().is_err(), "{name}");
        }
        assert!("verify-7f3a".parse::<AsName>().is_ok());
    }

    #[test]
    fn an_open_brace_mentions_nothing() {
        assert_eq!(mentions("a @{b and @{c").count(), 0);
        assert_eq!(names(None).fill("a @{b"), "a @{b");
    }
}
