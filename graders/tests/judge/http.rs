//! `http`: what a container serves.

use labrun_graders::fact::{Container, HttpAnswer, PublishedPort};
use labrun_graders::{Ask, Fact, Verdict};
use serde_json::json;

use crate::world::{World, cannot, container, engine_down, mistake, not_begun, passes_undated, wrong};

const WANTS: &str = "web answers /index.html at port 80, with hello";

fn ask() -> Ask {
    Ask::Http { container: "web".to_owned(), port: 80, path: "/index.html".to_owned() }
}

fn judge(world: &World) -> Verdict {
    world.judge(json!({"http": {"container": "web", "port": 80, "path": "/index.html", "contains": "hello"}}))
}

fn answers(status: u16, body: &str) -> Verdict {
    judge(&World::new().saw(ask(), Fact::Http(HttpAnswer { status, body: body.to_owned() })))
}

#[test]
fn the_right_page_passes_with_whatever_is_around_it() {
    assert_eq!(answers(200, "<p>hello you</p>\n"), passes_undated());
}

#[test]
fn another_page_or_none_is_told() {
    let edited = "Is this the file that you edited, and was it saved?";
    assert_eq!(answers(200, "bye\nhell"), mistake("other-page", WANTS, "it answers: bye", edited));
    assert_eq!(
        answers(404, "hello"),
        wrong(WANTS, "it answers /index.html with 404", "Is there such a file where the server looks?")
    );
    assert_eq!(
        answers(500, "hello"),
        wrong(WANTS, "it answers /index.html with 500", "Look at the server's own words.")
    );
}

#[test]
fn where_nobody_answers_it_is_not_begun_and_without_an_engine_nobody_can_tell() {
    assert_eq!(judge(&World::new().no(ask())), not_begun(WANTS, "nothing answers at port 80 of web"));
    let down = engine_down();
    assert_eq!(judge(&World::new().unseen(ask(), down.clone())), cannot(down.obstacle, &down.what, &down.remedy));
}

#[test]
fn a_published_port_at_which_nothing_listens_is_named() {
    let published = vec![PublishedPort { port: 80, host_port: Some(8_080), ..PublishedPort::default() }];
    let argv = ["sleep", "600"].map(str::to_owned).to_vec();
    let web = Container { published, argv, ..container("web") };
    let check = || json!({"http": {"container": "web", "port": 80, "path": "/index.html", "contains": "hello"}});
    let silent = |web: Container| World::new().no(ask()).container(web).diagnose(check());
    let sentence = "Is the program that it runs a server, at which port does it listen, and what does its log say?";
    let seen = "port 80 of web is published, and nothing listens there; it runs `sleep 600`";
    assert_eq!(silent(web.clone()), mistake("nobody-listens", WANTS, seen, sentence));
    let other = not_begun(WANTS, "nothing answers at port 80 of web");
    assert_eq!(silent(Container { status: "exited".to_owned(), ..web.clone() }), other);
    assert_eq!(silent(Container { published: Vec::new(), ..web }), other);
}
