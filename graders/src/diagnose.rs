//! What is said of a step that failed: for each of its checks the nearest mistake, and each mistake once.

use crate::diagnosis::{nearest, rank};
use crate::fact::{Ask, Facts};
use crate::kinds::Check;
use crate::own::Own;
use crate::verdict::{Feedback, Verdict};

/// For how many failed checks of a step near misses are looked for: one of them is told first, nobody reads hundreds, and
/// each is compared with all that is on the engine.
const EXPLAINED: usize = 32;

/// What must be known to tell which mistakes were made; to be asked again with the answers, up to four
/// times.
#[must_use]
pub fn asks_when_wrong(checks: &[Check], own: &[Own], verdicts: &[Verdict], facts: &Facts) -> Vec<Ask> {
    let failed = checks.iter().zip(verdicts).filter(|(_, verdict)| matches!(verdict, Verdict::Fail(_)));
    failed.take(EXPLAINED).flat_map(|(check, _)| check.asks_when_wrong(facts)).chain(own.iter().map(Own::ask)).collect()
}

/// The verdicts with what the wider facts add. A fail stays a fail, and everything else is left as it is.
///
/// An author's own diagnosis is about the step: it stands with the first check that failed. The same mistake is told
/// with the first check that it fits.
#[must_use]
pub fn diagnose(checks: &[Check], own: &[Own], verdicts: Vec<Verdict>, facts: &Facts) -> Vec<Verdict> {
    let mut own = own.iter().find(|own| own.fits(facts));
    let mut told: Vec<Feedback> = Vec::new();
    let mut failed = 0;
    let diagnosed = checks.iter().zip(verdicts).map(|(check, verdict)| {
        let Verdict::Fail(judged) = verdict else { return verdict };
        if let Some(own) = own.take() {
            return Verdict::Fail(own.of(judged));
        }
        failed += 1;
        if failed > EXPLAINED {
            return Verdict::Fail(judged);
        }
        let near = check.near_misses(facts).into_iter().filter(|near| !is_told(near, &told)).collect::<Vec<_>>();
        let found = nearest(judged, near);
        told.push(found.clone());
        Verdict::Fail(found)
    });
    diagnosed.collect()
}

/// Whether the same was said of another check.
fn is_told(near: &Feedback, told: &[Feedback]) -> bool {
    told.iter().any(|told| told.diagnosis == near.diagnosis && told.seen == near.seen)
}

impl Feedback {
    /// Of what several checks of a step came to, the nearest; the first of those that are as near. What was done since an
    /// answer comes before it.
    #[must_use]
    pub fn nearest_of<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Option<&'a Self> {
        let failed = verdicts.into_iter().filter_map(|verdict| match verdict {
            Verdict::Fail(feedback) => Some(feedback),
            _ => None,
        });
        // Of an answer that came before something else was done, it does not matter how near it was.
        failed.min_by_key(|feedback| (if feedback.overtaken { usize::MAX } else { rank(feedback) }, feedback.overtaken))
    }
}
