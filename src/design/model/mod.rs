//! Methods that decide by a model of how toxicity grows with the dose.

pub mod blrm;
pub mod bma_crm;
pub mod crm;
pub mod crm_gamma;
pub mod crm_ml;
pub mod crm_two_parameter;
pub mod ewoc;
pub mod logistic;
pub mod weights;
