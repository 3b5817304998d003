//! The marks on what labrun makes for itself: a random value for each process, noted in labrun's own store before the
//! first thing is made with it.
//!
//! A crash can leave a helper container behind. Its name and its label carry the mark, and only a mark that this store
//! holds proves that labrun made it: a name can be chosen, and a label is inherited from an image.

use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use labrun_graders::{CannotLook, Obstacle};
use labrun_process::Ledger;

/// The mark of this process, and those of earlier ones. Clones share the mark.
#[derive(Clone, Default)]
pub struct Marks(Option<Arc<Inner>>);

struct Inner {
    ledger: Box<dyn Ledger>,
    own: Mutex<Option<String>>,
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Marks").field(&self.0.is_some()).finish()
    }
}

impl Marks {
    /// Marks that are noted in this ledger. Nothing is written before the first one is needed.
    #[must_use]
    pub fn new(ledger: impl Ledger + 'static) -> Self {
        Self(Some(Arc::new(Inner { ledger: Box::new(ledger), own: Mutex::new(None) })))
    }

    /// Returns this process's mark: 32 lowercase hexadecimal digits, noted before the first caller gets it.
    ///
    /// # Errors
    /// [`Obstacle::Broken`] if it cannot be noted: then nothing may be made with it.
    pub fn own(&self) -> Result<String, CannotLook> {
        let cannot = |why: String| {
            let what = format!("labrun cannot note what it is about to make: {why}");
            CannotLook::new(Obstacle::Broken, what, "make LABRUN_HOME writable, or set it to another folder")
        };
        let Some(inner) = &self.0 else { return Err(cannot("this command keeps no notes".to_owned())) };
        let mut own = inner.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = &*own {
            return Ok(mark.clone());
        }
        let mark = random().map_err(|error| cannot(error.to_string()))?;
        inner.ledger.note(&mark).map_err(cannot)?;
        Ok(own.insert(mark).clone())
    }

    /// Returns this process's mark if it has been used.
    #[must_use]
    pub fn used(&self) -> Option<String> {
        self.0.as_ref()?.own.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns every mark that was noted here, by this and by earlier processes. Where they cannot be read, there are
    /// none: then nothing is known to be labrun's.
    #[must_use]
    pub fn noted(&self) -> Vec<String> {
        self.0.as_ref().and_then(|inner| inner.ledger.noted().ok()).unwrap_or_default()
    }
}

/// 128 random bits as 32 hexadecimal digits.
fn random() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}

#[cfg(test)]
pub(crate) mod testing {
    use labrun_process::Ledger;
    use std::sync::{Arc, Mutex};

    /// A ledger in memory, whose marks a test can see.
    #[derive(Clone, Default)]
    pub(crate) struct Notes(pub(crate) Arc<Mutex<Vec<String>>>);

    impl Ledger for Notes {
        fn note(&self, mark: &str) -> Result<(), String> {
            self.0.lock().expect("not poisoned").push(mark.to_owned());
            Ok(())
        }

        fn noted(&self) -> Result<Vec<String>, String> {
            Ok(self.0.lock().expect("not poisoned").clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;
    use super::testing::Notes;
    use labrun_process::Ledger;

    #[test]
    fn a_mark_is_noted_once_before_it_is_used() {
        let notes = Notes::default();
        let marks = Marks::new(notes.clone());
        assert_eq!(notes.noted(), Ok(Vec::new()), "nothing is written before it is needed");
        let mark = marks.own().expect("noted");
        assert_eq!((marks.clone().own(), marks.noted()), (Ok(mark.clone()), vec![mark.clone()]));
        assert_ne!(Marks::new(notes).own(), Ok(mark), "each process has its own");
    }

    #[test]
    fn a_mark_that_cannot_be_noted_is_not_used() {
        struct Full;
        impl Ledger for Full {
            fn note(&self, _: &str) -> Result<(), String> {
                Err("the disk is full".to_owned())
            }
            fn noted(&self) -> Result<Vec<String>, String> {
                Err("the disk is full".to_owned())
            }
        }
        for marks in [Marks::new(Full), Marks::default()] {
            assert!(marks.own().is_err_and(|reason| reason.what.starts_with("labrun cannot note")));
            assert_eq!((marks.used(), marks.noted()), (None, Vec::new()));
        }
    }
}
