//! What was made from a path of the lab's and would be stranded without it: containers that mount it, and the parts of
//! compose projects whose files are in it.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use bollard::errors::Error;
use bollard::models::ContainerSummary;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
};
use labrun_graders::CannotLook;
use labrun_graders::name::NameKind;

use super::compose_files;
use labrun_docker::{Engine, Snapshot};

const PROJECT: &str = "com.docker.compose.project";

/// Something that needs a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PathUser {
    pub(super) kind: NameKind,
    pub(super) name: String,
    /// A container's or network's id; for others the name.
    pub(super) identity: String,
}

/// Lists what uses a path, except what the baseline already had; containers count in any case.
///
/// # Errors
/// Why the engine does not answer.
pub(super) async fn path_users(path: &Path, baseline: &Snapshot, engine: &Engine) -> Result<Vec<PathUser>, CannotLook> {
    let all = ListContainersOptionsBuilder::new().all(true).build();
    let containers = engine.list_containers(all).await.map_err(|error| engine.trouble(&error))?;
    let mut projects = BTreeSet::new();
    let mut users = Vec::new();
    for container in containers {
        let project = project_below(&container, path);
        if project.is_none() && !mounts(&container, path) {
            continue;
        }
        projects.extend(project);
        let names = container.names.unwrap_or_default();
        let identity = container.id.unwrap_or_default();
        let name = names.first().map_or(identity.as_str(), |name| name.trim_start_matches('/')).to_owned();
        users.push(PathUser { kind: NameKind::Container, name, identity });
    }
    projects.extend(compose_files::projects(path));
    for project in projects {
        let parts = parts(&project, engine).await.map_err(|error| engine.trouble(&error))?;
        users.extend(parts.into_iter().filter(|part| !baseline.has(part.kind, &part.name, &part.identity)));
    }
    users.sort();
    users.dedup();
    Ok(users)
}

/// Whether a container has a bind mount of the path, or of something below it.
fn mounts(container: &ContainerSummary, path: &Path) -> bool {
    let mounts = container.mounts.iter().flatten();
    let mut sources =
        mounts.filter(|mount| mount.typ.as_deref() == Some("bind")).filter_map(|mount| mount.source.as_ref());
    // The engine may have followed links: /tmp is one on macOS.
    let real = path.canonicalize().ok();
    sources.any(|source| {
        let source = Path::new(source);
        source.starts_with(path) || real.as_ref().is_some_and(|real| source.starts_with(real))
    })
}

/// The compose project that made a container, if its files are at the path or below it.
fn project_below(container: &ContainerSummary, path: &Path) -> Option<String> {
    let labels = container.labels.as_ref()?;
    let folder = labels.get("com.docker.compose.project.working_dir").map(String::as_str).into_iter();
    let files = labels.get("com.docker.compose.project.config_files").into_iter().flat_map(|files| files.split(','));
    folder.chain(files).any(|file| Path::new(file).starts_with(path)).then(|| labels.get(PROJECT).cloned())?
}

/// The volumes, networks and images of a compose project.
async fn parts(project: &str, engine: &Engine) -> Result<Vec<PathUser>, Error> {
    let label = format!("{PROJECT}={project}");
    let filters = HashMap::from([("label", vec![label.as_str()])]);
    let docker = &engine.docker;
    let (volumes, networks, images) = tokio::try_join!(
        docker.list_volumes(Some(ListVolumesOptionsBuilder::new().filters(&filters).build())),
        docker.list_networks(Some(ListNetworksOptionsBuilder::new().filters(&filters).build())),
        docker.list_images(Some(ListImagesOptionsBuilder::new().filters(&filters).build())),
    )?;
    let part = |kind, name: String, identity| PathUser { kind, name, identity };
    let volumes = volumes.volumes.unwrap_or_default().into_iter();
    let volumes = volumes.map(|volume| part(NameKind::Volume, volume.name.clone(), volume.name));
    let networks = networks
        .into_iter()
        .map(|network| part(NameKind::Network, network.name.unwrap_or_default(), network.id.unwrap_or_default()));
    let images = images.into_iter().flat_map(|image| {
        let id = image.id;
        image.repo_tags.into_iter().map(move |tag| part(NameKind::Image, tag, id.clone()))
    });
    Ok(volumes.chain(networks).chain(images).collect())
}

#[cfg(test)]
mod tests {
    use bollard::models::MountPoint;

    use super::*;

    fn container(kind: &str, source: &str, labels: &[(&str, &str)]) -> ContainerSummary {
        let mount = MountPoint { typ: Some(kind.to_owned()), source: Some(source.to_owned()), ..MountPoint::default() };
        ContainerSummary {
            mounts: Some(vec![mount]),
            labels: Some(labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()),
            ..ContainerSummary::default()
        }
    }

    #[test]
    fn a_container_uses_a_path_by_mount_or_compose_file() {
        let path = Path::new("/tmp/shop");
        let uses = |container: &ContainerSummary| (mounts(container, path), project_below(container, path));
        assert_eq!(uses(&container("bind", "/tmp/shop", &[])), (true, None));
        assert_eq!(uses(&container("bind", "/tmp/shop/web/index.html", &[])), (true, None));
        assert_eq!(uses(&container("bind", "/tmp/shop2", &[])), (false, None));
        assert_eq!(uses(&container("volume", "/tmp/shop", &[])), (false, None));
        let project = (PROJECT, "x");
        for (label, value, below) in [
            ("com.docker.compose.project.working_dir", "/tmp/shop", true),
            ("com.docker.compose.project.working_dir", "/tmp", false),
            ("com.docker.compose.project.config_files", "/etc/base.yml,/tmp/shop/more.yml", true),
            ("com.docker.compose.project.config_files", "docker-compose.yml", false),
        ] {
            let seen = uses(&container("volume", "v", &[project, (label, value)]));
            assert_eq!(seen, (false, below.then(|| "x".to_owned())), "{label}={value}");
        }
    }
}
