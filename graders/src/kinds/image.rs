//! `image: { name }`: an image is on the engine. Also: which image names mean the same image.

use super::{not_begun, pass};
use crate::check::Grader;
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Ask, Facts};
use crate::name::{Name, NameKind, Visitor};
use crate::node::Node;
use crate::verdict::{CannotLook, Finding};

/// Wants an image.
#[derive(Debug)]
pub struct Image {
    name: Name,
}

impl Decode for Image {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, "an `image` check", faults)?;
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

/// Repository and tag of an image's name. A name without a registry is Docker Hub's, without a tag any tag.
///
/// Source: the reference grammar of `distribution/reference`.
fn split(name: &str) -> (String, Option<&str>) {
    let (repository, tag) = match name.rsplit_once(':') {
        // A colon before a slash belongs to a registry's port.
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    let repository = repository.strip_prefix("docker.io/").unwrap_or(repository);
    (repository.strip_prefix("library/").unwrap_or(repository).to_owned(), tag)
}

/// Whether a container made from `found` is from `wanted`, by name: a wanted name without a tag takes any tag.
pub(super) fn same_name(found: &str, wanted: &str) -> bool {
    let ((found, found_tag), (wanted, wanted_tag)) = (split(found), split(wanted));
    found == wanted && wanted_tag.is_none_or(|tag| tag == found_tag.unwrap_or("latest"))
}

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn an_image_has_several_names() {
        for name in ["busybox", "busybox:latest", "busybox:1.36", "docker.io/library/busybox", "library/busybox:uclibc"]
        {
            assert!(same_name(name, "busybox"), "{name}");
        }
        for name in ["busybox2", "alpine", "me/busybox", "localhost:5000/busybox", "sha256:0123"] {
            assert!(!same_name(name, "busybox"), "{name}");
        }
        assert!(same_name("busybox", "busybox:latest"));
        assert!(!same_name("busybox:1.36", "busybox:latest"));
        assert!(same_name("localhost:5000/app", "localhost:5000/app"));
    }
}
