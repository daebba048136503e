//! The service.
pub mod gateways;
pub mod clock;
pub mod entropy;
pub mod vault;
