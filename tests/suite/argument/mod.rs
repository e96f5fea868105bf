//! What a report argues from: the kinds of truth, the correct level, how trials end, and who may be compared with whom.

mod endings;
mod scenarios;
mod studies;
