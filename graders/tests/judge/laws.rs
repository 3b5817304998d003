//! What holds of every verdict and of every grader, whatever the facts.

use labrun_graders::decode::{Decode, Faults};
use labrun_graders::diagnosis::{find, rank};
use labrun_graders::evidence::{Entry, Journal, TypedLine};
use labrun_graders::{Ask, Check, Fact, Facts, Obstacle, Verdict, all, any, asks_when_wrong, diagnose};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::node::Written;
use crate::random::{any_bool, checks, document, entry, judged, obstacle, typed, verdict, wrong};
use crate::world::SINCE;

fn config() -> ProptestConfig {
    // Files of past failures would be one more thing to keep; a failure becomes a test of its own.
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) }
}

fn has(verdicts: &[Verdict], word: &str) -> bool {
    verdicts.iter().any(|verdict| verdict.word() == word)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_all_a_fail_beats_what_cannot_be_checked_and_that_a_pass(verdicts in vec(verdict(), 0..6)) {
        let expected = ["fail", "cannot-check"].into_iter().find(|word| has(&verdicts, word)).unwrap_or("pass");
        let together = all(&verdicts);
        prop_assert_eq!(together.word(), expected);
        if let Verdict::Pass(pass) = &together {
            let latest = verdicts.iter().filter_map(|verdict| match verdict {
                Verdict::Pass(pass) => pass.at,
                _ => None,
            });
            prop_assert_eq!(pass.at, latest.max());
        } else {
            prop_assert!(verdicts.contains(&together), "nothing is made up");
        }
    }

    #[test]
    fn of_any_a_pass_beats_the_rest_and_only_the_unseen_gives_way(verdicts in vec(verdict(), 1..6)) {
        let together = any(&verdicts);
        prop_assert!(verdicts.contains(&together), "nothing is made up");
        let blocked = |verdict: &Verdict| {
            matches!(verdict, Verdict::CannotCheck(reason) if reason.obstacle != Obstacle::Unseen)
        };
        let tried = |verdict: &Verdict| matches!(verdict, Verdict::Fail(feedback) if feedback.begun);
        if has(&verdicts, "pass") {
            prop_assert!(together.is_pass());
        } else if verdicts.iter().any(blocked) {
            prop_assert!(blocked(&together));
        } else if verdicts.iter().any(tried) {
            prop_assert!(tried(&together));
        } else if has(&verdicts, "cannot-check") {
            prop_assert_eq!(together.word(), "cannot-check");
        } else {
            prop_assert_eq!(together.word(), "fail");
        }
    }

    #[test]
    fn the_order_of_checks_changes_no_outcome(verdicts in vec(verdict(), 1..6)) {
        let reversed: Vec<Verdict> = verdicts.iter().rev().cloned().collect();
        prop_assert_eq!(all(&verdicts).word(), all(&reversed).word());
        prop_assert_eq!(any(&verdicts).word(), any(&reversed).word());
    }

    #[test]
    fn one_check_alone_is_its_own_verdict(verdict in verdict()) {
        prop_assert_eq!(&all([&verdict]), &verdict);
        prop_assert_eq!(&any(std::slice::from_ref(&verdict)), &verdict);
    }
}

fn judge(index: usize, facts: &Facts) -> Verdict {
    checks()[index].judge(facts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..config() })]

    #[test]
    fn no_grader_panics_or_needs_what_it_did_not_ask_for((index, answers) in judged()) {
        let mut facts = Facts::since(SINCE);
        for (ask, fact) in answers {
            facts.insert(ask, Ok(fact));
        }
        match judge(index, &facts) {
            Verdict::CannotCheck(reason) => {
                prop_assert_ne!(reason.obstacle, Obstacle::Broken, "{:?}", reason);
                prop_assert!(!reason.what.is_empty() && !reason.remedy.is_empty(), "{:?}", reason);
            }
            Verdict::Fail(feedback) => {
                prop_assert!(!feedback.expected.is_empty() && !feedback.seen.is_empty(), "{:?}", feedback);
                prop_assert_eq!(feedback.begun, !feedback.sentence.is_empty(), "{:?}", feedback);
                prop_assert!(feedback.sentence.lines().count() <= 3, "{:?}", feedback);
                prop_assert!(feedback.begun || feedback.diagnosis.is_none(), "{:?}", feedback);
            }
            Verdict::Pass(_) => {}
        }
    }

    #[test]
    fn wider_facts_name_a_mistake_and_change_no_verdict((index, answers) in wrong()) {
        let mut facts = Facts::since(SINCE);
        // What the check itself asks comes last and is kept: the world is one.
        for (ask, fact) in answers {
            facts.insert(ask, Ok(fact));
        }
        let checks = checks();
        let (before, only) = (judge(index, &facts), std::slice::from_ref(&checks[index]));
        let _ = asks_when_wrong(only, &[], std::slice::from_ref(&before), &facts);
        let after = diagnose(only, &[], vec![before.clone()], &facts).remove(0);
        prop_assert_eq!(before.word(), after.word());
        match (before, after) {
            (Verdict::Fail(before), Verdict::Fail(after)) => {
                prop_assert!(rank(&after) <= rank(&before), "{:?}", after);
                prop_assert!(after.diagnosis.as_deref().is_none_or(|name| find(name).is_some()), "{:?}", after);
                prop_assert!(!after.expected.is_empty() && !after.seen.is_empty(), "{:?}", after);
                prop_assert_eq!(after.begun, !after.sentence.is_empty(), "{:?}", after);
                prop_assert!(after.sentence.lines().count() <= 3, "{:?}", after);
            }
            (before, after) => prop_assert_eq!(before, after),
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_never_a_mistake(index in 0..checks().len(), reason in obstacle()) {
        let mut facts = Facts::since(SINCE);
        for ask in checks()[index].asks() {
            facts.insert(ask, Err(reason.clone()));
        }
        prop_assert_eq!(judge(index, &facts), Verdict::CannotCheck(reason));
    }

    #[test]
    fn what_is_not_seen_makes_no_pass_and_no_fail(
        (index, answers) in judged(),
        hidden in vec(any_bool(), 16),
        reason in obstacle(),
    ) {
        // That is what a check says of what it sees, and not why something can't be looked at.
        prop_assume!(reason.obstacle != Obstacle::Unseen);
        let (mut all, mut some) = (Facts::since(SINCE), Facts::since(SINCE));
        for ((ask, fact), hidden) in answers.into_iter().zip(hidden) {
            some.insert(ask.clone(), if hidden { Err(reason.clone()) } else { Ok(fact.clone()) });
            all.insert(ask, Ok(fact));
        }
        match judge(index, &some) {
            Verdict::Pass(_) => prop_assert!(judge(index, &all).is_pass(), "it rests on what was not seen"),
            Verdict::Fail(_) => prop_assert!(!judge(index, &all).is_pass(), "what was not seen is taken for wrong"),
            Verdict::CannotCheck(_) => {}
        }
    }

    #[test]
    fn what_a_check_did_not_ask_for_changes_nothing((index, answers) in wrong()) {
        let (mut all, mut asked) = (Facts::since(SINCE), Facts::since(SINCE));
        let check = &checks()[index];
        let asks = [check.asks(), check.truth_asks()].concat();
        for (ask, fact) in answers {
            if asks.contains(&ask) {
                asked.insert(ask.clone(), Ok(fact.clone()));
            }
            all.insert(ask, Ok(fact));
        }
        let (all, asked) = (judge(index, &all), judge(index, &asked));
        if asks.contains(&Ask::Answer) {
            // Whether something was done after an answer, and is to be spoken of first, all that the step saw tells.
            prop_assert_eq!(all.word(), asked.word());
        } else {
            prop_assert_eq!(all, asked);
        }
    }

    #[test]
    fn an_absent_world_passes_nothing_but_an_absence(index in 0..checks().len()) {
        let mut facts = Facts::since(SINCE);
        for ask in checks()[index].asks() {
            facts.insert(ask, Ok(Fact::Absent));
        }
        prop_assert_eq!(judge(index, &facts).word(), "fail");
    }

    #[test]
    fn evidence_from_before_passes_nothing(
        entries in vec(entry(), 0..10),
        lines in typed(),
    ) {
        let mut facts = Facts::since(SINCE);
        let before = |at: i64| at.clamp(0, SINCE);
        let entries = entries.into_iter().map(|entry| Entry { at: before(entry.at), ..entry }).collect();
        facts.insert(Ask::Journal, Ok(Fact::Journal(Journal { entries, ..Journal::default() })));
        facts.insert(Ask::Image("b".to_owned()), Ok(Fact::Absent));
        if let Fact::Typed(lines) = lines {
            let lines = lines.into_iter().map(|line| TypedLine { at: before(line.at), ..line }).collect();
            facts.insert(Ask::Typed, Ok(Fact::Typed(lines)));
        }
        for check in checks().iter().filter(|check| matches!(check.kind, "exec" | "run" | "typed")) {
            prop_assert!(!check.judge(&facts).is_pass(), "{}", check.wants());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..config() })]

    #[test]
    fn what_cannot_be_read_has_a_fault_and_what_can_be_has_a_wish(
        document in document(),
        kind in proptest::sample::select(labrun_graders::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>()),
    ) {
        let written = Written::value(json!({kind: document}));
        let mut faults = Faults::default();
        match Check::decode(&written.node, &mut faults) {
            Some(check) if faults.0.is_empty() => prop_assert!(!check.wants().is_empty() && !check.asks().is_empty()),
            _ => prop_assert!(!faults.0.is_empty()),
        }
    }
}
