//! The screens as their users see them: what can be read, typed and pressed.

mod form;
mod hall;
mod pay;
mod proof;
mod staff;
mod terminal;
mod upload;
mod window;

pub use form::FormPage;
pub use hall::{OrdersPage, SignDialog};
pub use pay::PayPage;
pub use proof::ProofField;
pub use staff::StaffDesk;
pub use terminal::Terminal;
pub use upload::UploadPage;
pub use window::ConsentWindow;
