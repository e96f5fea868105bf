//! The law of curves: where less is toxic, nothing lower is selected.

use super::subject::{Held, Subject, require};
use dosebench::lint::reversal;

/// [`dosebench::design::Law::LowerCurve`], on curves of many shapes.
pub(crate) fn lower_curve(subject: &Subject<'_>) -> Held {
    let found = reversal(&subject.graph);
    require("lower_curve", found.is_none(), || format!("{}: {found:?}", subject.name))
}
