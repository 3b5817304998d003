//! Several labs: side by side where they take nothing from each other, and told in their order.

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use super::claims::Claims;
use super::turns::Turns;
use super::{Among, Notes, VerifyOptions, verify};
use crate::asked_to_end;
use crate::error::EngineError;
use crate::event::Listener;
use crate::proof::LabReport;
use labrun_docker::{Endpoint, Engine};
use labrun_lab::{AsName, Loaded, Permission};

/// A lab that is to be verified.
pub struct ToVerify<'a> {
    /// It, loaded with the names of the one who goes through it.
    pub loaded: Loaded,
    /// Leave to run its text.
    pub permission: Permission,
    /// Whose names these are. Two labs may have the same one.
    pub learner: AsName,
    /// Is told how it goes.
    pub listener: Box<dyn Listener + 'a>,
}

/// What became of a lab.
#[derive(Debug)]
pub struct Ended {
    /// When its verification began.
    pub began: jiff::Timestamp,
    /// What was found, as far as it came.
    pub report: LabReport,
    /// Why it ended early, if it did.
    pub ended: Result<(), EngineError>,
}

/// Verifies labs, and tells of each when it and all before it have ended, until `tell` has heard enough: then those that
/// are still under way are ended, as by Ctrl-C. Whatever ends cleans up first.
pub async fn verify_all(
    labs: Vec<ToVerify<'_>>,
    endpoint: &Endpoint,
    engine: &Engine,
    options: &VerifyOptions,
    notes: &Notes,
    mut tell: impl FnMut(Ended) -> bool,
) {
    // What a lab touches without owning it can be told only of one at a time.
    let side_by_side = if options.exclusive { 1 } else { options.jobs.max(1) };
    let turns = Turns::new(side_by_side);
    let claims: Vec<Claims> = labs.iter().map(|to_verify| Claims::of(&to_verify.loaded.lab)).collect();
    let (stop, stopped) = watch::channel(false);
    let done = watch::Sender::new(BTreeSet::new());
    let labs = labs.into_iter().enumerate().map(|(number, lab)| {
        let (claims, done) = (&claims, &done);
        let among = Among { number, turns: turns.clone(), stop: stopped.clone(), notes: notes.clone() };
        async move {
            let in_the_way: Vec<usize> =
                (0..number).filter(|before| claims[*before].collide(&claims[number])).collect();
            // That nobody tells any more can't be: it is told by this very function.
            let _ = done.subscribe().wait_for(|done| in_the_way.iter().all(|lab| done.contains(lab))).await;
            let (began, ToVerify { loaded, permission, learner, mut listener }) = (jiff::Timestamp::now(), lab);
            let (report, ended) =
                verify(loaded, permission, &learner, endpoint, engine.clone(), options, among, listener.as_mut()).await;
            done.send_modify(|done| {
                done.insert(number);
            });
            Ended { began, report, ended }
        }
    });
    let mut labs = pin!(stream::iter(labs).buffered(side_by_side));
    let mut end = pin!(asked_to_end());
    let mut goes_on = true;
    loop {
        let lab = tokio::select! {
            lab = labs.next() => lab,
            () = &mut end, if !*stopped.borrow() => {
                stop.send_replace(true);
                continue;
            }
        };
        let Some(lab) = lab else { break };
        // What has begun is waited for, since it has to clean up.
        if goes_on && !tell(lab) {
            goes_on = false;
            stop.send_replace(true);
        }
    }
}
