//! What shell text needs of the machine that it is typed on.

use super::docker_calls;

/// The most ports that one range is taken for.
const MAX_RANGE: u16 = 64;

/// The ports of the engine's host that the commands of this text publish at, sorted, each once. One that the engine is
/// free to choose is not among them, nor is one of another protocol than TCP.
#[must_use]
pub fn published_ports(text: &str) -> Vec<u16> {
    let making = docker_calls(text).into_iter().filter(|call| call.makes_container());
    let mut ports: Vec<u16> =
        making.flat_map(|call| call.published).flat_map(|published| host_ports(&published)).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Whether a command of this text is one of compose.
#[must_use]
pub fn uses_compose(text: &str) -> bool {
    docker_calls(text).iter().any(|call| call.command == "compose" || call.command.starts_with("compose "))
}

/// The host's ports in `[IP:][HOST:]CONTAINER[/PROTOCOL]`, as `docker run --help` and the CLI reference tell of it.
fn host_ports(published: &str) -> Vec<u16> {
    let (ports, protocol) = published.split_once('/').unwrap_or((published, "tcp"));
    let Some((before, _container)) = ports.rsplit_once(':') else { return Vec::new() };
    let host = before.rsplit_once(':').map_or(before, |(_address, host)| host);
    let (first, last) = host.split_once('-').unwrap_or((host, host));
    match (protocol, first.parse::<u16>(), last.parse::<u16>()) {
        ("tcp", Ok(first), Ok(last)) if first > 0 => (first..=last.min(first.saturating_add(MAX_RANGE))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{published_ports, uses_compose};

    #[test]
    fn a_fixed_port_is_needed_and_a_chosen_one_is_not() {
        let text = "docker run -dp 8080:80 -p 127.0.0.1:8081:80 -p 127.0.0.1::80 -p 80 -p 53:53/udp --publish=[::1]:8082:80 \\\n  \
                    -p 9000-9002:9000-9002 busybox httpd -p 7 && docker create -p 8080:1 busybox";
        assert_eq!(published_ports(text), [8080, 8081, 8082, 9000, 9001, 9002]);
        assert_eq!(
            published_ports("docker exec a nc -p 8080:80; docker run -p 0:80 -p x:y busybox"),
            Vec::<u16>::new()
        );
    }

    #[test]
    fn compose_is_used_where_one_of_its_commands_is() {
        assert!(uses_compose("mkdir a\ndocker compose up -d"));
        assert!(uses_compose("cd a && docker-compose ps"));
        assert!(!uses_compose("echo docker compose up; docker run busybox compose"));
    }
}
