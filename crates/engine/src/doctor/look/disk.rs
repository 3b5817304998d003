//! The disk with the engine's data, where it is this machine's, and what is large on it. Never removes anything.

use std::path::PathBuf;

use bollard::models::SystemInfo;
use labrun_graders::{CannotLook, Obstacle};
use serde_json::Value;

use super::machine::{aside, is_local};
use super::{DEADLINE, within};
use crate::doctor::checks::LITTLE;
use crate::doctor::seen::{Answer, Disk, Large};
use labrun_docker::{Endpoint, plain};

/// How many large things are told.
const MOST: usize = 3;

/// Looks at the disk; `None` where it is not this machine's, or the engine does not say where.
pub(super) async fn disk(endpoint: &Endpoint, info: &SystemInfo) -> Option<Answer<Disk>> {
    let folder = PathBuf::from(info.docker_root_dir.as_ref().filter(|folder| !folder.is_empty())?);
    if !is_local(endpoint, info) {
        return None;
    }
    let name = format!("the file system of {}", folder.display());
    let looked = within(DEADLINE, &name, async {
        let looked = folder.clone();
        aside(move || rustix::fs::statvfs(&looked)).await.map_err(|error| {
            let what = format!("{} can't be looked at: {error}", folder.display());
            CannotLook::new(Obstacle::Denied, what, "df -h shows what is free")
        })
    });
    Some(match looked.await {
        Ok(seen) => {
            let (free, size) = (seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize);
            let large = if free < LITTLE { large(endpoint).await } else { Vec::new() };
            Ok(Disk { folder, free, size, large })
        }
        Err(reason) => Err(reason),
    })
}

/// What is large, the largest first; nothing where the engine takes too long to count.
async fn large(endpoint: &Endpoint) -> Vec<Large> {
    let Ok(Ok(answer)) = tokio::time::timeout(DEADLINE, plain::get(endpoint, "/system/df")).await else {
        return Vec::new();
    };
    serde_json::from_slice(&answer.body).map(|usage| list(&usage)).unwrap_or_default()
}

/// From the engine's answer: images, volumes, what containers wrote, and the build cache as one.
fn list(usage: &Value) -> Vec<Large> {
    let each = |list: &str| usage.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
    let bytes = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or_default();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let first = |value: Option<&Value>| text(value.and_then(|names| names.get(0)));
    let mut large = Vec::new();
    for image in each("Images") {
        let (tag, id) = (first(image.get("RepoTags")), text(image.get("Id")));
        let id = id.trim_start_matches("sha256:").chars().take(12).collect();
        let what = format!("image {}", if tag.is_empty() { id } else { tag });
        large.push(Large { what, size: bytes(image.get("Size")) });
    }
    for volume in each("Volumes") {
        let size = bytes(volume.get("UsageData").and_then(|usage| usage.get("Size")));
        large.push(Large { what: format!("volume {}", text(volume.get("Name"))), size });
    }
    for container in each("Containers") {
        let name = first(container.get("Names"));
        let what = format!("container {}", name.trim_start_matches('/'));
        large.push(Large { what, size: bytes(container.get("SizeRw")) });
    }
    let cache = each("BuildCache").iter().map(|layer| bytes(layer.get("Size"))).sum();
    large.push(Large { what: "the build cache".to_owned(), size: cache });
    large.retain(|large| large.size > 0);
    large.sort_by_key(|large| std::cmp::Reverse(large.size));
    large.truncate(MOST);
    large
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::list;

    #[test]
    fn the_largest_come_first_whatever_they_are() {
        let usage = json!({
            "Images": [{"RepoTags": ["busybox:latest"], "Id": "sha256:11", "Size": 4}, {"RepoTags": null, "Id": "sha256:0123456789abcdef", "Size": 90}],
            "Volumes": [{"Name": "v", "UsageData": {"Size": 50, "RefCount": 0}}, {"Name": "unmeasured", "UsageData": {"Size": -1}}],
            "Containers": [{"Names": ["/c"], "SizeRw": 60}, {"Names": ["/d"]}],
            "BuildCache": [{"Size": 30}, {"Size": 31}],
        });
        let told: Vec<String> =
            list(&usage).into_iter().map(|large| format!("{} {}", large.what, large.size)).collect();
        assert_eq!(told, ["image 0123456789ab 90", "the build cache 61", "container c 60"]);
    }
}
