//! Which modules use which, and where they do so in a circle.
//!
//! A module and the modules inside it are one thing: they may use each other freely. So the modules inside of each one are
//! looked at side by side: one uses another if anything in it names anything in the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::source::{Crate, Module};

/// How often a name is followed that a module passes on from another one.
const PASSED_ON: usize = 16;

/// For each module that has modules inside it: which of these use which.
#[derive(Debug, Default)]
pub struct Graph(BTreeMap<Module, BTreeMap<String, BTreeSet<String>>>);

impl Graph {
    /// The graph of a crate.
    #[must_use]
    pub fn of(read: &Crate) -> Self {
        let mut graph = Self::default();
        for module in read.modules.keys() {
            if let Some((name, above)) = module.split_last() {
                graph.0.entry(above.to_vec()).or_default().entry(name.clone()).or_default();
            }
        }
        for (user, contents) in &read.modules {
            for used in contents.paths.iter().filter_map(|path| resolved(read, path)) {
                graph.note(user, &used);
            }
        }
        graph
    }

    /// Notes that something in one module uses something in another: it counts where their ways part.
    fn note(&mut self, user: &Module, used: &Module) {
        let common = user.iter().zip(used).take_while(|(one, other)| one == other).count();
        if let (Some(one), Some(other)) = (user.get(common), used.get(common)) {
            let inside = self.0.entry(user[..common].to_vec()).or_default();
            inside.entry(one.clone()).or_default().insert(other.clone());
        }
    }

    /// The circles, each as the names of its modules from one that uses the next back to the first.
    #[must_use]
    pub fn cycles(&self) -> Vec<String> {
        let mut cycles = Vec::new();
        for (above, uses) in &self.0 {
            let mut done = BTreeSet::new();
            for start in uses.keys() {
                if done.contains(start) {
                    continue;
                }
                if let Some(way) = way_back(uses, start) {
                    done.extend(way.iter().cloned());
                    let place = if above.is_empty() { String::new() } else { format!("{}::", above.join("::")) };
                    let names: Vec<String> = way.iter().map(|name| format!("{place}{name}")).collect();
                    cycles.push(names.join(" -> "));
                }
            }
        }
        cycles
    }
}

/// The shortest way from a module back to itself.
fn way_back(uses: &BTreeMap<String, BTreeSet<String>>, start: &String) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let Some(last) = way.last() else { continue };
            for next in uses.get(last).into_iter().flatten() {
                let further = [way.clone(), vec![next.clone()]].concat();
                if next == start {
                    return Some(further);
                }
                if seen.insert(next.clone()) {
                    longer.push(further);
                }
            }
        }
        ways = longer;
    }
    None
}

/// The module in which something stands that a path names: what another module passes on is followed to where it comes
/// from. `None` for what stands in the crate's root, or is not there.
fn resolved(read: &Crate, path: &Module) -> Option<Module> {
    let mut path = path.clone();
    for _ in 0..PASSED_ON {
        let known = (0..=path.len()).rev().find(|length| read.modules.contains_key(&path[..*length]))?;
        let passed_on = path.get(known).and_then(|name| read.modules.get(&path[..known])?.reexports.get(name));
        match passed_on {
            Some(target) => path = [target.as_slice(), &path[known + 1..]].concat(),
            None => return Some(path[..known].to_vec()).filter(|module| !module.is_empty()),
        }
    }
    None
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (above, uses) in &self.0 {
            let place = if above.is_empty() { "crate".to_owned() } else { above.join("::") };
            writeln!(f, "  {place}")?;
            for (user, used) in uses {
                let used: Vec<&str> = used.iter().map(String::as_str).collect();
                writeln!(f, "    {user} -> {}", if used.is_empty() { "-".to_owned() } else { used.join(", ") })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Graph;
    use crate::source::Crate;

    /// The circles in a crate of these files.
    fn cycles(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, text).expect("written");
        }
        let read = Crate::read("sample".to_owned(), &folder.path().join("lib.rs")).expect("it can be parsed");
        Graph::of(&read).cycles()
    }

    #[test]
    fn two_modules_that_use_each_other_are_found_however_they_name_it() {
        for back in [
            "use crate::a::A;",
            "use super::a;",
            "fn f() { crate::a::g() }",
            "fn f(_: super::a::A) {}",
            "use crate::A;",
            "fn f() { println!(\"{}\", crate::a::N) }",
            "mod deep { use crate::a::A; }",
            "mod deep { fn f() { use super::super::a::g; } }",
        ] {
            let files = [("lib.rs", "mod a; mod b; pub use a::A;"), ("a.rs", "use crate::b::B;"), ("b.rs", back)];
            assert_eq!(cycles(&files), ["a -> b -> a"], "{back}");
        }
    }

    #[test]
    fn a_longer_circle_is_found_and_one_deeper_in_the_crate() {
        let three = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "use super::a::A;"),
        ];
        assert_eq!(cycles(&three), ["a -> b -> c -> a"]);
        let deeper = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod x; mod y;"),
            ("a/x.rs", "use super::y::Y;"),
            ("a/y.rs", "use crate::a::x::X;"),
        ];
        assert_eq!(cycles(&deeper), ["a::x -> a::y -> a::x"]);
    }

    #[test]
    fn a_module_and_its_parts_are_one_thing_and_tests_may_use_anything() {
        let files = [
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod testing { use crate::b::B; }"),
            ("a.rs", "mod part; use part::Part; pub struct A; #[cfg(test)] mod tests { use crate::b::B; }"),
            ("a/part.rs", "use super::A; pub struct Part;"),
            ("b.rs", "use crate::a::A; #[cfg(test)] use crate::testing;"),
        ];
        assert_eq!(cycles(&files), [""; 0]);
    }
}
