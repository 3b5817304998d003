//! The lab that `labrun new` begins with: small, without a fault, and provable as it is.

use super::shapes::LAB_FILE;
use labrun_graders::decode::is_id;

/// The name that stands in the files for the lab's.
const NAME: &str = "my-lab";

/// The files of a new lab with this id, each with its name; `None` if it can't be an id.
#[must_use]
pub fn new_lab(id: &str) -> Option<[(&'static str, String); 3]> {
    if !is_id(id) {
        return None;
    }
    let title = id.replace('-', " ");
    let title: String = title.chars().take(1).flat_map(char::to_uppercase).chain(title.chars().skip(1)).collect();
    let lab = include_str!("template/lab.yaml").replace("\"My lab\"", &format!("\"{title}\"")).replace(NAME, id);
    Some([
        ("lab.yaml", lab),
        ("briefing.md", include_str!("template/briefing.md").to_owned()),
        ("lab.schema.json", LAB_FILE.schema_text()),
    ])
}

#[cfg(test)]
mod tests {
    use super::new_lab;
    use crate::load_dir;

    #[test]
    fn a_new_lab_has_no_faults_whatever_it_is_called() {
        for id in ["my-lab", "a", "2026", "one-two-3", "true", "data"] {
            let folder = tempfile::tempdir().expect("a folder");
            for (name, text) in new_lab(id).expect("it can be an id") {
                fs_err::write(folder.path().join(name), text).expect("written");
            }
            let loaded = load_dir(folder.path(), None).map_err(|error| format!("{id}: {error:?}")).expect("no faults");
            assert_eq!(loaded.lab.owns.names[0].text, format!("{id}-data"));
            assert!(loaded.lab.steps.iter().all(|step| !step.mistakes.is_empty()), "there is something to prove");
        }
    }

    #[test]
    fn a_name_that_can_be_no_id_makes_no_lab() {
        for id in ["", "My lab", "lab_1", "-lab", "../lab", &"a".repeat(65)] {
            assert!(new_lab(id).is_none(), "{id}");
        }
    }
}
