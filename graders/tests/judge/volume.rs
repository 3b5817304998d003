//! `volume`: a volume exists.

use labrun_graders::fact::Volume;
use labrun_graders::{Ask, Pass, Verdict};
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
