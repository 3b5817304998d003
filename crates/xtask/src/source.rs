//! Reading a crate: its modules, and the paths that each of them names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Attribute, Item, UseTree};

/// A module by the names that lead to it from the crate's root; the root itself has none.
pub type Module = Vec<String>;

/// What a module has in it, as far as other modules are concerned.
#[derive(Debug, Default)]
pub struct Contents {
    /// Every path that begins in this crate, from its root on.
    pub paths: Vec<Module>,
    /// The names under which it passes on something of another module, each with the path of that.
    pub reexports: BTreeMap<String, Module>,
}

/// A crate that was read. Tests are left out: they may use whatever they like.
#[derive(Debug, Default)]
pub struct Crate {
    /// The package's name.
    pub name: String,
    /// Its modules.
    pub modules: BTreeMap<Module, Contents>,
}

impl Crate {
    /// Reads the crates of a workspace; only those that are wanted, where some are named.
    ///
    /// # Errors
    /// What could not be read or parsed, in words.
    pub fn all(root: &Path, wanted: &[String]) -> Result<Vec<Self>, String> {
        let mut folders = vec![root.to_owned(), root.join("graders")];
        let below = fs::read_dir(root.join("crates")).map_err(|error| format!("crates: {error}"))?;
        folders.extend(below.filter_map(|entry| Some(entry.ok()?.path())));
        folders.sort();
        let mut crates = Vec::new();
        for folder in folders {
            let manifest = folder.join("Cargo.toml");
            let Ok(text) = fs::read_to_string(&manifest) else { continue };
            let name = text.lines().find_map(|line| line.strip_prefix("name = ")).unwrap_or_default();
            let name = name.trim_matches('"').to_owned();
            let library = folder.join("src/lib.rs");
            if library.exists() && (wanted.is_empty() || wanted.contains(&name)) {
                crates.push(Self::read(name, &library)?);
            }
        }
        match wanted.iter().find(|wanted| !crates.iter().any(|read| read.name == **wanted)) {
            Some(unknown) => Err(format!("there is no library called {unknown} in the workspace")),
            None => Ok(crates),
        }
    }

    /// Reads a crate from its first file.
    ///
    /// # Errors
    /// What could not be read or parsed, in words.
    pub fn read(name: String, library: &Path) -> Result<Self, String> {
        let mut read = Self { name, modules: BTreeMap::new() };
        let folder = library.parent().unwrap_or(Path::new("")).to_owned();
        read.file(library, &folder, Vec::new())?;
        Ok(read)
    }

    fn file(&mut self, file: &Path, folder: &Path, module: Module) -> Result<(), String> {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        self.items(&parsed.items, folder, module)
    }

    fn items(&mut self, items: &[Item], folder: &Path, module: Module) -> Result<(), String> {
        let mut paths = Paths { module: &module, found: Contents::default() };
        for item in items {
            match item {
                Item::Mod(inner) if !is_for_tests(&inner.attrs) => {
                    let name = inner.ident.to_string();
                    let child: Module = [module.clone(), vec![name.clone()]].concat();
                    let below = folder.join(&name);
                    match &inner.content {
                        Some((_, items)) => self.items(items, &below, child)?,
                        None => self.file(&place(folder, &name), &below, child)?,
                    }
                }
                Item::Mod(_) => {}
                Item::Use(used) if is_for_tests(&used.attrs) => {}
                Item::Use(used) => paths.used(&used.tree, Vec::new(), !matches!(used.vis, syn::Visibility::Inherited)),
                item if !is_for_tests(attributes(item)) => paths.visit_item(item),
                _ => {}
            }
        }
        let found = paths.found;
        self.modules.insert(module, found);
        Ok(())
    }
}

/// The file of a module below a folder.
fn place(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(format!("{name}.rs"));
    if file.exists() { file } else { folder.join(name).join("mod.rs") }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Ok(list) = attribute.meta.require_list() else { return false };
        let condition = list.tokens.to_string();
        attribute.path().is_ident("cfg") && condition.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// Collects the paths that a module names.
struct Paths<'m> {
    module: &'m Module,
    found: Contents,
}

impl Paths<'_> {
    /// A path from the crate's root on; `None` where it leads out of the crate, or begins with a name of this module's.
    fn rooted(&self, path: &[String]) -> Option<Module> {
        let mut here = self.module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                here.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    here.pop()?;
                    rest = &rest[1..];
                }
            }
            _ => return None,
        }
        here.extend(rest.iter().cloned());
        Some(here)
    }

    fn add(&mut self, path: &[String]) {
        self.found.paths.extend(self.rooted(path));
    }

    fn used(&mut self, tree: &UseTree, before: Vec<String>, is_passed_on: bool) {
        let then = |name: &syn::Ident| [before.clone(), vec![name.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.used(&path.tree, then(&path.ident), is_passed_on),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.used(tree, before.clone(), is_passed_on));
            }
            UseTree::Name(name) if name.ident == "self" => (before.clone(), before.last().cloned().unwrap_or_default()),
            UseTree::Name(name) => (then(&name.ident), name.ident.to_string()),
            UseTree::Rename(name) => (then(&name.ident), name.rename.to_string()),
            UseTree::Glob(_) => return self.add(&before),
        };
        // In `pub use part::Thing` the part is a child of this module.
        let is_keyword = path.first().is_some_and(|first| ["crate", "self", "super"].contains(&first.as_str()));
        let path = if is_keyword { path } else { [vec!["self".to_owned()], path].concat() };
        if is_passed_on && let Some(target) = self.rooted(&path) {
            self.found.reexports.insert(name, target);
        }
        if is_keyword {
            self.add(&path);
        }
    }

    /// The paths in the words of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) if first == "crate" || first == "super" => {
                    let mut path = vec![first.to_string()];
                    while let [TokenTree::Punct(one), TokenTree::Punct(two), TokenTree::Ident(next), ..] =
                        &tokens[at + 1..]
                        && one.as_char() == ':'
                        && two.as_char() == ':'
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.add(&path);
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&names);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.tokens(called.tokens.clone());
        syn::visit::visit_macro(self, called);
    }

    fn visit_item_use(&mut self, used: &'ast syn::ItemUse) {
        self.used(&used.tree, Vec::new(), false);
    }
}
