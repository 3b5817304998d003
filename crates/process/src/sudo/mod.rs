//! Who acts under sudo. labrun is started as root, and becomes the user who ran sudo at once: every file, folder, socket
//! and program is then theirs, and a link that they put in the way leads only where they may go themselves. Root is kept
//! aside for the few things that only root may do, such as connecting to the engine's socket.
//!
//! On Linux user ids belong to a thread. A new thread begins with those of the thread that starts it, and the first thread
//! changes its own before there is another one. A program that is started gets no way back to root: what is kept aside
//! ends with the start of another program (credentials(7), "saved set-user-ID").

mod invoker;
mod place;

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use rustix::process::geteuid;

pub use invoker::{Invoker, OF_SUDO};
pub use place::{Actor, place, place_in};

/// The user who ran sudo, since this process has become them.
static USER: OnceLock<User> = OnceLock::new();

#[derive(Debug)]
struct User {
    invoker: Invoker,
    #[cfg(target_os = "linux")]
    theirs: ids::Ids,
    #[cfg(target_os = "linux")]
    roots: ids::Ids,
}

/// Becomes the user who ran sudo, where sudo has started labrun as root. To be called by the first thread, before it
/// starts others.
///
/// # Errors
/// When the system refuses the change; then nothing may be done as root in their place.
pub fn become_invoker() -> std::io::Result<()> {
    let Some(invoker) = Invoker::find() else { return Ok(()) };
    #[cfg(target_os = "linux")]
    {
        let (theirs, roots) = (ids::Ids::of(&invoker), ids::Ids::of_this_thread()?);
        USER.get_or_init(|| User { invoker, theirs, roots }).step_down()?;
    }
    #[cfg(not(target_os = "linux"))]
    USER.get_or_init(|| User { invoker });
    Ok(())
}

/// The user who ran sudo, if this process acts as them.
#[must_use]
pub fn invoker() -> Option<&'static Invoker> {
    USER.get().map(|user| &user.invoker)
}

/// True where this process can act as root: it is root, or it keeps root aside.
#[must_use]
pub fn may_be_root() -> bool {
    geteuid().is_root() || USER.get().is_some()
}

/// True while this thread acts as root in the place of the user who ran sudo.
#[must_use]
pub fn is_raised() -> bool {
    USER.get().is_some() && geteuid().is_root()
}

/// Acts as root while `work` runs, where sudo gave labrun that right; elsewhere as the user that this process is.
///
/// Threads that `work` starts stay root for good: it must start none. Programs that it starts are root's.
pub fn as_root<T>(work: impl FnOnce() -> T) -> T {
    let _until_it_ends = Raised::new();
    work()
}

/// Root, until dropped.
struct Raised(Option<&'static User>);

impl Raised {
    fn new() -> Self {
        // One that can't become root goes on as it is, and is refused what only root may do.
        Self(USER.get().filter(|user| !geteuid().is_root() && user.step_up()))
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        if let Some(user) = self.0
            && user.step_down().is_err()
        {
            // To go on as root would be to do as root what the learner asks for.
            std::process::abort();
        }
    }
}

/// A future that acts as root whenever it is polled, and when it is dropped.
pub struct AsRoot<F>(Option<Pin<Box<F>>>);

impl<F: Future> AsRoot<F> {
    /// Wraps a future; see [`as_root`] for what it must not do.
    pub fn new(future: F) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<F: Future> Future for AsRoot<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match &mut self.0 {
            Some(future) => as_root(|| future.as_mut().poll(context)),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for AsRoot<F> {
    fn drop(&mut self) {
        // What it started, such as a program of root's, is ended as root.
        as_root(|| self.0 = None);
    }
}

#[cfg(target_os = "linux")]
mod ids {
    use rustix::fs::{Gid, Uid};
    use rustix::process::{getegid, getgroups};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

    use super::{Invoker, User};

    /// The ids that file permissions depend on.
    #[derive(Debug)]
    pub(super) struct Ids {
        uid: Uid,
        gid: Gid,
        groups: Vec<Gid>,
    }

    impl Ids {
        pub(super) fn of(invoker: &Invoker) -> Self {
            let groups = invoker.groups().iter().copied().map(Gid::from_raw).collect();
            Self { uid: Uid::from_raw(invoker.uid()), gid: Gid::from_raw(invoker.gid()), groups }
        }

        pub(super) fn of_this_thread() -> std::io::Result<Self> {
            Ok(Self { uid: Uid::ROOT, gid: getegid(), groups: getgroups()? })
        }
    }

    impl User {
        /// From root to the user; root stays aside.
        pub(super) fn step_down(&self) -> rustix::io::Result<()> {
            let (theirs, roots) = (&self.theirs, &self.roots);
            set_thread_groups(&theirs.groups)?;
            set_thread_res_gid(theirs.gid, theirs.gid, roots.gid)?;
            set_thread_res_uid(theirs.uid, theirs.uid, roots.uid)
        }

        /// From the user to root, wholly: programs ask for the real ids, too.
        pub(super) fn step_up(&self) -> bool {
            let Ids { uid, gid, groups } = &self.roots;
            if set_thread_res_uid(*uid, *uid, *uid).is_err() {
                return false;
            }
            // With root's uid these are not refused; if they were, files would still be root's, and safe.
            let _ = set_thread_res_gid(*gid, *gid, *gid);
            let _ = set_thread_groups(groups);
            true
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl User {
    #[allow(clippy::unused_self)]
    fn step_down(&self) -> rustix::io::Result<()> {
        Ok(())
    }

    #[allow(clippy::unused_self)]
    fn step_up(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
