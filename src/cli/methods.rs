//! `dosebench methods`: the methods that a design can have.

use super::{Status, print};
use dosebench::report::keys;

/// Print the list.
pub(super) fn methods() -> Status {
    print(&keys::methods())
}
