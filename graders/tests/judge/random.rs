//! Random verdicts, facts and documents, made of few words so that they often come near what a check is about.

use std::collections::BTreeMap;

use labrun_graders::evidence::{Detail, Dropped, Entry, Gap, Journal, MountSeen, TypedLine, Unread};
use labrun_graders::fact::{
    Access, Answered, Archive, Container, Damage, Digest, Everything, File, FileKind, HostPath, HttpAnswer, Image,
    Lifetime, Listed, Log, Member, MemberKind, Mount, Network, Owner, PublishedPort, Reached, Tmpfs, Volume,
};
use labrun_graders::name::NameKind;
use labrun_graders::{Ask, CannotLook, Check, Fact, Feedback, KINDS, Obstacle, Pass, Verdict};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use crate::world::{SINCE, check, target};

/// Any verdict.
pub fn verdict() -> impl Strategy<Value = Verdict> {
    let pass = (option::of(-9_i64..9), option::of("[a-z]")).prop_map(|(at, caveat)| Verdict::Pass(Pass { at, caveat }));
    let fail = ("[a-z]", any_bool()).prop_map(|(seen, begun)| {
        Verdict::Fail(if begun { Feedback::wrong("x", seen, "y") } else { Feedback::not_begun("x", seen) })
    });
    prop_oneof![pass, fail, obstacle().prop_map(Verdict::CannotCheck)]
}

/// `true` or `false`.
pub fn any_bool() -> impl Strategy<Value = bool> {
    proptest::bool::ANY
}

/// Any reason for which something could not be looked at.
pub fn obstacle() -> impl Strategy<Value = CannotLook> {
    let obstacles = [Obstacle::NoEngine, Obstacle::Denied, Obstacle::Gap, Obstacle::Unseen, Obstacle::Lab];
    (proptest::sample::select(obstacles.to_vec()), "[a-z]")
        .prop_map(|(obstacle, what)| CannotLook::new(obstacle, what, ""))
}

/// One check of each form; their names are those that the facts below are made of.
pub fn checks() -> Vec<Check> {
    [
        json!({"volume": {"name": "a", "driver": "a", "labels": {"a": "b"}}}),
        json!({"container": {"name": "a", "state": "running", "image": "b"}}),
        json!({"container": {"name": "b", "state": "exited"}}),
        json!({"mount": {"container": "a", "volume": "a", "at": "/a", "writable": false}}),
        json!({"mount": {"container": "a", "bind": "/a/b", "at": "/b"}}),
        json!({"mount": {"container": "b", "tmpfs": true, "at": "/a"}}),
        json!({"mount": {"container": "b", "anonymous": true, "at": "/a"}}),
        json!({"volume": {"name": "a", "tmpfs": {"size": "4MiB", "inodes": 7}, "same_since": "start"}}),
        json!({"container": {"name": "a", "restarted": false, "mounts": "none", "same_since": "a"}}),
        json!({"container": {"name": "b", "restarted": true}}),
        json!({"mount": {"container": "a", "tmpfs": {"at_most": "4MiB"}, "at": "/a"}}),
        json!({"mount": {"container": "a", "volume": "a", "at": "/a", "same_since": "start"}}),
        json!({"image": {"name": "b"}}),
        json!({"file": {"in": "host", "path": "/a", "has_lines": ["a", "b"], "contains": "a"}}),
        json!({"file": {"in": {"volume": "a"}, "path": "a", "has_lines": ["a"]}}),
        json!({"file": {"in": {"container": "a"}, "path": "/a", "is": "absent"}}),
        json!({"file": {"in": "host", "path": "/b", "is": "directory"}}),
        json!({"file": {"in": "host", "path": "/a", "lacks": ["b", "ab"], "mode": "0644", "owner": "0:0"}}),
        json!({"file": {"in": {"volume": "a"}, "path": "a", "archive": {
            "has": ["a", {"member": "b", "has_lines": ["a"]}], "lacks": ["a/b"], "compressed": false,
        }}}),
        json!({"file": {"in": {"volume": "a"}, "path": "a", "lines": ["a", "b"], "same_since": "start"}}),
        json!({"file": {"in": "host", "path": "/a", "sums": {"algorithm": "sha256", "of": ["a", "b"]}}}),
        json!({"file": {"in": "host", "path": "/a", "yaml": [{"at": "a", "is": "b"}, {"at": "a.b", "has": ["a", "b=a"]}]}}),
        json!({"file": {"in": "host", "path": "/a", "json": {"a.b": "a"}}}),
        json!({"exec": {"container": "a", "reads": "/a/b"}}),
        json!({"exec": {"container": "b", "runs": "cat"}}),
        json!({"exec": {"container": "a", "runs": "cat", "args": ["-n", "/a/b"], "fails": true}}),
        json!({"exec": {"container": "b", "runs": "cat", "args": ["a"], "after": ["start", "die"]}}),
        json!({"exec": {"container": "a", "reads": "/a/b", "fails": true, "after": "restart"}}),
        json!({"run": {"image": "b", "volume": "a", "at": "/a", "reads": "/a/b"}}),
        json!({"run": {"image": "b", "bind": "/a", "at": "/a", "gone": false}}),
        json!({"run": {"image": "b", "volume": "a", "at": "/a", "runs": "cat"}}),
        json!({"removed": {"container": "a", "replaced": true}}),
        json!({"typed": {"wants": "w", "runs": ["cat a", "sh b"], "reads": "/a/b"}}),
        json!({"typed": {"wants": "w", "runs": ["cat"], "args": ["-n", "/a/b"], "fails": true}}),
        json!({"typed": {"wants": "w", "runs": ["cat a"], "after": {"container": "a", "event": "start"}}}),
        json!({"removed": {"container": "a"}}),
        json!({"removed": {"network": "b"}}),
        json!({"inspect": {"volume": "a", "that": "a == 'b'", "wants": "w"}}),
        json!({"answer": {"ask": "q", "container": "a", "field": "a"}}),
        json!({"answer": {"ask": "q", "container": "a", "mount": "/a", "field": "Name"}}),
        json!({"answer": {"ask": "q", "in": "host", "path": "/a", "line": 2}}),
        json!({"question": {"ask": "q", "choices": [{"text": "a", "right": true}, {"text": "b", "feedback": "no"}]}}),
        json!({"question": {"ask": "q", "number": 7}}),
        json!({"question": {"ask": "q", "number": 7, "unit": "MiB"}}),
        json!({"question": {"ask": "q", "accepts": ["a"]}}),
        json!({"http": {"container": "a", "port": 80, "path": "/a", "contains": "a"}}),
        json!({"port": {"container": "a", "port": 80, "host_port": 81, "address": "127.0.0.1"}}),
        json!({"port": {"container": "b", "port": 80, "protocol": "udp"}}),
        json!({"network": {"name": "a", "driver": "a", "internal": true, "labels": {"a": "b"}, "containers": ["a", "b"]}}),
        json!({"logs": {"container": "a", "has_lines": ["a", "b"], "contains": "a", "lacks": "b", "stream": "stderr"}}),
        json!({"logs": {"container": "b", "lacks": "a"}}),
        json!({"any": [
            {"exec": {"container": "a", "reads": "/a/b"}},
            {"answer": {"ask": "q", "in": {"volume": "a"}, "path": "a"}},
        ]}),
    ]
    .into_iter()
    .map(check)
    .collect()
}

/// Short words of few letters, so that they are often the ones that a check is about, and sometimes hostile.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "/?[ab]{1,2}(/[ab]{1,2}){0,2}",
        2 => proptest::sample::select(vec!["cat", "sh", "-c", "cat /a/b", "cat /a/b; sh", "exited", "running", "b:1"])
            .prop_map(str::to_owned),
        1 => ".{0,12}",
        1 => Just("4f1c2b3a".repeat(8)),
    ]
}

fn moment() -> impl Strategy<Value = i64> {
    prop_oneof![8 => SINCE - 5..SINCE + 20, 1 => proptest::num::i64::ANY]
}

fn words() -> impl Strategy<Value = Vec<String>> {
    vec(word(), 0..4)
}

fn mount_kind() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["volume", "bind", "tmpfs", "npipe"]).prop_map(str::to_owned)
}

fn mount() -> impl Strategy<Value = Mount> {
    let limits = proptest::sample::select(vec!["", "size=4m", "size=1g,nr_inodes=7", "size=1%"]);
    (mount_kind(), word(), word(), word(), any_bool(), limits).prop_map(
        |(kind, name, source, destination, writable, limits)| {
            let limits = Tmpfs::of_options(limits);
            Mount { kind, name, source, destination, writable, limits }
        },
    )
}

fn published() -> impl Strategy<Value = PublishedPort> {
    let number = || proptest::sample::select(vec![80_u32, 81, 8080]);
    let protocol = proptest::sample::select(vec!["tcp", "udp"]);
    let address = proptest::sample::select(vec!["127.0.0.1", "0.0.0.0", "::"]).prop_map(|address| address.parse().ok());
    (number(), protocol, option::of(number()), address).prop_map(|(port, protocol, host_port, address)| PublishedPort {
        port,
        protocol: protocol.to_owned(),
        host_port,
        address,
    })
}

fn network() -> impl Strategy<Value = Network> {
    let keys = proptest::sample::select(vec!["com.docker.compose.project", "com.docker.compose.network", "a"]);
    let labels = vec((keys.prop_map(str::to_owned), word()), 0..3);
    (word(), word(), any_bool(), option::of(moment()), labels).prop_map(|(name, driver, internal, created, labels)| {
        Network { name, driver, internal, created, labels: labels.into_iter().collect() }
    })
}

fn log() -> impl Strategy<Value = Fact> {
    let text = || prop_oneof![3 => "[abAB \n]{0,8}", 1 => ".{0,20}"];
    (text(), text(), text(), any_bool())
        .prop_map(|(text, stdout, stderr, cut)| Fact::Log(Log { text, stdout, stderr, cut }))
}

fn container() -> impl Strategy<Value = Fact> {
    let times = (option::of(moment()), option::of(moment()), moment());
    let main = (words(), any_bool(), prop_oneof![Just(0), Just(127), proptest::num::i64::ANY], word());
    let outside = (vec(word(), 0..3), words(), vec(published(), 0..3));
    (word(), word(), word(), times, main, vec(mount(), 0..4), outside).prop_map(
        |(
            image,
            image_id,
            status,
            (started, finished, created),
            (argv, open_stdin, exit_code, error),
            mounts,
            outside,
        )| {
            let (networks, exposed, published) = outside;
            Fact::Container(Box::new(Container {
                image,
                image_id,
                status,
                started,
                finished,
                created,
                argv,
                open_stdin,
                exit_code,
                error,
                mounts,
                networks,
                exposed,
                published,
                ..Container::default()
            }))
        },
    )
}

fn everything() -> impl Strategy<Value = Fact> {
    let keys = vec!["com.docker.compose.project", "com.docker.compose.volume", "dev.labrun.probe"];
    let key = move || proptest::sample::select(keys.clone()).prop_map(str::to_owned);
    let labels = || vec((key(), word()), 0..2);
    let name = || prop_oneof![2 => word(), 1 => Just("brave_hare".to_owned())];
    let listed =
        (name(), word(), moment(), labels(), vec(mount(), 0..3)).prop_map(|(name, image, created, labels, mounts)| {
            Listed {
                id: name.clone(),
                name,
                image,
                status: "running".to_owned(),
                created,
                labels: labels.into_iter().collect(),
                mounts,
            }
        });
    let volume = (word(), option::of(moment()), labels()).prop_map(|(name, created, labels)| Volume {
        name,
        created,
        labels: labels.into_iter().collect(),
        ..Volume::default()
    });
    (vec(listed, 0..5), vec(volume, 0..5))
        .prop_map(|(containers, volumes)| Fact::Everything(Everything { containers, volumes }))
}

fn file() -> impl Strategy<Value = Fact> {
    let kind = proptest::sample::select(vec![FileKind::Regular, FileKind::Directory, FileKind::Other]);
    let content = option::of(prop_oneof!["[ab \r\n]{0,8}", ".{0,20}"]);
    (kind, proptest::num::u64::ANY, option::of(moment()), content)
        .prop_map(|(kind, size, modified, content)| Fact::File(File { kind, size, mode: 0, modified, content }))
}

fn archive() -> impl Strategy<Value = Fact> {
    let damages = [Damage::Empty, Damage::NoArchive, Damage::Format("zip"), Damage::Truncated, Damage::Corrupt];
    let kind = proptest::sample::select(vec![MemberKind::File, MemberKind::Directory, MemberKind::Other]);
    let member = (word(), kind, 0_u64..9, option::of(word())).prop_map(|(name, kind, size, content)| Member {
        name,
        kind,
        size,
        content,
    });
    (vec(member, 0..4), option::of(proptest::sample::select(damages.to_vec())), any_bool(), any_bool())
        .prop_map(|(members, damage, more, compressed)| Fact::Archive(Archive { members, damage, more, compressed }))
}

fn detail() -> impl Strategy<Value = Detail> {
    let seen = (mount_kind(), word(), word());
    let mounts = vec(
        seen.prop_map(|(kind, source, destination)| MountSeen { kind, source, destination, ..MountSeen::default() }),
        0..3,
    );
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (words(), option::of(0_i64..3), option::of(moment()), flags, mounts, word(), word()).prop_map(
        |(argv, exit_code, ended, (detached, health_check, auto_remove), mounts, image_id, working_dir)| Detail {
            auto_remove,
            argv,
            exit_code,
            ended,
            detached,
            health_check,
            mounts,
            image_id,
            working_dir,
            output: String::new(),
        },
    )
}

pub fn entry() -> impl Strategy<Value = Entry> {
    let actions =
        ["create", "attach", "start", "die", "destroy", "exec_start", "exec_die", "mount", "rename", "archive-path"];
    let keys = ["name", "image", "execID", "exitCode", "command", "container", "destination", "oldName"];
    let attribute = (proptest::sample::select(keys.to_vec()), prop_oneof![3 => word(), 1 => Just("0".to_owned())])
        .prop_map(|(key, value)| (key.to_owned(), value));
    let kind = proptest::sample::select(vec!["container", "container", "volume", "network"]);
    let attributes = vec(attribute, 0..8).prop_map(|pairs| pairs.into_iter().collect::<BTreeMap<_, _>>());
    (moment(), kind, proptest::sample::select(actions.to_vec()), word(), attributes, option::of(detail())).prop_map(
        |(at, kind, action, actor, attributes, detail)| {
            let (kind, action) = (kind.to_owned(), action.to_owned());
            Entry { at, kind, action, actor, attributes, detail }
        },
    )
}

fn journal() -> impl Strategy<Value = Fact> {
    let gap = (moment(), moment()).prop_map(|(from, to)| Gap { from, to });
    let dropped = (option::of(moment()), option::of(moment()));
    let dropped = dropped.prop_map(|(newest, newest_unknown)| Dropped { newest, newest_unknown });
    (vec(entry(), 0..10), vec(gap, 0..2), dropped)
        .prop_map(|(entries, gaps, dropped)| Fact::Journal(Journal { entries, gaps, dropped }))
}

pub fn typed() -> impl Strategy<Value = Fact> {
    let unread = option::weighted(0.2, prop_oneof![Just(Unread::Space), Just(Unread::LeftOut), Just(Unread::TooLong)]);
    let known = (words(), 0_i64..2, option::of(word()), moment());
    let line = (known, unread, any::<bool>()).prop_map(|((words, exit_code, cwd, at), unread, elsewhere)| TypedLine {
        line: if unread.is_some() { String::new() } else { words.join(" ") },
        unread,
        elsewhere,
        exit_code,
        cwd,
        at,
        ..TypedLine::default()
    });
    vec(line, 0..5).prop_map(Fact::Typed)
}

/// Any answer to a question of this kind.
fn fact(ask: &Ask) -> BoxedStrategy<Fact> {
    let fact = match ask {
        Ask::Container(_) => container().boxed(),
        Ask::Volume(_) => (word(), option::of(moment()), word())
            .prop_map(|(driver, created, label)| {
                let labels = [("a".to_owned(), label)].into();
                Fact::Volume(Volume { driver, created, labels, ..Volume::default() })
            })
            .boxed(),
        Ask::Image(_) => (word(), option::of(moment()))
            .prop_map(|(id, created)| Fact::Image(Image { id, created, ..Image::default() }))
            .boxed(),
        Ask::File { .. } => file().boxed(),
        Ask::Access { .. } => (0_u32..0o10000, option::of((0_u64..2, 0_u64..2)))
            .prop_map(|(mode, owner)| {
                Fact::Access(Access { mode, owner: owner.map(|(user, group)| Owner { user, group }) })
            })
            .boxed(),
        Ask::Archive { .. } => archive().boxed(),
        Ask::Digest { .. } => {
            word().prop_map(|word| Fact::Digest(Digest { sha256: word.clone(), sha512: word })).boxed()
        }
        Ask::RealPath(_) => word().prop_map(Fact::RealPath).boxed(),
        Ask::Inspect(_) => (word(), word())
            .prop_map(|(word, at)| Fact::Json(json!({"a": word, "Mounts": [{"Name": word, "Destination": at}]})))
            .boxed(),
        Ask::Http { .. } => (proptest::sample::select(vec![200_u16, 404, 500]), word())
            .prop_map(|(status, body)| Fact::Http(HttpAnswer { status, body }))
            .boxed(),
        Ask::Network(_) => network().prop_map(Fact::Network).boxed(),
        Ask::Networks => vec(network(), 0..4).prop_map(Fact::Networks).boxed(),
        Ask::Log(_) => log().boxed(),
        Ask::Journal => journal().boxed(),
        Ask::Lifetime(_) => (any_bool(), option::of(moment()))
            .prop_map(|(seen, removed)| Fact::Lifetime(Lifetime { seen, removed, ..Lifetime::default() }))
            .boxed(),
        Ask::Reached(_) => (moment(), option::of(1_usize..9), any_bool())
            .prop_map(|(at, step, skipped)| Fact::Reached(Reached { at, step, skipped }))
            .boxed(),
        Ask::Typed => typed().boxed(),
        Ask::Answer => (word(), moment()).prop_map(|(text, at)| Fact::Answer(Answered { text, at })).boxed(),
        Ask::Everything => everything().boxed(),
        Ask::Sighted(_) => Just(Fact::Sighted(())).boxed(),
        Ask::Changes(_) => vec(word(), 0..4).prop_map(Fact::Changes).boxed(),
        Ask::HostPath(_) => (0_u32..2, any_bool(), option::of(moment()))
            .prop_map(|(owner, empty, changed)| {
                Fact::HostPath(HostPath { kind: FileKind::Directory, owner, empty, changed })
            })
            .boxed(),
    };
    prop_oneof![1 => Just(Fact::Absent), 6 => fact].boxed()
}

/// A check of every form with answers to all that it asks, and to nothing else.
pub fn judged() -> impl Strategy<Value = (usize, Vec<(Ask, Fact)>)> {
    (0..checks().len()).prop_flat_map(|index| {
        let asks = checks().get(index).map(|check| [check.asks(), check.truth_asks()].concat()).unwrap_or_default();
        let answers: Vec<_> = asks.into_iter().map(|ask| (Just(ask.clone()), fact(&ask))).collect();
        (Just(index), answers)
    })
}

/// A check of every form, with answers to what is asked after a fail, and then to all that it asks itself.
pub fn wrong() -> impl Strategy<Value = (usize, Vec<(Ask, Fact)>)> {
    let place = |name: &str| Ask::Container(name.to_owned());
    let mut wider = vec![Ask::Everything, Ask::Networks, Ask::Typed, Ask::Journal, place("a"), place("b")];
    wider.extend(["a", "b"].map(|name| Ask::Changes(name.to_owned())));
    wider.push(Ask::HostPath("/a".to_owned()));
    wider.push(Ask::Lifetime(target(NameKind::Volume, "a")));
    let answers: Vec<_> = wider.into_iter().map(|ask| (Just(ask.clone()), fact(&ask))).collect();
    (judged(), answers).prop_map(|((index, asked), wider): (_, Vec<_>)| (index, [wider, asked].concat()))
}

/// Documents of the words that checks are written in, put together by somebody who has not read how.
pub fn document() -> impl Strategy<Value = serde_json::Value> {
    let mut keys = vec![
        "name",
        "state",
        "labels",
        "bind",
        "tmpfs",
        "at_most",
        "same_since",
        "restarted",
        "mounts",
        "mount",
        "unit",
        "at",
        "writable",
        "in",
        "path",
        "is",
        "has_lines",
        "reads",
        "runs",
        "wants",
        "that",
        "ask",
        "field",
        "line",
        "port",
        "host_port",
        "address",
        "protocol",
        "internal",
        "containers",
        "lacks",
        "stream",
        "number",
        "choices",
        "text",
        "right",
        "accepts",
        "x",
    ];
    keys.extend(KINDS.iter().map(|kind| kind.name));
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any_bool().prop_map(serde_json::Value::from),
        (-2_i64..3).prop_map(serde_json::Value::from),
        Just(json!(0.5)),
        proptest::sample::select(vec!["", "host", "/a", "a", "running", "a == 'b'"]).prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        let key = proptest::sample::select(keys.clone()).prop_map(str::to_owned);
        let map = vec((key, inner.clone()), 0..6).prop_map(|pairs| pairs.into_iter().collect());
        prop_oneof![3 => map.prop_map(serde_json::Value::Object), 1 => vec(inner, 0..4).prop_map(Into::into)]
    })
}
