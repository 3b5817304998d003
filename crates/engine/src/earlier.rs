//! What earlier steps made and a step needs: where that is gone, the step can't be done, whatever is tried.

use labrun_graders::invocation::{Effect, effects, mentions};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Fact, Facts, Obstacle, Target, Verdict, all, undone};

use super::event::StepReport;
use super::facts::World;
use super::session::Session;
use labrun_lab::Step;
use labrun_store::{Mark, StoreError};

/// An object that an earlier step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    object: Target,
    /// The step's number, counted from 1.
    step: usize,
    /// The step was done, and not passed over.
    done: bool,
}

/// Says of a step that does not pass, and whose mistake has no name yet, what of an earlier step's is gone.
pub(super) async fn look_back(
    report: &mut StepReport,
    world: &mut World<'_>,
    facts: &mut Facts,
    session: &Session,
    step: &Step,
) -> Result<(), StoreError> {
    if !is_unexplained(report) {
        return Ok(());
    }
    let steps = session.loaded.lab.steps.iter().zip(&session.progress.steps).take(report.index);
    let steps = steps.map(|(step, state)| (step.solution.text.as_str(), state.closed));
    let owned = |object: &Target| facts.scope.owns(object.kind, &object.name);
    let mut needed = needed(steps, &step.solution.text);
    needed.retain(|made| owned(&made.object));
    let asks = needed.iter().map(|made| ask(&made.object)).collect();
    world.gather(asks, facts, session, &step.id).await?;
    let is_gone = |made: &&Made| matches!(facts.get(&ask(&made.object)), Ok(Fact::Absent));
    let Some(gone) = needed.iter().find(is_gone) else { return Ok(()) };
    say(report, gone, session.row.exam.is_none());
    Ok(())
}

/// Whether nothing is known of the mistake beyond what is missing. What went to another engine, or was run in another
/// container, is no nearer: the right one is not there.
fn is_unexplained(report: &StepReport) -> bool {
    let unexplained = |name: &str| {
        const NO_NEARER: [&str; 5] =
            ["other-engine", "another-users-engine", "command-failed", "other-command", "wrong-container"];
        NO_NEARER.contains(&name)
    };
    match &report.verdict {
        Verdict::Pass(_) => false,
        Verdict::CannotCheck(reason) => reason.obstacle == Obstacle::Gap,
        Verdict::Fail(_) => {
            let nearest = report.nearest().and_then(|feedback| feedback.diagnosis.as_deref());
            nearest.is_none_or(unexplained)
        }
    }
}

/// The objects that a step's solution uses and does not make or remove, each with the step before it that made it.
fn needed<'a>(before: impl Iterator<Item = (&'a str, Option<Mark>)>, solution: &str) -> Vec<Made> {
    let mut made: Vec<Made> = Vec::new();
    for (number, (solution, closed)) in (1..).zip(before) {
        for effect in effects(solution) {
            match effect {
                Effect::Makes(object) if made.iter().all(|known| known.object != object) => {
                    made.push(Made { object, step: number, done: closed != Some(Mark::Skipped) });
                }
                Effect::Makes(_) => {}
                Effect::Removes(object) => made.retain(|known| known.object != object),
                Effect::Prunes(kind) => made.retain(|known| known.object.kind != kind),
            }
        }
    }
    let own = effects(solution);
    let is_its_own = |object: &Target| {
        own.iter().any(|effect| match effect {
            // A container that mounts a volume does not make it again with what is in it.
            Effect::Makes(makes) => makes == object && object.kind != NameKind::Volume,
            Effect::Removes(removes) => removes == object,
            Effect::Prunes(kind) => *kind == object.kind,
        })
    };
    made.retain(|made| mentions(solution, &made.object.name) && !is_its_own(&made.object));
    made
}

fn ask(object: &Target) -> Ask {
    match object.kind {
        NameKind::Volume => Ask::Volume(object.name.clone()),
        NameKind::Network => Ask::Network(object.name.clone()),
        _ => Ask::Container(object.name.clone()),
    }
}

/// Puts it in the place of what the first check says; the others wait for it.
fn say(report: &mut StepReport, gone: &Made, helps: bool) {
    let way = format!("labrun catchup {}", report.index + 1);
    let way = Some(way.as_str()).filter(|_| helps);
    let mut said = false;
    for check in &mut report.checks {
        match &mut check.verdict {
            Verdict::Fail(feedback) if !said => {
                *feedback = undone(&check.wants, &gone.object, gone.step, gone.done, way);
                said = true;
            }
            Verdict::Fail(feedback) => feedback.begun = false,
            Verdict::CannotCheck(reason) if reason.obstacle == Obstacle::Gap => {
                let undone = undone(&check.wants, &gone.object, gone.step, gone.done, way);
                reason.what = format!("{}; {}", reason.what, undone.seen);
                reason.remedy = undone.sentence.replacen("Create it", "create it", 1);
            }
            Verdict::Pass(_) | Verdict::CannotCheck(_) => {}
        }
    }
    report.verdict = all(report.checks.iter().map(|check| &check.verdict));
}

#[cfg(test)]
mod tests {
    use labrun_graders::{CannotLook, Feedback};

    use super::*;
    use crate::CheckReport;

    fn named(before: &[(&str, Option<Mark>)], solution: &str) -> Vec<String> {
        let needed = needed(before.iter().copied(), solution);
        needed.iter().map(|made| format!("{} {} {}", made.object.name, made.step, made.done)).collect()
    }

    const PASS: Option<Mark> = Some(Mark::Pass);

    #[test]
    fn a_step_needs_what_the_steps_before_it_made() {
        let before = [
            ("docker volume create v", PASS),
            ("docker volume ls", PASS),
            ("docker run -dit --name w -v v:/data busybox sh", Some(Mark::Given)),
            ("docker run -dit --name x -v v:/mnt busybox sh", Some(Mark::Skipped)),
        ];
        for (solution, expected) in [
            ("docker exec w cat /data/f", &["w 3 true"][..]),
            ("docker exec x cat /mnt/f", &["x 4 false"]),
            ("docker run --rm -v v:/check busybox cat /check/f", &["v 1 true"]),
            ("docker exec w ls && docker exec x ls", &["w 3 true", "x 4 false"]),
            ("docker rm -f w x", &[]),
            ("docker rm w && docker run -d --name w -v v:/data busybox", &["v 1 true"]),
            ("docker run -d --name y busybox", &[]),
            ("docker exec w-10 ls", &[]),
            ("docker compose up -d w", &[]),
        ] {
            assert_eq!(named(&before, solution), expected, "{solution}");
        }
    }

    #[test]
    fn what_a_later_step_removed_is_not_needed() {
        let made = ("docker run -d --name w -v v:/d busybox", PASS);
        assert_eq!(named(&[made, ("docker rm -f w", PASS)], "docker exec w ls; echo v"), ["v 1 true"]);
        assert_eq!(named(&[made, ("docker rename w o", PASS)], "docker exec o ls; docker exec w ls"), ["o 2 true"]);
        assert_eq!(named(&[made, ("docker container prune -f", PASS)], "docker exec w ls"), Vec::<String>::new());
        let again = ("docker run -d --name w busybox", PASS);
        assert_eq!(named(&[made, ("docker rm -f w", PASS), again], "docker exec w ls"), ["w 3 true"]);
    }

    fn report(verdicts: Vec<Verdict>) -> StepReport {
        let checks = verdicts.into_iter().map(|verdict| CheckReport { kind: "file", wants: "it".to_owned(), verdict });
        let checks: Vec<_> = checks.collect();
        let verdict = all(checks.iter().map(|check| &check.verdict));
        StepReport { index: 3, step: "s".to_owned(), asks_outright: false, verdict, checks, predictions: Vec::new() }
    }

    fn gone(done: bool) -> Made {
        Made { object: Target { kind: NameKind::Container, name: "w".to_owned() }, step: 1, done }
    }

    #[test]
    fn it_is_said_once_with_both_ways_on() {
        let missing = || Verdict::Fail(Feedback::not_begun("it", "there is no file"));
        let mut told = report(vec![missing(), missing()]);
        assert!(is_unexplained(&told));
        say(&mut told, &gone(true), true);
        let nearest = told.nearest().expect("a fail");
        assert_eq!((nearest.seen.as_str(), nearest.begun), ("w, from step 1, is gone", true));
        assert_eq!(nearest.sentence, "Create it again, or: labrun catchup 4");
        assert_eq!(
            told.checks.iter().filter(|check| matches!(&check.verdict, Verdict::Fail(it) if it.begun)).count(),
            1
        );
        let mut exam = report(vec![missing()]);
        say(&mut exam, &gone(false), false);
        let nearest = exam.nearest().expect("a fail");
        assert_eq!(
            (nearest.seen.as_str(), nearest.sentence.as_str()),
            ("w, which step 1 makes, is not there", "Create it.")
        );
    }

    #[test]
    fn a_named_mistake_is_nearer() {
        let named = |name: &'static str| report(vec![Verdict::Fail(Feedback::wrong("it", "x", "y").diagnosed(name))]);
        for name in ["name-mistyped", "volume-deleted-too", "an-authors-own"] {
            assert!(!is_unexplained(&named(name)), "{name}");
        }
        assert!(["other-engine", "command-failed", "wrong-container"].iter().all(|name| is_unexplained(&named(name))));
    }

    #[test]
    fn a_gap_is_no_reason_to_run_a_command_that_cannot_work() {
        let gap = CannotLook::new(Obstacle::Gap, "the engine no longer tells", "run the command again, then check");
        let mut told = report(vec![Verdict::CannotCheck(gap)]);
        assert!(is_unexplained(&told));
        say(&mut told, &gone(true), true);
        let Verdict::CannotCheck(reason) = &told.verdict else { panic!("{told:?}") };
        assert_eq!(reason.what, "the engine no longer tells; w, from step 1, is gone");
        assert_eq!(reason.remedy, "create it again, or: labrun catchup 4");
        let unseen = CannotLook::new(Obstacle::Unseen, "typed", "answer");
        assert!(!is_unexplained(&report(vec![Verdict::CannotCheck(unseen)])), "an answer is a way on");
    }
}
