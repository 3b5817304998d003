//! Images, raw descriptions, and the list of everything that is there.

use std::collections::BTreeMap;

use bollard::errors::Error;
use bollard::query_parameters::{ListContainersOptionsBuilder, ListImagesOptionsBuilder};
use labrun_graders::fact::Image;
use labrun_graders::name::NameKind;
use labrun_graders::{CannotLook, Fact, Target};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::connect::Engine;
use super::{clock, path_identity};

/// What a name can't have as it is in a request.
const UNSAFE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/').remove(b':').remove(b'@');

/// An image.
pub(super) async fn image(engine: &Engine, name: &str) -> Result<Fact, CannotLook> {
    match engine.docker.inspect_image(name).await {
        Ok(seen) => Ok(Fact::Image(Image {
            id: seen.id.unwrap_or_default(),
            tags: seen.repo_tags.unwrap_or_default(),
            created: seen.metadata.and_then(|metadata| clock::parse(metadata.last_tag_time.as_deref())),
        })),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(Fact::Absent),
        Err(error) => Err(engine.trouble(&error)),
    }
}

/// Everything that the engine says of an object.
pub(super) async fn inspect(engine: &Engine, target: &Target) -> Result<Fact, CannotLook> {
    let name = utf8_percent_encode(&target.name, UNSAFE);
    let path = match target.kind {
        NameKind::Container => format!("/containers/{name}/json"),
        NameKind::Volume => format!("/volumes/{name}"),
        NameKind::Network => format!("/networks/{name}"),
        NameKind::Image => format!("/images/{name}/json"),
        NameKind::Path => return Ok(Fact::Absent),
    };
    match engine.ask(&path).await {
        Ok(answer) => match serde_json::from_slice(&answer.body) {
            Ok(json) => Ok(Fact::Json(json)),
            Err(error) => Err(engine.trouble(&Error::JsonSerdeError { err: error })),
        },
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(Fact::Absent),
        Err(error) => Err(engine.trouble(&error)),
    }
}

/// What images without a name are noted as, by their ids.
const UNTAGGED: &str = "untagged image";

/// Names to what tells a thing from another one of the same name.
pub type Ids = BTreeMap<String, String>;

/// Everything on an engine, each with what tells it from another one of the same name: containers, networks and images
/// by id, volumes by the moment of their creation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// By kind; paths are added by whoever knows which ones matter.
    pub objects: BTreeMap<String, Ids>,
    /// The names that the lab owned then, each as its kind and the name; `None` if an earlier version took the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned: Option<Vec<(String, String)>>,
}

impl Snapshot {
    /// What tells the object of this kind and name from another one.
    #[must_use]
    pub fn identity(&self, kind: NameKind, name: &str) -> Option<&str> {
        self.objects.get(kind.word())?.get(name).map(String::as_str)
    }

    /// Whether this is what was there, and not another one of its name. Containers and networks keep their id under a new
    /// name, so theirs is looked for under every name.
    ///
    /// Of volumes only the name counts: they have no id, and their `CreatedAt` is the time of their root directory, which
    /// moves when something is written there or a tmpfs is mounted over it (measured on Docker 20.10).
    #[must_use]
    pub fn has(&self, kind: NameKind, name: &str, identity: &str) -> bool {
        let known = self.identity(kind, name);
        match kind {
            NameKind::Volume => known.is_some(),
            NameKind::Path => known.is_some_and(|known| path_identity::agree(known, identity)),
            NameKind::Image => known == Some(identity),
            NameKind::Container | NameKind::Network => {
                self.objects.get(kind.word()).is_some_and(|known| known.values().any(|known| known == identity))
            }
        }
    }

    /// Returns false if the lab is known not to have owned this name then.
    #[must_use]
    pub fn owned(&self, kind: NameKind, name: &str) -> bool {
        let is_it = |owned: &(String, String)| owned.0 == kind.word() && owned.1 == name;
        self.owned.as_ref().is_none_or(|owned| owned.iter().any(is_it))
    }

    /// Whether the image with this id was there, with a name or without.
    #[must_use]
    pub fn has_image(&self, id: &str) -> bool {
        [NameKind::Image.word(), UNTAGGED]
            .iter()
            .any(|kind| self.objects.get(*kind).is_some_and(|images| images.values().any(|known| known == id)))
    }

    /// Whether images without a name were noted, too. Sessions of earlier versions did not.
    #[must_use]
    pub fn knows_untagged(&self) -> bool {
        self.objects.contains_key(UNTAGGED)
    }

    /// Notes an object.
    pub fn insert(&mut self, kind: NameKind, name: String, identity: String) {
        self.objects.entry(kind.word().to_owned()).or_default().insert(name, identity);
    }
}

/// An object of the engine's, as far as it matters whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// What tells it from another one of the same name; of a volume, when it was created.
    pub identity: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The labels that a container has from its image.
    pub inherited: BTreeMap<String, String>,
    /// The tags of an image.
    pub tags: Vec<String>,
}

impl Engine {
    /// Describes an object; `None` if there is none of this kind and name.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn describe(&self, kind: NameKind, name: &str) -> Result<Option<Described>, CannotLook> {
        let Fact::Json(json) = inspect(self, &Target { kind, name: name.to_owned() }).await? else { return Ok(None) };
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let labels = |value: &serde_json::Value| -> BTreeMap<String, String> {
            let pairs = value.as_object().into_iter().flatten();
            pairs.map(|(key, value)| (key.clone(), text(value))).collect()
        };
        let (identity, own) = match kind {
            NameKind::Volume => (text(&json["CreatedAt"]), &json["Labels"]),
            NameKind::Network => (text(&json["Id"]), &json["Labels"]),
            NameKind::Container | NameKind::Image | NameKind::Path => (text(&json["Id"]), &json["Config"]["Labels"]),
        };
        if !is_called(kind, name, &json) {
            return Ok(None);
        }
        let tags = json["RepoTags"].as_array().into_iter().flatten().map(text).collect();
        let mut described = Described { identity, labels: labels(own), tags, ..Described::default() };
        if kind == NameKind::Container && !described.labels.is_empty() {
            let image = Target { kind: NameKind::Image, name: text(&json["Image"]) };
            if let Fact::Json(image) = inspect(self, &image).await? {
                described.inherited = labels(&image["Config"]["Labels"]);
            }
        }
        Ok(Some(described))
    }

    /// The image that the classic builder made this one from; `None` where there is none, or no image of this name.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn parent_image(&self, name: &str) -> Result<Option<String>, CannotLook> {
        let Fact::Json(json) = inspect(self, &Target { kind: NameKind::Image, name: name.to_owned() }).await? else {
            return Ok(None);
        };
        Ok(json["Parent"].as_str().filter(|parent| !parent.is_empty()).map(str::to_owned))
    }

    /// The architecture of an image; `None` where it is not there. The caller sets the deadline.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn architecture(&self, image: &str) -> Result<Option<String>, CannotLook> {
        match self.docker.inspect_image(image).await {
            Ok(image) => Ok(Some(image.architecture.unwrap_or_default())),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(self.trouble(&error)),
        }
    }

    /// Lists what is there.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn snapshot(&self) -> Result<Snapshot, CannotLook> {
        let docker = &self.docker;
        let all = ListContainersOptionsBuilder::new().all(true).build();
        let (containers, volumes, networks, images) = tokio::try_join!(
            self.list_containers(all),
            docker.list_volumes(None::<bollard::query_parameters::ListVolumesOptions>),
            docker.list_networks(None::<bollard::query_parameters::ListNetworksOptions>),
            // With those between the layers of a build.
            docker.list_images(Some(ListImagesOptionsBuilder::new().all(true).build())),
        )
        .map_err(|error| self.trouble(&error))?;
        let mut snapshot = Snapshot::default();
        for container in containers {
            let id = container.id.unwrap_or_default();
            for name in container.names.unwrap_or_default() {
                snapshot.insert(NameKind::Container, name.trim_start_matches('/').to_owned(), id.clone());
            }
        }
        for volume in volumes.volumes.unwrap_or_default() {
            snapshot.insert(NameKind::Volume, volume.name, volume.created_at.unwrap_or_default());
        }
        for network in networks {
            snapshot.insert(NameKind::Network, network.name.unwrap_or_default(), network.id.unwrap_or_default());
        }
        let mut untagged = Ids::new();
        for image in images {
            // Older engines call an image without a name `<none>:<none>`.
            let tags: Vec<_> = image.repo_tags.into_iter().filter(|tag| !tag.starts_with("<none>")).collect();
            if tags.is_empty() {
                untagged.insert(image.id.clone(), image.id);
                continue;
            }
            for tag in tags {
                snapshot.insert(NameKind::Image, tag, image.id.clone());
            }
        }
        snapshot.objects.insert(UNTAGGED.to_owned(), untagged);
        Ok(snapshot)
    }

    /// What tells an object from another one of the same name; `None` if there is none.
    ///
    /// # Errors
    /// Why the engine does not answer.
    pub async fn identity(&self, kind: NameKind, name: &str) -> Result<Option<String>, CannotLook> {
        let key = match kind {
            NameKind::Volume => "CreatedAt",
            _ => "Id",
        };
        if kind == NameKind::Container {
            return Ok(super::container::inspect(self, name).await?.map(|container| container.id));
        }
        match inspect(self, &Target { kind, name: name.to_owned() }).await? {
            Fact::Json(json) if is_called(kind, name, &json) => {
                Ok(Some(json.get(key).and_then(|id| id.as_str()).unwrap_or_default().to_owned()))
            }
            _ => Ok(None),
        }
    }
}

/// Returns false if an object only has an id that starts with `name`: engines take that for a name, too.
fn is_called(kind: NameKind, name: &str, json: &serde_json::Value) -> bool {
    let id = json["Id"].as_str().unwrap_or_default();
    match kind {
        NameKind::Volume | NameKind::Path => true,
        NameKind::Container | NameKind::Network => {
            id == name || json["Name"].as_str().is_some_and(|called| called.trim_start_matches('/') == name)
        }
        NameKind::Image => {
            let digits = |id: &str| id.trim_start_matches("sha256:").to_owned();
            let is_start = digits(id).starts_with(&digits(name)) && digits(id) != digits(name);
            // Podman puts a registry before a name.
            let is_tag = |tag: &str| {
                let tag = tag.strip_suffix(":latest").unwrap_or(tag);
                tag == name || tag.ends_with(&format!("/{name}"))
            };
            !is_start || json["RepoTags"].as_array().into_iter().flatten().filter_map(|tag| tag.as_str()).any(is_tag)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{NameKind, Snapshot, is_called};

    #[test]
    fn a_container_or_network_is_known_under_every_name() {
        let mut before = Snapshot::default();
        before.insert(NameKind::Container, "db".to_owned(), "id".to_owned());
        before.insert(NameKind::Network, "net".to_owned(), "id-2".to_owned());
        before.insert(NameKind::Image, "mine:1".to_owned(), "sha256:1".to_owned());
        assert!(before.has(NameKind::Container, "renamed", "id") && before.has(NameKind::Network, "other", "id-2"));
        assert!(!before.has(NameKind::Container, "renamed", "id-2"), "that is a network");
        assert!(!before.has(NameKind::Image, "owned:1", "sha256:1"), "a tag is removed without its image");
    }

    #[test]
    fn the_start_of_an_id_is_no_name() {
        let container = json!({"Id": "cafe0123", "Name": "/web"});
        let network = json!({"Id": "cafe0123", "Name": "web"});
        let image = json!({"Id": "sha256:cafe0123", "RepoTags": ["mine:1", "cafe:2"]});
        for (kind, object) in
            [(NameKind::Container, &container), (NameKind::Network, &network), (NameKind::Image, &image)]
        {
            for start in ["c", "cafe", "cafe012"] {
                assert!(!is_called(kind, start, object), "{kind:?} {start}");
            }
        }
        assert!(is_called(NameKind::Container, "web", &container) && is_called(NameKind::Network, "web", &network));
        assert!(is_called(NameKind::Network, "cafe0123", &network), "an id that was noted before");
        for name in ["mine:1", "cafe:2", "sha256:cafe0123"] {
            assert!(is_called(NameKind::Image, name, &image), "{name}");
        }
        for tag in ["cafe:latest", "localhost/cafe:latest", "docker.io/library/cafe:latest"] {
            let image = json!({"Id": "sha256:cafe0123", "RepoTags": [tag]});
            assert!(is_called(NameKind::Image, "cafe", &image), "{tag}");
        }
    }

    #[test]
    fn names_are_owned_unless_the_snapshot_says_otherwise() {
        let mut before = Snapshot::default();
        assert!(before.owned(NameKind::Volume, "v"), "an earlier version noted none");
        before.owned = Some(vec![("volume".to_owned(), "v".to_owned())]);
        assert!(before.owned(NameKind::Volume, "v"));
        assert!(!before.owned(NameKind::Container, "v") && !before.owned(NameKind::Volume, "v2"));
        let stored = serde_json::to_string(&before).expect("written");
        assert_eq!(serde_json::from_str::<Snapshot>(&stored).expect("read"), before);
        assert_eq!(serde_json::from_str::<Snapshot>("{\"objects\":{}}").expect("read"), Snapshot::default());
    }

    #[test]
    fn a_container_is_told_by_its_id_and_a_volume_by_its_name() {
        let mut before = Snapshot::default();
        before.insert(NameKind::Container, "c".to_owned(), "id".to_owned());
        before.insert(NameKind::Volume, "v".to_owned(), "2026-01-01T00:00:00Z".to_owned());
        assert!(before.has(NameKind::Container, "c", "id"));
        assert!(!before.has(NameKind::Container, "c", "other"));
        assert!(before.has(NameKind::Volume, "v", "2026-01-01T00:00:09Z"), "its date moves");
        assert!(!before.has(NameKind::Volume, "w", "2026-01-01T00:00:00Z"));
    }
}
