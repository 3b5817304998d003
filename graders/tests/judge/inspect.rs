//! `inspect`: an author's expression over what the engine says of an object.

use labrun_graders::name::NameKind;
use labrun_graders::{Ask, Obstacle, Verdict};
use serde_json::json;

use crate::world::{World, cannot, not_begun, passes_undated, target, wrong};

fn judge(that: &str, says: Option<&str>) -> Verdict {
    let mut check = json!({"volume": "app-data", "that": that, "wants": "app-data is local"});
    if let Some(says) = says {
        check["says"] = json!(says);
    }
    World::new().described(NameKind::Volume, "app-data", json!({"Driver": "local"})).judge(json!({"inspect": check}))
}

#[test]
fn an_expression_holds_or_does_not() {
    assert_eq!(judge("Driver == 'local'", None), passes_undated());
    let seen = "app-data is there, but not like that";
    assert_eq!(judge("Driver == 'nfs'", None), wrong("app-data is local", seen, "Look at it with docker's inspect."));
    assert_eq!(
        judge("Driver == 'nfs'", Some("Who stores its data?")),
        wrong("app-data is local", seen, "Who stores its data?")
    );
}

#[test]
fn what_is_not_there_is_not_begun() {
    let world = World::new().no(Ask::Inspect(target(NameKind::Network, "net")));
    assert_eq!(
        world.judge(json!({"inspect": {"network": "net", "that": "Driver == 'bridge'", "wants": "net is a bridge"}})),
        not_begun("net is a bridge", "there is no network net")
    );
}

#[test]
fn a_faulty_expression_is_the_labs_trouble() {
    for (that, what) in [
        ("Options.x", "the lab's expression `Options.x` cannot be evaluated: undefined value"),
        ("Driver", "the lab's expression `Driver` gives local, not true or false"),
    ] {
        assert_eq!(judge(that, None), cannot(Obstacle::Lab, what, "tell the lab's author"));
    }
}
