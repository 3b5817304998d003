//! The schemas that editors take from beside the labs.

use super::kept_current;
use labrun_lab::{LAB_FILE, TRACK_FILE, catalogue};

#[test]
fn the_schemas_beside_the_labs_are_what_the_files_are_read_by() {
    kept_current("labs/lab.schema.json", &LAB_FILE.schema_text());
    kept_current("labs/track.schema.json", &TRACK_FILE.schema_text());
}

#[test]
fn every_shipped_file_names_its_schema_in_its_first_line() {
    crate::builtin::provide();
    let tracks = catalogue().map_err(|error| error.to_string()).expect("the tracks are read");
    for track in tracks {
        let file = format!("{}/track.yaml", track.id);
        let of_track = (file, "# yaml-language-server: $schema=../track.schema.json");
        let of_lab = |lab: &String| {
            (format!("{}/{lab}/lab.yaml", track.id), "# yaml-language-server: $schema=../../lab.schema.json")
        };
        for (file, line) in track.labs.iter().map(of_lab).chain([of_track]) {
            let path = format!("{}/labs/{file}", env!("CARGO_MANIFEST_DIR"));
            let text = fs_err::read_to_string(path).expect("it is read");
            assert_eq!(text.lines().next(), Some(line), "{file}");
        }
    }
}
