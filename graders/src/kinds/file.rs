//! `file: { in, path, is?, … }`: what is at a path on the host, in a container or in a volume. A part of it that has a
//! format of its own is in a file of its own.

mod access;
mod archive;
mod entries;
mod sums;

pub(super) use entries::several;

use super::content::{self, Content, quoted, shown};
use super::location::{self, Location, text};
use super::same_since::{SameSince, UNWRITTEN_SINCE};
use super::target::presence;
use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::document::Format;
use crate::fact::{Ask, Fact, Facts, FileKind, Place};
use crate::grader::Grader;
use crate::name::{Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Rule, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// What can be wanted at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    File,
    Directory,
    Absent,
}

const WORDS: [&str; 3] = ["file", "directory", "absent"];

/// Wants a file, perhaps with some content.
#[derive(Debug)]
pub struct File {
    location: Location,
    is: Is,
    content: Content,
    lacks: Vec<Text>,
    access: access::Wanted,
    archive: Option<archive::Wanted>,
    sums: Option<sums::Wanted>,
    /// What it must have as YAML or JSON.
    documents: Vec<entries::Wanted>,
    /// Nothing was written to it since then.
    same_since: Option<SameSince>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `file` check",
    &[
        location::IN,
        location::PATH,
        Field::optional("is", Form::Word(&WORDS), "What stands there. Only a `file` has content.").default("file"),
        content::HAS_LINES,
        content::LINES,
        content::CONTAINS,
        content::LACKS,
        access::MODE,
        access::OWNER,
        archive::ARCHIVE,
        sums::SUMS,
        entries::YAML,
        entries::JSON,
        UNWRITTEN_SINCE,
    ],
)
.rules(&[Rule::AtMostOne(&["has_lines", "lines"])]);

impl Described for File {
    const ABOUT: &'static str = "Something stands at a path, or nothing does.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for File {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let location = Location::read(&mut fields);
        let is = fields.optional::<Text>("is").map(|text| match text.text.as_str() {
            "file" => Some(Is::File),
            "directory" => Some(Is::Directory),
            "absent" => Some(Is::Absent),
            found => {
                let message = format!("a path is never `{text}`");
                unknown(fields.faults, "unknown-value", text.span, message, found, WORDS);
                None
            }
        });
        let content = Content::read(&mut fields);
        let lacks = entries::several(&mut fields, "lacks").unwrap_or_default();
        let access = access::Wanted::read(&mut fields);
        let archive = fields.optional("archive");
        let sums = fields.optional("sums");
        let documents = [Format::Yaml, Format::Json].map(|format| entries::Wanted::read(&mut fields, format));
        let documents = documents.into_iter().flatten().collect();
        let same_since = SameSince::read(&mut fields);
        let is = is.unwrap_or(Some(Is::File));
        // What a faulty location leaves is enough to find more faults by.
        let Some((location, kind)) = location.zip(is) else {
            fields.end();
            return None;
        };
        let file = Self { location, is: kind, content, lacks, access, archive, sums, documents, same_since };
        if file.same_since.is_some() && (kind != Is::File || file.location.object().is_none()) {
            fields.conflict("only of a file in a container or volume is it known when it was written to");
        }
        if kind != Is::File && file.has_content() {
            fields.conflict(
                "only a file has content: with `is: file` or without `is` stand `has_lines`, `lines`, `contains`, \
                             `lacks`, `archive`, `sums`, `yaml` and `json`",
            );
        }
        if kind == Is::Absent && !file.access.is_anything() {
            fields.conflict("what is gone has no `mode` and no `owner`");
        }
        fields.end();
        Some(file)
    }
}

impl File {
    /// Whether its text is to be read.
    fn has_text(&self) -> bool {
        !self.content.is_anything() || !self.lacks.is_empty() || self.sums.is_some() || !self.documents.is_empty()
    }

    fn has_content(&self) -> bool {
        self.has_text() || self.archive.is_some()
    }

    /// What is wrong with its text, if anything is.
    fn judge_text(&self, text: &str, at: &str, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        let lacks = || {
            let plain = text.replace("\r\n", "\n");
            let found = self.lacks.iter().find(|unwanted| plain.contains(unwanted.text.trim_end_matches('\n')))?;
            let lines: Vec<&str> = text.lines().filter(|line| line.contains(found.text.trim())).collect();
            let sentence = "The file has something that should not be in it. How did it get there?";
            let expected = format!("{at} lacks {}", quoted(&found.text));
            Some(Feedback::wrong(expected, shown(&lines), sentence).diagnosed("unwanted-text"))
        };
        if let Some(feedback) = self.content.judge(text, at).or_else(lacks) {
            return Ok(Some(feedback));
        }
        let mut documents = self.documents.iter().filter_map(|document| document.judge(text, at));
        match (documents.next(), &self.sums) {
            (Some(feedback), _) => Ok(Some(feedback)),
            (None, Some(sums)) => sums.judge(text, &self.location, facts),
            (None, None) => Ok(None),
        }
    }

    /// What is wrong with its mode or owner, if anything is.
    fn judge_access(&self, at: &str, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        if self.access.is_anything() {
            return Ok(None);
        }
        match facts.access(&self.location.place(), self.location.path())? {
            Some(access) => self.access.judge(access, at),
            None => Ok(Some(Feedback::not_begun(self.wants(), format!("there is no {at}")))),
        }
    }

    fn judge_archive(&self, at: &str, facts: &Facts) -> Result<Option<Feedback>, CannotLook> {
        let Some(wanted) = &self.archive else { return Ok(None) };
        match facts.archive(&self.location.place(), self.location.path())? {
            Some(archive) => wanted.judge(archive, at),
            None => Ok(Some(Feedback::not_begun(self.wants(), format!("there is no {at}")))),
        }
    }

    /// Whether it is not there, or has only what it had before this step: then what was to be written went elsewhere.
    fn is_untouched(&self, facts: &Facts) -> bool {
        matches!(self.judge(facts), Ok(Finding::Fail(feedback)) if !feedback.begun)
    }

    /// A file that is gone together with what it was in is not what was asked for.
    fn judge_absence(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        if let Some(holder) = self.location.object()
            && *facts.get(&presence(holder))? == Fact::Absent
        {
            return Ok(not_begun(self.wants(), format!("there is no {} {holder}", holder.kind.word())));
        }
        Ok(pass(None))
    }
}

impl Grader for File {
    fn wants(&self) -> String {
        let at = self.location.describe();
        match self.is {
            Is::Absent => format!("{at} is gone"),
            Is::Directory => {
                let wants = std::iter::once("is a directory".to_owned()).chain(self.access.wants());
                format!("{at} {}", wants.collect::<Vec<_>>().join(" and "))
            }
            Is::File => {
                let mut wants = self.content.predicates();
                wants.extend(self.lacks.iter().map(|text| format!("lacks {}", quoted(&text.text))));
                wants.extend(self.documents.iter().flat_map(entries::Wanted::wants));
                wants.extend(self.sums.as_ref().map(sums::Wanted::wants));
                wants.extend(self.archive.as_ref().map(archive::Wanted::wants));
                wants.extend(self.access.wants());
                let same = if self.same_since.is_some() { ", not written to since" } else { "" };
                if wants.is_empty() {
                    format!("{at} exists{same}")
                } else {
                    format!("{at} {}{same}", wants.join(" and "))
                }
            }
        }
    }

    fn asks(&self) -> Vec<Ask> {
        let holder = self.location.object().filter(|_| self.is == Is::Absent).map(presence);
        let (place, path) = (self.location.place(), self.location.path().to_owned());
        let sums = self.sums.iter().flat_map(|sums| sums.paths(&self.location));
        let digests = sums.map(|path| Ask::Digest { place: place.clone(), path });
        let mut asks: Vec<Ask> = std::iter::once(self.location.ask()).chain(holder).chain(digests).collect();
        if self.archive.is_some() {
            asks.push(Ask::Archive { place: place.clone(), path: path.clone() });
        }
        if !self.access.is_anything() {
            asks.push(Ask::Access { place, path });
        }
        asks.extend(self.same_since.iter().map(SameSince::asks_of_file));
        asks
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let at = self.location.describe();
        let file = facts.file(&self.location.place(), self.location.path())?;
        let Some(file) = file else {
            return match self.is {
                Is::Absent => self.judge_absence(facts),
                _ => Ok(not_begun(self.wants(), format!("there is no {at}"))),
            };
        };
        // A host's clock need not be the engine's, by which evidence counts.
        let modified = file.modified.filter(|_| self.location.object().is_some());
        match (self.is, file.kind) {
            (Is::Absent, _) => Ok(not_begun(self.wants(), format!("{at} is still there"))),
            (Is::Directory, FileKind::Directory) => {
                Ok(self.judge_access(&at, facts)?.map_or_else(|| pass(None), Finding::Fail))
            }
            (Is::File, FileKind::Regular) => {
                let mut since = None;
                if self.has_text() {
                    let text = text(file, &at)?;
                    if let Some(feedback) = self.judge_text(text, &at, facts)? {
                        return Ok(Finding::Fail(feedback));
                    }
                    // Otherwise, when it came about is not known: it may have been written to since.
                    since = modified.filter(|_| self.access.is_anything() && self.content.is_last_in(text));
                }
                if let Some(feedback) = self.judge_archive(&at, facts)? {
                    return Ok(Finding::Fail(feedback));
                }
                if let Some(feedback) = self.judge_access(&at, facts)? {
                    return Ok(Finding::Fail(feedback));
                }
                if let Some(same) = &self.same_since
                    && let Some(feedback) = same.written(modified, &at, &self.wants(), facts)?
                {
                    return Ok(Finding::Fail(feedback));
                }
                Ok(pass(since))
            }
            (_, kind) => {
                let sentence = "What should stand at this path: a file or a directory?";
                let seen = format!("{at} is {}", kind.describe());
                Ok(Finding::Fail(Feedback::wrong(self.wants(), seen, sentence).diagnosed("file-or-directory")))
            }
        }
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        if self.is == Is::Absent {
            return Vec::new();
        }
        let place = self.location.place();
        let mut asks = near::place::asks(&place, facts);
        if self.is_untouched(facts) {
            asks.extend(near::place::asks_inside(&place, self.location.path(), facts));
            if place == Place::Host {
                asks.extend(near::alike::asks_of_host(self.location.path(), facts));
            }
        }
        asks
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        if self.is == Is::Absent {
            return Vec::new();
        }
        let place = self.location.place();
        let wanted = near::attempt::Wanted { path: self.location.path(), texts: self.content.texts() };
        let wants = self.wants();
        let mut near: Vec<Feedback> = near::attempt::last(&wanted, &wants, facts).into_iter().collect();
        near.extend(near::typed::no_such_container(&wants, facts));
        if self.is_untouched(facts) {
            near.extend(near::place::missing(&place, &wanted, &wants, facts));
            if place == Place::Host {
                near.extend(near::alike::on_host(self.location.path(), &wants, facts));
            }
        }
        near
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.location.visit(visitor);
        self.content.visit(visitor);
        for text in &mut self.lacks {
            visitor.text(text);
        }
        if let Some(archive) = &mut self.archive {
            archive.visit(visitor);
        }
        if let Some(sums) = &mut self.sums {
            sums.visit(visitor);
        }
        for document in &mut self.documents {
            document.visit(visitor);
        }
        if let Some(same) = &self.same_since {
            same.visit(visitor);
        }
    }
}
