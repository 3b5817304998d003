//! What an engine's export of an image would give names to when it is loaded.
//!
//! A load takes names away from other images. A bundle that says `busybox` and brings a `debian` as well would do that
//! behind everybody's back, so the names are read before anything goes to the engine. They are in `manifest.json`
//! (`docker save`), in `repositories` (before 1.10), and in the annotations of `index.json` (OCI, containerd's store).

use std::collections::BTreeSet;
use std::io::Read;

use serde_json::Value;

use super::super::Reference;
use super::{BundleFault, MAX_LIST, Window};

/// The files with names in them.
const TELLING: [&str; 3] = ["manifest.json", "repositories", "index.json"];

/// The annotations that name an image. The second one is a tag alone where others have a whole name.
const ANNOTATIONS: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// How many entries are looked at.
const MAX_ENTRIES: usize = 100_000;

/// Sees that an export, which is called `member` in its bundle, names this image and no other.
///
/// # Errors
/// [`BundleFault::NoExport`] where it names none or can't be read, [`BundleFault::OtherNames`] where it names others.
pub fn names_of(export: Window, member: &str, image: &str) -> Result<(), BundleFault> {
    let no_export = || BundleFault::NoExport(member.to_owned());
    let mut archive = tar::Archive::new(export);
    // Raw: an entry that renames the one after it is seen as what it is.
    let entries = archive.entries_with_seek().map_err(|_| no_export())?.raw(true);
    let mut names = BTreeSet::new();
    for (number, entry) in entries.enumerate() {
        let entry = entry.map_err(|_| no_export())?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        let extends = !(kind.is_file() || kind.is_dir() || kind.is_symlink() || kind.is_hard_link());
        let path = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/");
        // By its last part: a link to a folder would lead another path to the same file.
        let tells = path.rsplit('/').next().is_some_and(|name| TELLING.contains(&name));
        let odd = path.split('/').any(|part| part == "..") || (tells && (path.contains('/') || !kind.is_file()));
        if odd || number >= MAX_ENTRIES {
            return Err(no_export());
        }
        if !(tells || extends) {
            continue;
        }
        let mut text = Vec::new();
        entry.take(MAX_LIST).read_to_end(&mut text).map_err(|_| no_export())?;
        if extends {
            // A long name or another attribute; none that leads to one of those files.
            let text = String::from_utf8_lossy(&text);
            if TELLING.iter().any(|name| text.contains(name)) {
                return Err(no_export());
            }
            continue;
        }
        let json: Value = serde_json::from_slice(&text).map_err(|_| no_export())?;
        match path.as_str() {
            "manifest.json" => of_manifest(&json, &mut names),
            "repositories" => of_repositories(&json, &mut names),
            _ => of_index(&json, &mut names),
        }
    }
    let listed: Option<Reference> = image.parse().ok();
    let others = names.iter().filter(|name| name.parse::<Reference>().ok() != listed || listed.is_none());
    let others: Vec<&str> = others.map(String::as_str).collect();
    if names.is_empty() {
        Err(no_export())
    } else if others.is_empty() {
        Ok(())
    } else {
        Err(BundleFault::OtherNames { found: others.join(", "), listed: image.to_owned() })
    }
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
}

fn of_manifest(json: &Value, names: &mut BTreeSet<String>) {
    for image in json.as_array().into_iter().flatten() {
        names.extend(image.get("RepoTags").into_iter().flat_map(texts));
    }
}

fn of_repositories(json: &Value, names: &mut BTreeSet<String>) {
    for (repository, tags) in json.as_object().into_iter().flatten() {
        names.extend(tags.as_object().into_iter().flatten().map(|(tag, _)| format!("{repository}:{tag}")));
    }
}

fn of_index(json: &Value, names: &mut BTreeSet<String>) {
    for image in json.get("manifests").and_then(Value::as_array).into_iter().flatten() {
        let annotation = |key| image.get("annotations")?.get(key)?.as_str().map(str::to_owned);
        let named = annotation(ANNOTATIONS[0]);
        // A bare tag belongs to the name beside it.
        let other = annotation(ANNOTATIONS[1]).filter(|text| named.is_none() && text.contains(['/', ':']));
        names.extend(named.into_iter().chain(other));
    }
}
