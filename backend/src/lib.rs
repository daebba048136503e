//! The service.
pub mod gateways;
pub mod channels;
pub mod clock;
pub mod entropy;
pub mod vault;
pub mod uploads;
