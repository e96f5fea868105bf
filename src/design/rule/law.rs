//! What is expected of every method, and what a method may be excepted from.

/// A law that every method keeps, unless its entry says why not. The tests hold each method to the laws, and each exception to its need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// One more DLT in the cohort just treated, all else equal, never leads higher: to a higher level next, or to a higher one selected.
    MoreDlts,
    /// Without a DLT the trial climbs to the highest level.
    Climbs,
    /// Nobody is escalated after a cohort in which everybody had a DLT.
    AllDlts,
    /// A curve that is nowhere higher never makes it less likely that a level or one above it is selected.
    LowerCurve,
}
