//! The stand-in outside world: Aliyun's messages and registers, Alipay's gateway, phones and a cashier, for tests and the
//! demo. It verifies every signature with its own code and signs its answers with its own keys.

pub mod alipay;
pub mod aliyun;
pub mod chance;
pub mod clock;
pub mod crowd;
pub mod ctl;
pub mod faults;
pub mod keys;
pub mod mime;
pub mod pages;
pub mod papers;
pub mod people;
pub mod server;
pub mod smtp;
pub mod templates;
pub mod wire;
pub mod world;
