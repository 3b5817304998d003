//! A lab as one page of Markdown: for paper, for a laptop that fails, and for the book.

mod harmless;
mod help;
mod sheet;
#[cfg(test)]
mod tests;
mod track;

use std::borrow::Cow;

use labrun_graders::name::NameKind;

use help::{hints, needed_help, solutions};
use labrun_lab::{AsName, Lab, Step};
use sheet::Sheet;

pub use track::track;

/// Where hints and solutions stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// Hints in a chapter at the end, where nobody reads them by accident; no solutions.
    Hints,
    /// Hints, and after them the solutions.
    Solutions,
    /// Both below their step, each folded until it is opened: for a page that is read on a screen.
    Folded,
}

/// What a lab can own, and the command that removes it by hand.
const KINDS: [(NameKind, &str); 5] = [
    (NameKind::Container, "docker rm -f -v"),
    (NameKind::Volume, "docker volume rm"),
    (NameKind::Network, "docker network rm"),
    (NameKind::Image, "docker rmi"),
    (NameKind::Path, "rm -r"),
];

/// A lab as a page, with the names that it was loaded with for this learner.
#[must_use]
pub fn handout(lab: &Lab, learner: Option<&AsName>, help: Help) -> String {
    let mut sheet = Sheet::default();
    sheet.heading(1, &lab.title);
    sheet.block(&lab.summary);
    sheet.block(&facts(lab));
    requirements(&mut sheet, lab, learner);
    sheet.heading(2, "Briefing");
    sheet.markdown(2, &lab.briefing.text);
    let mut part = None;
    for (index, step) in lab.steps.iter().enumerate() {
        let this = lab.part_of(index);
        if index == 0 || this != part {
            let title = this.map_or("Steps".to_owned(), |(number, title)| format!("Part {number}: {title}"));
            sheet.heading(2, &title);
            part = this;
        }
        task(&mut sheet, index, step);
        if help == Help::Folded {
            needed_help(&mut sheet, step);
        }
    }
    if !lab.wrap_up.text.is_empty() {
        sheet.heading(2, "Wrap-up");
        sheet.markdown(2, &lab.wrap_up.text);
    }
    clean_up(&mut sheet, lab);
    if help != Help::Folded {
        hints(&mut sheet, lab);
    }
    if help == Help::Solutions {
        solutions(&mut sheet, lab);
    }
    sheet.end()
}

/// Level, time and length, in a line.
fn facts(lab: &Lab) -> String {
    let (steps, s) = (lab.steps.len(), if lab.steps.len() == 1 { "" } else { "s" });
    let exam = lab.exam_minutes.map(|minutes| format!(" · as an exam {minutes} minutes")).unwrap_or_default();
    format!("*{} · about {} minutes · {steps} step{s}{exam}*", lab.level, lab.minutes)
}

/// What must be there, what must not, and that a program would help.
fn requirements(sheet: &mut Sheet, lab: &Lab, learner: Option<&AsName>) {
    sheet.heading(2, "What you need");
    let images: Vec<String> = lab.images.iter().map(|image| format!("the image `{image}`")).collect();
    let needs: Vec<String> = std::iter::once("a Docker engine".to_owned()).chain(images).collect();
    sheet.block(&format!("You need {}.", listed(&needs)));
    let owned: Vec<String> = KINDS.iter().filter_map(|(kind, _)| owned(lab, *kind)).collect();
    if !owned.is_empty() {
        sheet.block(&format!("You will make {}: none of these may be there before you begin.", listed(&owned)));
    }
    let name = learner.map(|name| format!(" --as {name}")).unwrap_or_default();
    sheet.block(&format!(
        "With labrun every command is checked as you go, and you are told what is not right yet: `labrun start {}{name}`.",
        lab.id
    ));
}

/// "the containers `a` and `b`"; `None` where the lab owns none of the kind.
fn owned(lab: &Lab, kind: NameKind) -> Option<String> {
    let names: Vec<String> = names(lab, kind).map(|name| format!("`{name}`")).collect();
    let s = if names.len() == 1 { "" } else { "s" };
    (!names.is_empty()).then(|| format!("the {}{s} {}", kind.word(), listed(&names)))
}

fn names(lab: &Lab, kind: NameKind) -> impl Iterator<Item = &str> {
    lab.owns.names.iter().filter(move |name| name.kind == kind).map(|name| name.text.as_str())
}

/// "a, b and c".
fn listed(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => items.concat(),
    }
}

fn task(sheet: &mut Sheet, index: usize, step: &Step) {
    sheet.heading(3, &format!("Step {}: {}", index + 1, step.title));
    if let Some(tool) = step.needs {
        sheet.block(&format!("*This step takes {tool}. Without it, pass the step over.*"));
    }
    sheet.markdown(3, &step.task.text);
    let asked = step.checks.iter().filter(|check| check.asks_outright()).find_map(|check| check.question());
    if let Some(question) = asked {
        // One line each: the question, and the choices where there are any.
        let lines: Vec<&str> = question.trim().lines().collect();
        sheet.block(&format!("**Question:** {}", lines.join("  \n")));
    }
    let wants = step.checks.iter().filter(|check| !check.asks_outright()).map(|check| check.wants());
    let boxes: String = wants.map(|wants| format!("- [ ] {}\n", sheet::plain(&wants))).collect();
    if !boxes.is_empty() {
        sheet.block("Done when:");
        sheet.block(&boxes);
    }
}

/// The commands that remove what the lab owns, for somebody who has no labrun to do it.
fn clean_up(sheet: &mut Sheet, lab: &Lab) {
    let mut commands = String::new();
    for (kind, command) in KINDS {
        let names: Vec<Cow<str>> = names(lab, kind).map(quoted).collect();
        if !names.is_empty() {
            commands += &format!("{command} {}\n", names.join(" "));
        }
    }
    if !commands.is_empty() {
        sheet.heading(2, "Cleaning up");
        sheet.block("`labrun reset` removes what the lab made and nothing else. By hand, as far as it is still there:");
        sheet.code("sh", &commands);
    }
}

/// A name as a shell takes it for one word: a path may have anything in it, and this is copied into a terminal.
fn quoted(name: &str) -> Cow<'_, str> {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || "/._:@-".contains(c)) {
        name.into()
    } else {
        format!("'{}'", name.replace('\'', r"'\''")).into()
    }
}
