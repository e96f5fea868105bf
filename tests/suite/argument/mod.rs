//! What a report argues from, and what it says: the kinds of truth, the correct level, how trials end, who may be compared with whom,
//! sentences, criteria, documents.

mod changed;
mod criteria;
mod documents;
mod endings;
mod scenarios;
mod sentences;
mod studies;
