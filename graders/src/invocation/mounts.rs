//! What `-v` and `--mount` say of a mount, as it was typed.
//!
//! Source: the Docker CLI reference of `docker run`, "Add bind mounts or volumes using the --mount flag".

use crate::args::Flag;

/// The source and the place of a mount, in the order in which they were given them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MountWords {
    /// What is mounted.
    pub(crate) source: String,
    /// Where the container is to see it.
    pub(crate) target: String,
}

impl MountWords {
    /// Of an option and its value; `None` where it names no source, or is another option.
    pub(super) fn of(flag: &Flag<'_>, value: &str) -> Option<Self> {
        let (source, target) = match flag {
            Flag::Short('v') | Flag::Long("--volume") => {
                let mut fields = value.split(':');
                (fields.next()?, fields.next()?)
            }
            Flag::Long("--mount") => {
                (field(value, &["source", "src"])?, field(value, &["target", "dst", "destination"])?)
            }
            _ => return None,
        };
        (!source.is_empty() && !target.is_empty())
            .then(|| Self { source: source.to_owned(), target: target.to_owned() })
    }

    /// Whether the engine makes no container of it: the place has to be a path from the root on.
    pub(crate) fn is_refused(&self) -> bool {
        !self.target.starts_with('/')
    }
}

/// The value of one of these keys in `key=value,key=value`.
fn field<'a>(value: &'a str, keys: &[&str]) -> Option<&'a str> {
    let mut pairs = value.split(',').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| keys.contains(key)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::invocation::docker_calls;

    #[test]
    fn a_mount_is_read_in_each_way_of_writing_it() {
        let told = |line: &str| -> Vec<String> {
            let calls = docker_calls(line);
            calls.iter().flat_map(|call| &call.mounts).map(|it| format!("{} > {}", it.source, it.target)).collect()
        };
        for line in [
            "docker run -dit -v a:/b busybox sh",
            "docker run -va:/b:ro busybox",
            "docker create --volume=a:/b busybox",
            "docker run --mount type=volume,src=a,dst=/b,readonly busybox",
            "docker container run --mount=source=a,target=/b busybox",
        ] {
            assert_eq!(told(line), ["a > /b"], "{line}");
        }
        assert_eq!(told("docker run -v a:/b -v c:/d busybox ls -v x:y"), ["a > /b", "c > /d"]);
        assert_eq!(told("docker run -v /b -v :/b --mount type=tmpfs,target=/b busybox"), Vec::<String>::new());
    }
}
