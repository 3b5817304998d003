//! `image: { name }`: an image is on the engine. Also: which image names mean the same image.

use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Ask, Facts};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Visitor};
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Finding};

/// Wants an image.
#[derive(Debug)]
pub struct Image {
    name: Name,
}

/// What stands under the key.
const SHAPE: Shape =
    Shape::new("an `image` check", &[Field::required("name", Form::Name(NameKind::Image), "The image.")]);

impl Described for Image {
    const ABOUT: &'static str = "An image is on the engine.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Image {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let name = fields.name("name", NameKind::Image);
        fields.end();
        Some(Self { name: name? })
    }
}

impl Grader for Image {
    fn wants(&self) -> String {
        format!("image {} is there", self.name)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Image(self.name.text.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        Ok(match facts.image(&self.name.text)? {
            Some(image) => pass(image.created),
            None => not_begun(self.wants(), format!("there is no image {}", self.name)),
        })
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.name);
    }
}

/// Repository and tag of an image's name. A name without a registry is Docker Hub's. Without a tag it is `latest`, but
/// for one with a digest, of which the name does not tell the tag.
///
/// Source: the reference grammar of `distribution/reference`, and its `ParseNormalizedNamed`.
fn split(name: &str) -> (&str, Option<&str>) {
    let (name, untagged) = match name.split_once('@') {
        Some((name, _digest)) => (name, None),
        None => (name, Some("latest")),
    };
    let (repository, tag) = match name.rsplit_once(':') {
        // A colon before a slash belongs to a registry's port.
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, untagged),
    };
    let repository =
        ["docker.io/", "index.docker.io/"].iter().find_map(|hub| repository.strip_prefix(hub)).unwrap_or(repository);
    (repository.strip_prefix("library/").unwrap_or(repository), tag)
}

/// Whether a name leaves the tag to chance: neither a tag nor a digest.
fn takes_any_tag(name: &str) -> bool {
    !name.contains('@') && name.rsplit_once(':').is_none_or(|(_, tag)| tag.contains('/'))
}

/// Whether a container made from `found` is from `wanted`, by name: a wanted name without a tag takes any tag.
fn same_name(found: &str, wanted: &str) -> bool {
    let ((repository, tag), (wanted_repository, wanted_tag)) = (split(found), split(wanted));
    let right_tag = takes_any_tag(wanted) || (tag.is_some() && tag == wanted_tag);
    found == wanted || (repository == wanted_repository && right_tag)
}

/// Whether a container made from the image `name`, whose id is `id`, is from `wanted`: also when another name of that
/// image was used, or its id. Asks for [`Ask::Image`], and only where the names differ.
pub(super) fn is_from(name: &str, id: &str, wanted: &str, facts: &Facts) -> Result<bool, CannotLook> {
    if same_name(name, wanted) {
        return Ok(true);
    }
    Ok(facts.image(wanted)?.is_some_and(|image| (!id.is_empty() && image.id == id) || is_id_of(name, &image.id)))
}

/// Whether an image was named by its id, or the beginning of it.
fn is_id_of(name: &str, id: &str) -> bool {
    let (name, id) = (name.trim_start_matches("sha256:"), id.trim_start_matches("sha256:"));
    name.len() >= 4 && id.starts_with(name)
}

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn an_image_has_several_names() {
        for name in [
            "busybox",
            "busybox:latest",
            "busybox:1.36",
            "docker.io/library/busybox",
            "index.docker.io/library/busybox",
            "library/busybox:uclibc",
            "busybox@sha256:0123",
            "docker.io/library/busybox:1.36@sha256:0123",
        ] {
            assert!(same_name(name, "busybox"), "{name}");
        }
        for name in ["busybox2", "alpine", "me/busybox", "localhost:5000/busybox", "sha256:0123"] {
            assert!(!same_name(name, "busybox"), "{name}");
        }
        assert!(same_name("busybox", "busybox:latest"));
        assert!(!same_name("busybox:1.36", "busybox:latest"));
        assert!(same_name("busybox:1.36@sha256:0123", "busybox:1.36"));
        assert!(!same_name("busybox@sha256:0123", "busybox:latest"), "the digest's tag is not known");
        assert!(same_name("busybox@sha256:0123", "busybox@sha256:0123"));
        assert!(!same_name("busybox@sha256:0123", "busybox@sha256:4567"));
        assert!(same_name("localhost:5000/app", "localhost:5000/app"));
    }
}
