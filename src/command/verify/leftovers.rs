//! What a verification that was cut off left behind: listed before the next one begins, and offered for removal.

use serde_json::{Value, json};

use super::super::doubts;
use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::{Endpoint, Engine};
use labrun_engine::{Belonging, Notes, Removal, Unfinished};

/// What was found, and what became of it.
#[derive(Debug, Default)]
pub(super) struct Earlier(Vec<(String, Removal)>);

/// Lists what earlier verifications left on this engine. Removes it if the user agrees, or if `clean` says so; otherwise
/// it stays noted.
pub(super) fn offer(
    app: &App,
    notes: &Notes,
    endpoint: &Endpoint,
    engine: &Engine,
    clean: bool,
) -> Result<Earlier, Error> {
    let mut earlier = Earlier::default();
    for mut found in app.block_on(notes.unfinished(endpoint, engine))?? {
        let listed = app.ui.page().left_behind(&found);
        let asks = app.ui.asks() && !app.ui.json;
        if !app.ui.json {
            app.ui.say(&listed);
        }
        let lab = found.lab.clone();
        let removal = if clean || (asks && app.ui.confirm("Remove these?")) {
            let (remove, kept) = doubts::settle(app, std::mem::take(&mut found.left));
            found.left = remove;
            if !kept.is_empty() {
                app.ui.say("Kept what you want to keep.\n");
            }
            app.block_on(notes.clean_up(found, engine))??
        } else if asks {
            app.ui.say("Nothing was removed. The next verification asks again.\n");
            untouched(found)
        } else {
            untouched(found)
        };
        earlier.0.push((lab, removal));
    }
    if !app.ui.json && !clean && !app.ui.asks() && !earlier.0.is_empty() {
        app.ui.warn("a verification that was cut off left these behind; to remove them: labrun verify --clean");
    }
    Ok(earlier)
}

/// Everything stays.
fn untouched(found: Unfinished) -> Removal {
    let failed = found.left.into_iter().map(|left| (left, "--clean was not given".to_owned()));
    Removal { removed: Vec::new(), failed: failed.collect() }
}

impl Earlier {
    /// Shows what was removed and what was not, where nothing else is verified.
    pub(super) fn show(&self, app: &App) -> Exit {
        let stays = self.0.iter().any(|(_, removal)| !removal.failed.is_empty());
        if app.ui.json {
            app.ui.say_json(&json!({"schema": 1, "labs": [], "earlier_left_behind": self.json()}));
        } else if self.0.is_empty() {
            app.ui.say("No earlier verification left anything behind.\n");
        } else {
            for (_, removal) in &self.0 {
                app.ui.say(&app.ui.page().cleaned(removal));
            }
        }
        if stays { Exit::Environment } else { Exit::Done }
    }

    /// One entry for each verification that was cut off.
    pub(super) fn json(&self) -> Vec<Value> {
        let object = |belonging: &Belonging| json!({"kind": belonging.kind.word(), "name": belonging.name});
        let entry = |(lab, removal): &(String, Removal)| {
            let removed: Vec<_> = removal.removed.iter().map(object).collect();
            let failed = removal
                .failed
                .iter()
                .map(|(belonging, why)| json!({"kind": belonging.kind.word(), "name": belonging.name, "why": why}));
            json!({"lab": lab, "removed": removed, "failed": failed.collect::<Vec<_>>()})
        };
        self.0.iter().map(entry).collect()
    }
}
