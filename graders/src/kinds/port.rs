//! `port: { container, port, protocol?, host_port?, address? }`: a container's port is published on the engine's host. Told
//! by what the engine says of the container; nobody connects to it.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::{not_begun, pass};
use crate::decode::{Decode, Faults, Fields, unknown};
use crate::fact::{Ask, Container, Facts, PublishedPort};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::near;
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// A port's number (RFC 9293, section 3.1): 16 bits, and 0 is none.
pub(super) const PORTS: RangeInclusive<u32> = 1..=65_535;

/// The protocols that the engine publishes ports of.
const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// Wants a port to be published.
#[derive(Debug)]
pub struct Port {
    container: Name,
    /// The container's own.
    port: u32,
    protocol: String,
    host_port: Option<u32>,
    address: Option<IpAddr>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "a `port` check",
    &[
        Field::required("container", Form::Name(NameKind::Container), "The container."),
        Field::required("port", Form::Number(PORTS), "The container's own port."),
        Field::optional("protocol", Form::Word(&PROTOCOLS), "The port's protocol.").default("tcp"),
        Field::optional(
            "host_port",
            Form::Number(PORTS),
            "The port of the engine's host. Leave it out where any will do: then many learners fit on one engine.",
        ),
        Field::optional(
            "address",
            Form::Address,
            "The address of the engine's host that it is published on; `0.0.0.0` is every one. Without it, any will do.",
        ),
    ],
);

impl Described for Port {
    const ABOUT: &'static str = "A port of a container is published, and the container runs. Nobody connects to it.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Port {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.name("container", NameKind::Container);
        let port = fields.number("port", &PORTS);
        let protocol = fields.optional::<Text>("protocol");
        if let Some(protocol) = &protocol
            && !PROTOCOLS.contains(&protocol.text.as_str())
        {
            let message = format!("a port is never of `{protocol}`");
            unknown(fields.faults, "unknown-value", protocol.span, message, &protocol.text, PROTOCOLS);
        }
        let host_port = fields.node("host_port").is_some().then(|| fields.number("host_port", &PORTS)).flatten();
        let address = fields.optional::<Text>("address").and_then(|text| {
            let address = text.text.parse().ok();
            if address.is_none() {
                fields.faults.add("wrong-value", text.span, format!("`{text}` is no address, such as 127.0.0.1"));
            }
            address
        });
        fields.end();
        let protocol = protocol.map_or_else(|| "tcp".to_owned(), |protocol| protocol.text);
        Some(Self { container: container?, port: port?, protocol, host_port, address })
    }
}

/// Whether a port is published on this address: the engine leaves out, or names in two ways, the one that is all.
fn is_on(published: &PublishedPort, wanted: IpAddr) -> bool {
    match published.address {
        Some(address) if !address.is_unspecified() => address == wanted,
        _ => wanted.is_unspecified(),
    }
}

impl Port {
    /// The port, with its protocol where that is not the usual one.
    fn called(&self) -> String {
        if self.protocol == "tcp" { self.port.to_string() } else { format!("{}/{}", self.port, self.protocol) }
    }

    fn fits(&self, published: &PublishedPort) -> bool {
        self.host_port.is_none_or(|wanted| published.host_port == Some(wanted))
            && self.address.is_none_or(|wanted| is_on(published, wanted))
    }

    /// It is published, and otherwise than it was to be.
    fn published_otherwise(&self, published: &PublishedPort) -> Feedback {
        let told = |seen, sentence| Feedback::wrong(self.wants(), seen, sentence);
        if self.address.is_none_or(|wanted| is_on(published, wanted)) {
            let seen = match published.host_port {
                Some(port) => format!("it is published at port {port} of the host"),
                None => "it is published at a port that the engine chooses".to_owned(),
            };
            return told(seen, "The container's port is right. Which port of the host does the task name?")
                .diagnosed("wrong-host-port");
        }
        let (seen, sentence) = match published.address.filter(|address| !address.is_unspecified()) {
            None => (
                "it is published on every address of the host".to_owned(),
                "Whoever reaches the host reaches it now. Where in -p does an address stand?",
            ),
            Some(address) => {
                (format!("it is published on {address} alone"), "From where is it to be reached? Compare the address.")
            }
        };
        told(seen, sentence).diagnosed("wrong-address")
    }

    /// It is not published, and something else may be.
    fn not_published(&self, container: &Container) -> Feedback {
        let (name, called) = (&self.container, self.called());
        let told = |seen: String, sentence: &str| Feedback::wrong(self.wants(), seen, sentence);
        let of_port = |port: &&PublishedPort| port.port == self.port;
        if let Some(found) = container.published.iter().find(of_port) {
            let seen = format!("port {} is published for {}, not for {}", self.port, found.protocol, self.protocol);
            return told(seen, "A port is one of a protocol. Where in -p does the protocol stand?")
                .diagnosed("wrong-protocol");
        }
        if let Some(found) = container.published.iter().find(|found| found.protocol == self.protocol) {
            let host = found.host_port.map(|port| format!(", at {port} of the host")).unwrap_or_default();
            let seen = format!("{name} has its port {} published{host}", found.port);
            let swapped = found.host_port == Some(self.port);
            let sentence = "In -p one side is the host's and the other the container's. Which one comes last?";
            return if swapped {
                told(seen, sentence).diagnosed("ports-swapped")
            } else {
                told(seen, "At which of its own ports does the container listen? Compare the two sides of -p.")
                    .diagnosed("wrong-port")
            };
        }
        if container.exposed.contains(&format!("{}/{}", self.port, self.protocol)) {
            let seen = format!("port {called} is exposed, and not published");
            let sentence = "To expose a port only says that something listens there. What opens it on the host?";
            return told(seen, sentence).diagnosed("exposed-not-published");
        }
        let sentence = "Ports are published when a container is created. Which option does that?";
        told(format!("{name} publishes no port"), sentence).diagnosed("not-published")
    }
}

impl Grader for Port {
    fn wants(&self) -> String {
        let at = self.host_port.map(|port| format!(" at {port} of the host")).unwrap_or_default();
        let on = self.address.map(|address| format!(" on {address}")).unwrap_or_default();
        format!("port {} of {} is published{at}{on}", self.called(), self.container)
    }

    fn asks(&self) -> Vec<Ask> {
        vec![Ask::Container(self.container.text.clone())]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(container) = facts.container(&self.container.text)? else {
            return Ok(not_begun(self.wants(), format!("there is no container {}", self.container)));
        };
        let of_port = |found: &&PublishedPort| found.port == self.port && found.protocol == self.protocol;
        let mut published = container.published.iter().filter(of_port).peekable();
        let Some(first) = published.peek().copied() else {
            return Ok(Finding::Fail(self.not_published(container)));
        };
        if !published.any(|found| self.fits(found)) {
            return Ok(Finding::Fail(self.published_otherwise(first)));
        }
        if matches!(container.status.as_str(), "running" | "paused") {
            return Ok(pass(container.started));
        }
        let seen = format!("{} is {}", self.container, container.status);
        let sentence = "A port is open only while its container runs. What does its log say?";
        let feedback = Feedback::wrong(self.wants(), seen, sentence);
        Ok(Finding::Fail(match container.status.as_str() {
            "created" => feedback.diagnosed("never-started"),
            "exited" => feedback.diagnosed("not-running"),
            _ => feedback,
        }))
    }

    fn asks_when_wrong(&self, facts: &Facts) -> Vec<Ask> {
        near::traces_asks(facts)
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        near::container::of_it(&self.container.text, &self.wants(), facts)
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
    }
}
