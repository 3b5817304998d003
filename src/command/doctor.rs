//! `labrun doctor [LAB]`: can this machine run it?

use std::collections::BTreeSet;

use crate::context::App;
use crate::error::Error;
use crate::exit::Exit;
use labrun_docker::Endpoint;
use labrun_engine::doctor::{LabNeeds, Needs, Word, examine};
use labrun_lab::{AsName, catalogue, load};
use labrun_process::sudo::as_root;
use labrun_store::Store;

/// Can this machine run it? What is missing, and how to put it right
#[derive(clap::Args, Debug)]
pub struct Doctor {
    /// The lab's name, or a folder with a lab.yaml; without it, every lab that ships with labrun
    #[arg(add = crate::completion::labs())]
    lab: Option<String>,
}

impl Doctor {
    pub(crate) fn run(&self, app: &App) -> Result<Exit, Error> {
        let names = match &self.lab {
            Some(lab) => vec![lab.clone()],
            None => catalogue()?.into_iter().flat_map(|track| track.labs).collect(),
        };
        let learner = app.globals.learner.as_ref();
        let store = existing_store(app);
        let mut labs = Vec::new();
        for name in names {
            let loaded = load(&name, learner.cloned())?;
            let open = |store: &Store| store.open_session(&loaded.source.address(), learner.map(AsName::as_str));
            let begun = store.as_ref().is_some_and(|store| matches!(open(store), Ok(Some(_))));
            let mut needs = LabNeeds::of(&loaded.lab, begun);
            needs.meant = self.lab.is_some();
            labs.push(needs);
        }
        let open = store.as_ref().and_then(|store| store.sessions().ok()).unwrap_or_default();
        let open = open.into_iter().filter(|row| row.ended.is_none());
        let learners = open.map(|row| row.begin.learner).collect::<BTreeSet<_>>().len();
        let needs = Needs { learner: learner.cloned(), learners, labs };
        let home = app.folder().cloned().map_err(|error| (error.to_string(), error.hint().unwrap_or_default()));
        let report = app.with_ambient(|ambient| {
            let resolved = as_root(|| Endpoint::resolve(ambient));
            app.block_on(examine(&needs, ambient, resolved, home, app.marks()))
        })??;
        let page = app.ui.page();
        if app.ui.json {
            let labs: Vec<&str> = needs.labs.iter().map(|needs| needs.id.as_str()).collect();
            app.ui.say_json(&crate::ui::json::doctor(&labs, &report, &page.doctor_summary(&report)));
        } else {
            app.ui.say(&page.doctor(&report));
        }
        Ok(if report.worst() == Word::Fail { Exit::Environment } else { Exit::Done })
    }
}

/// The store, if there is one: looking at a machine makes nothing on it.
fn existing_store(app: &App) -> Option<Store> {
    let folder = app.folder().ok()?;
    folder.join("progress.db").exists().then(|| app.store().ok()).flatten()
}
