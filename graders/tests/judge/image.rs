//! `image`: an image is on the engine.

use labrun_graders::Ask;
use serde_json::json;

use crate::world::{World, cannot, engine_down, not_begun, passes};

#[test]
fn an_image_is_there_or_not_or_cannot_be_looked_at() {
    let judge = |world: World| world.judge(json!({"image": {"name": "busybox"}}));
    let ask = Ask::Image("busybox".to_owned());
    assert_eq!(judge(World::new().image("busybox", "sha256:b0b0")), passes(7));
    assert_eq!(judge(World::new().no(ask.clone())), not_begun("image busybox is there", "there is no image busybox"));
    let reason = engine_down();
    assert_eq!(judge(World::new().unseen(ask, engine_down())), cannot(reason.obstacle, &reason.what, &reason.remedy));
}
