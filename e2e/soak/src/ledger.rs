//! What the clients were told: every answer of success is a promise that the checker holds the database to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use shared::form::UnitDraft;

/// A promise of the hall.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// 确认订单: the order has a number and this content.
    Confirmed { number: String, content: String },
    /// A paper was taken.
    Uploaded { number: String, document: String },
    /// 确认申请.
    Submitted { number: String },
    /// A code is on its way.
    Coded { number: String, ticket: String },
    /// 签名确认.
    Signed { number: String, ticket: String },
    /// The cashier shows this code.
    Cashier { number: String, qr: String },
    /// 取消订单.
    Cancelled { number: String },
    /// 审核通过.
    Approved { number: String },
    /// 鉴证未通过.
    Refused { number: String },
    /// 审核不通过.
    Rejected { number: String },
    /// A certificate (base64) for a key (hex of its point).
    Issued { number: String, serial: String, certificate: String, key: String },
    /// 制证完成.
    Made { number: String, key_serial: String },
    /// 已发货.
    Dispatched { number: String, waybill: String },
    /// 证书退货.
    Returned { number: String },
    /// 已签收.
    Delivered { number: String },
}

/// Everything that the clients remember.
#[derive(Debug, Default)]
pub struct Ledger(RefCell<Inner>);

/// What is in it.
#[derive(Debug, Default)]
pub struct Inner {
    /// Promises.
    pub told: BTreeSet<Told>,
    /// What was sent for an order.
    pub forms: BTreeMap<String, UnitDraft>,
    /// How often 获取验证码 was pressed for an order.
    pub presses: BTreeMap<String, u64>,
    /// What can't be: seen by a client at once.
    pub wrong: Vec<String>,
    /// Answers that were no success, by step, status and code.
    pub refusals: BTreeMap<String, u64>,
}

impl Ledger {
    /// The hall promised something.
    pub fn told(&self, told: Told) {
        self.0.borrow_mut().told.insert(told);
    }

    /// An order was made from this form.
    pub fn form(&self, number: &str, form: &UnitDraft) {
        self.0.borrow_mut().forms.insert(number.to_owned(), form.clone());
    }

    /// 获取验证码 is pressed.
    pub fn press(&self, number: &str) {
        *self.0.borrow_mut().presses.entry(number.to_owned()).or_default() += 1;
    }

    /// Something that can't be.
    pub fn wrong(&self, what: String) {
        self.0.borrow_mut().wrong.push(what);
    }

    /// An answer that was no success.
    pub fn refused(&self, step: &str, refused: &e2e::client::Refused) {
        let what = match refused.status {
            0 => "no answer".to_owned(),
            status => format!("{status} {:?}", refused.code()),
        };
        let mut inner = self.0.borrow_mut();
        *inner.refusals.entry(format!("{step}: {what}")).or_default() += 1;
        // Whatever happens, the applicant is told what: 500 says nothing.
        if refused.status == 500 {
            inner.wrong.push(format!("500 to {step}: {}", refused.body));
        } else if refused.status == 503 && refused.message().trim().is_empty() {
            inner.wrong.push(format!("503 without words to {step}"));
        }
    }

    /// Reads it.
    pub fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.0.borrow())
    }
}
