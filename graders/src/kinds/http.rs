//! `http: { container, port, path, status?, contains? }`: what a container serves, asked at its published port.

use std::ops::RangeInclusive;

use super::port::PORTS;
use super::target::must_lead_down;
use super::{not_begun, pass, wrong};
use crate::decode::{Decode, Faults, Fields};
use crate::fact::{Ask, Container, Facts};
use crate::grader::Grader;
use crate::name::{Name, NameKind, Text, Visitor};
use crate::node::Node;
use crate::shape::{Described, Field, Form, Shape};
use crate::verdict::{CannotLook, Feedback, Finding};

/// Wants an answer over HTTP.
#[derive(Debug)]
pub struct Http {
    container: Name,
    /// The container's own port; which one of the host's it is published at is found out.
    port: u32,
    path: Text,
    status: u32,
    contains: Option<Text>,
}

/// What stands under the key.
const SHAPE: Shape = Shape::new(
    "an `http` check",
    &[
        Field::required("container", Form::Name(NameKind::Container), "The container."),
        Field::required("port", Form::Number(PORTS), "The container's own port."),
        Field::required("path", Form::AbsolutePath, "What is asked for."),
        Field::optional("status", Form::Number(STATUSES), "The status code of the answer.").default("200"),
        Field::optional("contains", Form::Text, "Text that the answer has in it."),
    ],
);

impl Described for Http {
    const ABOUT: &'static str = "A container answers over HTTP. The port of the host is found out from the engine, so that a lab need not fix one.";
    const FORM: Form = Form::Map(&SHAPE);
}

impl Decode for Http {
    fn decode(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(node, &SHAPE, faults)?;
        let container = fields.name("container", NameKind::Container);
        let port = fields.number("port", &PORTS);
        let path = fields.required::<Text>("path");
        if let Some(path) = &path
            && (!path.text.starts_with('/') || path.text.contains(char::is_whitespace))
        {
            fields.faults.add("wrong-value", path.span, "this path begins with a slash, and has no spaces");
        }
        if let Some(path) = &path {
            must_lead_down(&path.text, path.span, fields.faults);
        }
        let status = if fields.node("status").is_some() { fields.number("status", &STATUSES) } else { Some(200) };
        let contains = fields.optional("contains");
        fields.end();
        Some(Self { container: container?, port: port?, path: path?, status: status?, contains })
    }
}

impl Http {
    /// Its port is open on the host, and nothing in the container takes what comes in.
    fn nobody_listens(&self, container: &Container) -> Feedback {
        let (name, port) = (&self.container, self.port);
        let program = container.argv.join(" ");
        let seen = format!("port {port} of {name} is published, and nothing listens there; it runs `{program}`");
        let sentence = "Is the program that it runs a server, at which port does it listen, and what does its log say?";
        Feedback::wrong(self.wants(), seen, sentence).diagnosed("nobody-listens")
    }
}

/// A final answer's status code (RFC 9110, section 15).
const STATUSES: RangeInclusive<u32> = 200..=599;

impl Grader for Http {
    fn wants(&self) -> String {
        let contains = self.contains.as_ref().map(|text| format!(", with {}", text.text.trim())).unwrap_or_default();
        format!("{} answers {} at port {}{contains}", self.container, self.path, self.port)
    }

    fn asks(&self) -> Vec<Ask> {
        let (container, path) = (self.container.text.clone(), self.path.text.clone());
        vec![Ask::Http { container, port: self.port, path }]
    }

    fn judge(&self, facts: &Facts) -> Result<Finding, CannotLook> {
        let Some(answer) = facts.http(&self.container.text, self.port, &self.path.text)? else {
            return Ok(not_begun(self.wants(), format!("nothing answers at port {} of {}", self.port, self.container)));
        };
        if u32::from(answer.status) != self.status {
            let seen = format!("it answers {} with {}", self.path, answer.status);
            let sentence = if answer.status == 404 {
                "Is there such a file where the server looks?"
            } else {
                "Look at the server's own words."
            };
            return Ok(wrong(self.wants(), seen, sentence));
        }
        if let Some(wanted) = &self.contains
            && !answer.body.contains(wanted.text.trim())
        {
            let first: String = answer.body.lines().next().unwrap_or_default().chars().take(60).collect();
            let sentence = "Is this the file that you edited, and was it saved?";
            let feedback = Feedback::wrong(self.wants(), format!("it answers: {first}"), sentence);
            return Ok(Finding::Fail(feedback.diagnosed("other-page")));
        }
        Ok(pass(None))
    }

    fn asks_when_wrong(&self, _: &Facts) -> Vec<Ask> {
        vec![Ask::Container(self.container.text.clone())]
    }

    fn near_misses(&self, facts: &Facts) -> Vec<Feedback> {
        let silent = matches!(facts.http(&self.container.text, self.port, &self.path.text), Ok(None));
        let container = facts.container(&self.container.text).ok().flatten();
        let open = container.filter(|container| {
            container.status == "running" && container.published.iter().any(|published| published.port == self.port)
        });
        open.filter(|_| silent).map(|container| self.nobody_listens(container)).into_iter().collect()
    }

    fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.name(&mut self.container);
        visitor.text(&mut self.path);
        if let Some(contains) = &mut self.contains {
            visitor.text(contains);
        }
    }
}
