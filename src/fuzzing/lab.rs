//! A lab's file, from YAML to what is shown of it: every fault points into the file, and nothing in it reaches a screen as
//! more than text.

use std::path::PathBuf;

use super::{assert_shown, without_colours};
use crate::ui::{Page, Theme};
use labrun_lab::{Source, mentions, read_text};

/// A `lab.yaml`; after a NUL the Markdown of the files that it names.
///
/// # Panics
/// Where something does not hold.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (text, beside) = text.split_once('\0').unwrap_or((text, "A briefing.\n"));
    let learner = (text.len() % 2 == 0).then(|| "ada".parse().expect("a name"));
    let (width, colour) = (if text.len() % 3 == 0 { 40 } else { 80 }, text.len() % 5 == 0);
    let page = Page { width, theme: Theme { colour }, in_shell: false, by_sudo: false };
    let screen = match read_text(Source::Folder(PathBuf::from("lab")), text, |_| Ok(beside.to_owned()), learner) {
        Ok(loaded) => {
            let lab = &loaded.lab;
            assert!(!lab.id.is_empty() && !lab.steps.is_empty() && loaded.hash.len() == 64);
            // Every name was given the learner's form.
            let texts = lab.steps.iter().flat_map(|step| step.hints.iter().chain([&step.task, &step.solution]));
            assert_eq!(texts.flat_map(|text| mentions(&text.text)).count(), 0);
            (0..lab.steps.len()).map(|index| page.preview(lab, index)).collect()
        }
        Err(faulty) => {
            assert!(!faulty.faults.is_empty());
            for fault in &faulty.faults {
                let (line, column) = fault.position();
                assert!(line <= text.lines().count().max(beside.lines().count()) + 1 && column >= 1);
            }
            page.faults(&faulty)
        }
    };
    assert_shown(&without_colours(&screen));
}
