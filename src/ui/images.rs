//! The labs' images: what is there, and what has come.

use indicatif::DecimalBytes;
use serde_json::{Value, json};

use super::page::Page;
use super::theme::Role;
use labrun_engine::images::{Fate, Required, Saved, Standing};

/// An image that labs require.
#[derive(Clone, Debug)]
pub struct ImageLine {
    /// The image, and who requires it.
    pub required: Required,
    /// Whether it is there.
    pub standing: Standing,
}

impl ImageLine {
    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let seen = self.standing.seen();
        json!({
            "image": self.required.image, "state": self.standing.word(), "labs": self.required.labs,
            "id": seen.map(|seen| &seen.id), "bytes": seen.map(|seen| seen.bytes),
            "architecture": seen.map(|seen| &seen.architecture),
        })
    }
}

/// An id as docker shows it.
fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id)
}

impl Page {
    /// Which images the labs require, and how it stands with each; what to do where one is not there.
    #[must_use]
    pub fn images(&self, lines: &[ImageLine], architecture: &str, labs: Option<&str>) -> String {
        if lines.is_empty() {
            return self.no_images();
        }
        let mut screen = String::new();
        for line in lines {
            let (role, word, about) = match &line.standing {
                Standing::Here(seen) => (Role::Good, "ok", {
                    let of = if seen.architecture.is_empty() { "" } else { " · " };
                    format!("{} · {}{of}{}", short(&seen.id), DecimalBytes(seen.bytes), seen.architecture)
                }),
                Standing::OtherArchitecture(seen) => (
                    Role::Bad,
                    "other",
                    format!("it is for {}, and the engine's machine is {architecture}", seen.architecture),
                ),
                Standing::Missing => (Role::Open, "missing", format!("for {}", line.required.labs.join(", "))),
            };
            let first = format!("  {}  ", self.theme.paint(role, &format!("{word:<7}")));
            screen += &self.wrap(&first, &format!("{}  {about}", line.required.image));
        }
        if lines.iter().any(|line| !matches!(line.standing, Standing::Here(_))) {
            let labs = labs.map(|labs| format!(" {labs}")).unwrap_or_default();
            screen += "\n";
            screen += &self.wrap("", &format!("With a network: labrun images pull{labs}"));
            screen += &self.wrap("", "Without one: labrun images load FILE");
        }
        screen
    }

    /// Nothing is required.
    #[must_use]
    pub fn no_images(&self) -> String {
        self.wrap("", "No image is required.")
    }

    /// The images that did not come, of so many.
    #[must_use]
    pub fn not_pulled(&self, images: &[&str], of: usize) -> String {
        self.wrap("", &format!("{} of {of} images did not come: {}", images.len(), images.join(", ")))
    }

    /// What became of an image.
    pub(super) fn came(&self, image: &str, fate: Fate, bytes: u64) -> String {
        let size = DecimalBytes(bytes);
        let (role, word, about) = match fate {
            Fate::Already => (Role::Good, "ok", format!("{size}, was here already")),
            Fate::Pulled => (Role::Good, "pulled", size.to_string()),
            Fate::Loaded => (Role::Good, "loaded", size.to_string()),
            Fate::Kept => {
                let remove = format!("docker image rm {image}");
                (
                    Role::Open,
                    "kept",
                    format!(
                        "another image has this name here, and keeps it; for the file's: {remove}, then load again"
                    ),
                )
            }
        };
        self.wrap(&format!("  {}  ", self.theme.paint(role, &format!("{word:<7}"))), &format!("{image}  {about}"))
    }

    /// What was saved, and what to do with it.
    #[must_use]
    pub fn saved(&self, saved: &Saved) -> String {
        let (manifest, path) = (&saved.manifest, saved.path.display());
        let images = manifest.members.iter().filter(|member| member.image.is_some()).count();
        let images = if images == 1 { "1 image".to_owned() } else { format!("{images} images") };
        let program = manifest.members.iter().any(|member| member.image.is_none());
        let and = if program { ", and labrun" } else { "" };
        let mut screen = self.wrap("", &format!("Saved {path}"));
        screen +=
            &self.wrap("  ", &format!("{} · {images} for {}{and}", DecimalBytes(saved.bytes), manifest.architecture));
        screen += "\nOn a machine without a network:\n";
        let file = saved.path.file_name().unwrap_or_default().to_string_lossy();
        if program {
            screen += &self.wrap("  ", &format!("tar -xf {file} labrun"));
        }
        screen + &self.wrap("  ", &format!("{}labrun images load {file}", if program { "./" } else { "" }))
    }

    /// What comes after a load.
    #[must_use]
    pub fn loaded(&self, labs: &str) -> String {
        self.wrap("", &format!("All of it is as it was saved, for {labs}."))
    }
}
