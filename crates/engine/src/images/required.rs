//! Which images labs require.

use super::{ImagesError, Reference};
use labrun_lab::{Lab, LoadError, catalogue, load};

/// An image, and who requires it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Its name, as the first of the labs writes it.
    pub image: String,
    /// The same, taken apart.
    pub reference: Reference,
    /// The labs that require it.
    pub labs: Vec<String>,
}

/// The images that a lab requires, or the labs of a track; of all tracks where neither is named. With the name of what
/// was meant: the lab's or track's id, or `labs` for all of them.
///
/// # Errors
/// When there is no such lab or track, one can't be read, or what it requires is no name of an image.
pub fn required(what: Option<&str>) -> Result<(String, Vec<Required>), ImagesError> {
    let tracks = catalogue()?;
    let in_tracks = tracks.iter().filter(|track| what.is_none_or(|what| track.id == what));
    let mut addresses: Vec<String> =
        in_tracks.flat_map(|track| track.labs.iter().map(|lab| format!("{}/{lab}", track.id))).collect();
    let mut name = what.unwrap_or("labs").to_owned();
    if addresses.is_empty() {
        let lab = load(&name, None).map_err(|error| or_a_track(error, tracks.iter().map(|track| track.id.as_str())))?;
        name = lab.lab.id;
        addresses.push(lab.source.address());
    }
    let mut found: Vec<Required> = Vec::new();
    for address in addresses {
        let lab = load(&address, None)?.lab;
        for image in foreign(&lab) {
            let reference = image.parse().map_err(|why| ImagesError::NotAnImage {
                lab: lab.id.clone(),
                image: image.clone(),
                why,
            })?;
            match found.iter_mut().find(|known| known.reference.to_string() == Reference::to_string(&reference)) {
                Some(known) if known.labs.contains(&lab.id) => {}
                Some(known) => known.labs.push(lab.id.clone()),
                None => found.push(Required { image: image.clone(), reference, labs: vec![lab.id.clone()] }),
            }
        }
    }
    Ok((name, found))
}

/// What a lab requires and does not make itself.
fn foreign(lab: &Lab) -> impl Iterator<Item = &String> {
    let owned = |image: &str| lab.owns.names.iter().any(|name| name.text == image);
    lab.images.iter().filter(move |image| !image.starts_with("@{") && !owned(image))
}

/// Whoever names a lab that is not there may have meant a track.
fn or_a_track<'a>(error: LoadError, tracks: impl Iterator<Item = &'a str>) -> ImagesError {
    match error {
        LoadError::Unknown { name, hint } => {
            let tracks: Vec<_> = tracks.collect();
            LoadError::Unknown { name, hint: format!("{hint}. The tracks: {}", tracks.join(", ")) }.into()
        }
        error => error.into(),
    }
}
