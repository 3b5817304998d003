//! The names that an engine's export of an image gives to images when it is loaded.
//!
//! A load takes names away from other images. A bundle that says `busybox` and brings a `debian` as well would do that
//! unseen, so the names are read before anything goes to the engine. They are in `manifest.json` (`docker save`), in
//! `repositories` (before 1.10), and in the annotations of `index.json` (OCI, containerd's store).
//!
//! The engine reads the export with another parser than labrun. So labrun accepts only what both take for the same: see
//! [`archive`](super::archive) and [`json`](super::json).

use std::io::{Read, Seek, SeekFrom};

use super::super::Reference;
use super::archive::{Entry, Kind, Refusal, entries};
use super::json::{Json, parse, value};
use super::{BundleFault, MAX_LIST};

#[cfg(test)]
mod tests;

/// The files that say what images are called, and the one that says that `index.json` is to be read.
const TELLING: [&str; 4] = ["manifest.json", "repositories", "index.json", "oci-layout"];

/// The annotations that name an image. The second one is a tag alone where others have a whole name.
const ANNOTATIONS: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// The keys of an image in `manifest.json`.
const IMAGE: [&str; 5] = ["Config", "RepoTags", "Layers", "LayerSources", "Parent"];

/// The keys of `index.json`, and of an image in it.
const INDEX: [&str; 6] = ["schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations"];
const DESCRIPTOR: [&str; 8] =
    ["mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType"];

/// Checks that an export, which is called `member` in its bundle, names this image and no other.
///
/// # Errors
/// [`BundleFault::NoExport`] where it names none, can't be read, or could be read in two ways;
/// [`BundleFault::OtherNames`] where it names others; [`BundleFault::Changed`] where the file is not what it was.
pub fn names_of(mut export: impl Read + Seek, member: &str, image: &str) -> Result<(), BundleFault> {
    let no_export = || BundleFault::NoExport(member.to_owned());
    let refused = |refusal| match refusal {
        Refusal::Ambiguous => no_export(),
        Refusal::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => BundleFault::Changed,
        Refusal::Io(_) => no_export(),
    };
    let mut names = Vec::new();
    for entry in entries(&mut export).map_err(refused)? {
        if !tells(&entry).ok_or_else(no_export)? {
            continue;
        }
        let text = content(&mut export, &entry).map_err(refused)?;
        let json = parse(&text).ok_or_else(no_export)?;
        let found = match entry.path.as_str() {
            "manifest.json" => of_manifest(&json),
            "repositories" => of_repositories(&json),
            "index.json" => of_index(&json, image),
            _ => Some(Vec::new()),
        };
        names.extend(found.ok_or_else(no_export)?);
    }
    let listed: Option<Reference> = image.parse().ok();
    let is_listed = |name: &String| listed.is_some() && name.parse().ok() == listed;
    let mut others: Vec<&str> = names.iter().filter(|name| !is_listed(name)).map(String::as_str).collect();
    others.dedup();
    if names.is_empty() {
        Err(no_export())
    } else if others.is_empty() {
        Ok(())
    } else {
        Err(BundleFault::OtherNames { found: others.join(", "), listed: image.to_owned() })
    }
}

/// Whether an entry is one of the files with names in them; `None` for one that could become such a file by a link.
fn tells(entry: &Entry) -> Option<bool> {
    // By its last part: a link to a folder would lead another path to the same file.
    let is_telling = |path: &str| path.rsplit('/').next().is_some_and(|name| TELLING.contains(&name));
    let tells = is_telling(&entry.path);
    let odd = tells && (entry.path.contains('/') || entry.kind != Kind::File || entry.bytes > MAX_LIST);
    (!odd && !is_telling(&entry.target)).then_some(tells)
}

fn content(export: &mut (impl Read + Seek), entry: &Entry) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    export.seek(SeekFrom::Start(entry.at))?;
    export.take(entry.bytes).read_to_end(&mut text)?;
    Ok(text)
}

/// The names in a `manifest.json` of one image.
fn of_manifest(json: &Json) -> Option<Vec<String>> {
    let [image] = json.list()? else { return None };
    let image = image.object(&IMAGE)?;
    // The engine would set the parent of an image that it has already.
    if value(image, "Parent").is_some_and(|parent| parent.text() != Some("")) {
        return None;
    }
    let tags = value(image, "RepoTags").map_or(Some(&[][..]), Json::list)?;
    tags.iter().map(|tag| tag.text().map(str::to_owned)).collect()
}

fn of_repositories(json: &Json) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for (repository, tags) in json.map()? {
        names.extend(tags.map()?.iter().map(|(tag, _)| format!("{repository}:{tag}")));
    }
    Some(names)
}

fn of_index(json: &Json, image: &str) -> Option<Vec<String>> {
    let index = json.object(&INDEX)?;
    let mut names = annotated(value(index, "annotations"), image)?;
    for descriptor in value(index, "manifests").map_or(Some(&[][..]), Json::list)? {
        names.extend(annotated(value(descriptor.object(&DESCRIPTOR)?, "annotations"), image)?);
    }
    Some(names)
}

/// The names in annotations. A tag alone is one of the image that is named beside it.
fn annotated(annotations: Option<&Json>, image: &str) -> Option<Vec<String>> {
    let annotations = annotations.map_or(Some(&[][..]), Json::map)?;
    let named = |key| value(annotations, key).map_or(Some(None), |name| name.text().map(Some));
    let (full, other) = (named(ANNOTATIONS[0])?, named(ANNOTATIONS[1])?);
    let is_tag = |text: &str| full.is_some() && image.parse().is_ok_and(|name: Reference| name.tag_or_digest() == text);
    Some(full.into_iter().chain(other.filter(|text| !is_tag(text))).map(str::to_owned).collect())
}
