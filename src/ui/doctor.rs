//! What `labrun doctor` found: a line a check, what to do under it, and a line to paste.

#[cfg(test)]
mod tests;

use super::page::Page;
use super::theme::Role;
use labrun_engine::doctor::{Checked, Finding, Report, Word};
use labrun_lab::visible::visible;

/// On a narrower page what was seen follows the check's name, in columns.
const NARROW: usize = 60;

/// So many checks in a row that are skipped for one reason are told in one line.
const FOLDED: usize = 3;

impl Page {
    /// Every check with its remedy, and the summary.
    #[must_use]
    pub fn doctor(&self, report: &Report) -> String {
        let widest = report.checks.iter().map(|checked| checked.check.len()).max().unwrap_or_default();
        let alike = report.checks.chunk_by(|one, next| is_skip(one) && one.finding == next.finding);
        let told = alike.map(|alike| match alike {
            [first, .., last] if alike.len() >= FOLDED => self.skipped_alike(alike, first, last),
            alike => alike.iter().map(|checked| self.checked(checked, widest)).collect(),
        });
        let mut screen: String = told.collect();
        if report.checks.iter().any(|checked| is_for_administrator(&checked.finding)) {
            screen += "\n";
            screen += &self.quiet("(admin) takes somebody who administers this machine.");
        }
        screen += "\n";
        // Not wrapped: what the terminal breaks is pasted as one line.
        screen + &self.doctor_summary(report) + "\n"
    }

    /// Checks that are skipped for one reason, in one line.
    fn skipped_alike(&self, alike: &[Checked], first: &Checked, last: &Checked) -> String {
        let word = self.theme.paint(Role::Quiet, "- skip");
        let names = format!("{} to {}, {} checks", first.check, last.check, alike.len());
        self.wrap_under(&format!("{word} "), "       ", &format!("{names}: {}", first.finding.seen))
    }

    /// A check: a mark and a word, its name, what was seen; and what to do.
    fn checked(&self, checked: &Checked, widest: usize) -> String {
        let finding = &checked.finding;
        let (role, mark) = match finding.word {
            Word::Ok => (Role::Good, "✓"),
            Word::Warn => (Role::Open, "!"),
            Word::Fail => (Role::Bad, "✗"),
            Word::Skip => (Role::Quiet, "-"),
        };
        let first = self.theme.paint(role, &format!("{mark} {:<4}", finding.word.word()));
        let is_narrow = self.width < NARROW;
        let under = " ".repeat(if is_narrow { 7 } else { widest + 9 });
        let mut text = if is_narrow {
            self.wrap(&format!("{first} "), &format!("{}: {}", checked.check, finding.seen))
        } else {
            self.wrap(&format!("{first} {:<widest$}  ", checked.check), &finding.seen)
        };
        if let Some(remedy) = &finding.remedy {
            let admin = if remedy.administrator { "(admin) " } else { "" };
            text += &self.wrap_under(
                &format!("{under}try: "),
                &format!("{under}     "),
                &format!("{admin}{}", remedy.text),
            );
        }
        text
    }

    /// One line for a chat: which labrun, which engine, how many checks ended how, and which were not well.
    #[must_use]
    pub fn doctor_summary(&self, report: &Report) -> String {
        let engine = match &report.engine {
            Some(engine) => {
                let via = report.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
                format!("{} {}{via} · {}", engine.product, engine.version, engine.platform)
            }
            None => format!("no engine · {}", labrun_engine::doctor::host_platform()),
        };
        let ended = |word: Word| report.checks.iter().filter(move |checked| checked.finding.word == word);
        let mut parts = vec![format!("{} ok", ended(Word::Ok).count())];
        for word in [Word::Warn, Word::Fail] {
            let such: Vec<String> = ended(word).map(named).collect();
            if !such.is_empty() {
                parts.push(format!("{} {} ({})", such.len(), word.word(), such.join(", ")));
            }
        }
        let text = format!("labrun {} · {engine} · {}", env!("CARGO_PKG_VERSION"), parts.join(", "));
        visible(&text).into_owned()
    }
}

fn is_skip(checked: &Checked) -> bool {
    checked.finding.word == Word::Skip
}

/// A check with what it is about: "images busybox".
fn named(checked: &Checked) -> String {
    match &checked.finding.about {
        Some(about) => format!("{} {about}", checked.check),
        None => checked.check.to_owned(),
    }
}

fn is_for_administrator(finding: &Finding) -> bool {
    finding.remedy.as_ref().is_some_and(|remedy| remedy.administrator)
}
