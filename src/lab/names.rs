//! A learner's form of a lab's names.
//!
//! With `--as alice`, the owned name `app-data` becomes `alice-app-data` and the owned path `/tmp/dind` becomes
//! `/tmp/alice-dind`; without, names are what the lab calls them. Names that the lab doesn't own are left alone.

use std::fmt;
use std::str::FromStr;

use labrun_graders::name::{Name, NameKind, Text, Visitor};
use labrun_graders::path::leads_up;

use super::decode::is_kebab_case;
use super::model::{Lab, Owns};

/// A learner's name on a shared engine: kebab-case, at most 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsName(String);

impl FromStr for AsName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if is_kebab_case(text) && text.len() <= 32 {
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
    prefix: Option<AsName>,
}

impl Names {
    /// The names of a lab that owns these, for this learner.
    #[must_use]
    pub fn new(owns: &Owns, learner: Option<AsName>) -> Self {
        let owned = owns.names.iter().map(|name| (name.kind, name.text.clone())).collect();
        Self { owned, prefix: learner }
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

    /// The owned name that this one is, or for a path lies below.
    fn owner(&self, kind: NameKind, name: &str) -> Option<&str> {
        self.owned.iter().filter(|(owned_kind, _)| *owned_kind == kind).map(|(_, owned)| owned.as_str()).find(|owned| {
            // `/tmp/dind/../../etc` begins like an owned path, and is none.
            let below = || name.strip_prefix(owned).is_some_and(|rest| rest.starts_with('/') && !leads_up(rest));
            *owned == name || (kind == NameKind::Path && below())
        })
    }

    fn any_form(&self, name: &str) -> String {
        let kind = self.owned.iter().find(|(_, owned)| owned == name).map(|(kind, _)| *kind);
        kind.map_or_else(|| self.form(NameKind::Path, name), |kind| self.form(kind, name))
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
