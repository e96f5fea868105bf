//! Methods that look at pending patients, apart from those of a model, which are with the model: `model/crm/tite`, `model/blrm/tite`.

pub mod pod_tpi;
pub mod rolling_six;
pub mod tite_boin;
pub mod tite_keyboard;
