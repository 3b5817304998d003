//! `names`: whether the names that the labs own are free.

use crate::doctor::finding::{Finding, Judged};
use crate::doctor::needs::Needs;
use crate::doctor::seen::Seen;

pub(super) fn judge(seen: &Seen, needs: &Needs) -> Judged {
    seen.told(&seen.info)?;
    let labs = seen.told(&seen.taken)?;
    let mut taken: Vec<String> =
        labs.iter().flat_map(|(_, taken)| taken).map(|taken| format!("{} {}", taken.kind.word(), taken.name)).collect();
    taken.dedup();
    let begun: Vec<&str> = needs.labs.iter().filter(|needs| needs.begun).map(|needs| needs.id.as_str()).collect();
    if begun.is_empty() && needs.labs.iter().all(|needs| !needs.meant) {
        return Ok(Finding::skip("no lab is named or begun: labrun doctor LAB looks at its names"));
    }
    let Some(first) = taken.first() else {
        return Ok(match (begun.len(), needs.labs.len()) {
            (0, _) => Finding::ok("all free"),
            (_, 1) => Finding::ok("in use by the lab, which you have begun"),
            _ => Finding::ok(format!("in use by what you have begun: {}", begun.join(", "))),
        });
    };
    let what = format!("already here, and not made by a lab of yours: {}", taken.join(", "));
    let names = match &needs.learner {
        Some(learner) => format!("take another name than {learner} with --as"),
        None => "take names of your own with --as NAME".to_owned(),
    };
    let remedy = format!("{names}; or remove these yourself, if they are yours");
    Ok(Finding::fail(what, remedy).about(first))
}
