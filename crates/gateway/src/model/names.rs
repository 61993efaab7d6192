//! What `Debug` shows of values that may be secret.

use std::collections::BTreeMap;
use std::fmt;

/// The keys of a map alone.
pub(super) struct Names<'a, V>(pub(super) &'a BTreeMap<String, V>);

impl<V> fmt::Debug for Names<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
