//! How many files this process may have open: each client is one, and each function's process takes several.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes as many as the system lets it have: a login shell often begins with 1,024, which a few hundred clients use up.
pub(crate) fn take_all() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // What is refused is no reason not to start.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}
