//! Asking about what may be another person's, one thing at a time: the general yes to a list does not cover it.

use crate::context::App;
use labrun_engine::Belonging;

/// Asks about each thing that raises a doubt. Returns what may be removed, and what the user wants to keep.
///
/// Without a terminal labrun cannot ask: then the doubts stay, and with them the things.
pub(super) fn settle(app: &App, made: Vec<Belonging>) -> (Vec<Belonging>, Vec<Belonging>) {
    if app.ui.json || !app.ui.asks() {
        return (made, Vec::new());
    }
    let (mut remove, mut keep) = (Vec::new(), Vec::new());
    for mut belonging in made {
        // The reason was listed with it.
        let is_sure = belonging.doubt.take().is_none();
        let question = format!("Also remove {} {}?", belonging.kind.word(), belonging.name);
        if is_sure || app.ui.confirm(&question) { remove.push(belonging) } else { keep.push(belonging) }
    }
    (remove, keep)
}
