//! Pure functions, each with a citation; no word of the domain.

pub mod beta;
pub mod binomial;
pub mod digest;
pub mod draws;
pub mod erlang;
pub mod exact;
pub mod exponential;
pub mod gauss_jacobi;
pub mod gauss_legendre;
pub(crate) mod isotonic;
pub mod ladder;
pub(crate) mod lanes;
pub mod lattice;
pub mod logarithm;
pub mod normal;
pub mod ordered_betas;
pub mod philox;
pub mod sine_integral;
