//! Methods that decide by an algorithm: from the counts, without a model and without an interval around the target.

pub mod a_plus_b;
pub mod decision_list;
pub mod given_table;
pub mod three_plus_three;
pub mod up_and_down;
