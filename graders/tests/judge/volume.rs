//! `volume`: a volume exists.

use labrun_graders::fact::{Everything, Listed, Mount, Volume};
use labrun_graders::{Ask, Fact, Pass, Verdict};
use serde_json::json;

use crate::world::{World, cannot, engine_down, mistake, not_begun};

fn app_data() -> Volume {
    Volume {
        name: "app-data".to_owned(),
        driver: "local".to_owned(),
        created: Some(1_150),
        labels: [("team".to_owned(), "blue".to_owned())].into(),
        ..Volume::default()
    }
}

#[test]
fn a_volume_that_is_there_passes_whenever_its_root_was_written() {
    let world = World::new().volume(app_data());
    for check in [
        json!({"volume": {"name": "app-data"}}),
        json!({"volume": {"name": "app-data", "driver": "local"}}),
        json!({"volume": {"name": "app-data", "labels": {"team": "blue"}}}),
    ] {
        assert_eq!(world.judge(check), Verdict::Pass(Pass { at: None, caveat: None }));
    }
}

#[test]
fn a_volume_that_is_not_there_is_not_begun() {
    let world = World::new().no(Ask::Volume("app-data".to_owned()));
    assert_eq!(
        world.judge(json!({"volume": {"name": "app-data"}})),
        not_begun("volume app-data exists", "there is no volume app-data")
    );
}

#[test]
fn a_volume_with_another_driver_or_label_is_told_what_stays() {
    let world = World::new().volume(app_data());
    assert_eq!(
        world.judge(json!({"volume": {"name": "app-data", "driver": "nfs"}})),
        mistake(
            "wrong-driver",
            "volume app-data exists, driver nfs",
            "app-data uses the driver local",
            "A volume's driver is chosen when the volume is created, and stays."
        )
    );
    for (label, seen) in [("team", "its label team is blue"), ("tier", "it has no label tier")] {
        assert_eq!(
            world.judge(json!({"volume": {"name": "app-data", "labels": {label: "red"}}})),
            mistake(
                "wrong-label",
                &format!("volume app-data exists, label {label}=red"),
                seen,
                "A volume's labels are given when the volume is created, and stay."
            )
        );
    }
}

#[test]
fn an_engine_that_does_not_answer_is_nobodys_mistake() {
    let world = World::new().unseen(Ask::Volume("app-data".to_owned()), engine_down());
    let reason = engine_down();
    assert_eq!(
        world.judge(json!({"volume": {"name": "app-data"}})),
        cannot(reason.obstacle, &reason.what, &reason.remedy)
    );
}

#[test]
fn a_container_that_was_left_behind_still_holds_it() {
    let check = || json!({"volume": {"name": "app-data", "held_only_by": ["writer-1"]}});
    let holder = |name: &str, status: &str| Listed {
        name: name.to_owned(),
        status: status.to_owned(),
        mounts: vec![Mount { kind: "volume".to_owned(), name: "app-data".to_owned(), ..Mount::default() }],
        ..Listed::default()
    };
    let world = |containers: Vec<Listed>| {
        let all = Everything { containers, ..Everything::default() };
        World::new().volume(app_data()).saw(Ask::Everything, Fact::Everything(all))
    };
    let other = Listed { mounts: Vec::new(), ..holder("other", "running") };
    let passes = Verdict::Pass(Pass { at: None, caveat: None });
    assert_eq!(world(vec![holder("writer-1", "running"), other]).judge(check()), passes);
    for (status, state) in [("running", "running"), ("exited", "stopped")] {
        assert_eq!(
            world(vec![holder("writer-1", "running"), holder("brave_hare", status)]).judge(check()),
            mistake(
                "left-behind",
                "only writer-1 holds app-data",
                &format!("brave_hare, {state}, holds it as well"),
                "A helper that has done its work still refers to the volume. Who cleans up a one-off container?"
            )
        );
    }
    let reason = engine_down();
    let unseen = World::new().volume(app_data()).unseen(Ask::Everything, reason.clone());
    assert_eq!(unseen.judge(check()), cannot(reason.obstacle, &reason.what, &reason.remedy));
}
