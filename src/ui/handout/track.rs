//! A track as a page: what its labs are, and in which order.

use super::sheet::{Sheet, plain};
use labrun_lab::{Lab, Track};

/// A track as a page, with a link to the page of each of its labs.
#[must_use]
pub fn track(track: &Track, labs: &[Lab]) -> String {
    let mut sheet = Sheet::default();
    sheet.heading(1, &track.title);
    sheet.block(&track.summary);
    let minutes: u32 = labs.iter().map(|lab| lab.minutes).sum();
    sheet.block(&format!("{} labs, about {minutes} minutes in all. Each can be done by itself.", labs.len()));
    let mut table =
        String::from("| lab | level | minutes | steps | what it is about |\n| --- | --- | ---: | ---: | --- |\n");
    for lab in labs {
        let (id, title, summary) = (&lab.id, plain(&lab.title), plain(&lab.summary));
        table +=
            &format!("| [{title}]({id}.md) | {} | {} | {} | {summary} |\n", lab.level, lab.minutes, lab.steps.len());
    }
    sheet.block(&table);
    if let Some(first) = labs.first() {
        sheet.block(&format!("Begin with `labrun start {}`; at the end of a lab, labrun names the next.", first.id));
    }
    sheet.end()
}
