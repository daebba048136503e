//! A flow is an ordered list of steps that every channel shares (spec/flows.md).

use crate::channel::PublicChannel;
use crate::order::{Business, Status};
use serde::{Deserialize, Serialize};

/// One step of a flow. The same component, validation and server transition serve every flow that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// What is needed, fees, time.
    Prepare,
    /// 填写信息: unit, legal representative, invoice, operator and mailing on one page with sections.
    Form,
    /// 确认订单.
    Confirm,
    /// 上传资料.
    Upload,
    /// 签名确认.
    Sign,
    /// 付款结算.
    Pay,
    /// 完成.
    Done,
}

impl Step {
    /// The step bar's word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Prepare => "申请须知",
            Self::Form => "填写信息",
            Self::Confirm => "确认订单",
            Self::Upload => "上传资料",
            Self::Sign => "签名确认",
            Self::Pay => "付款结算",
            Self::Done => "完成申请",
        }
    }
}

const NEW_UNIT: &[Step] = &[Step::Prepare, Step::Form, Step::Confirm, Step::Upload, Step::Sign, Step::Pay, Step::Done];

/// The businesses that this build can carry through to their end. Others are hidden by this list, never by a
/// channel's profile; their service cards open the guide.
pub const SUPPORTED: &[Business] = &[Business::New];

/// The steps of a business in a channel; empty when this build can't do it or the channel does not offer it.
pub fn steps(business: Business, channel: &PublicChannel) -> &'static [Step] {
    if !offered(business, channel) {
        return &[];
    }
    match business {
        Business::New => NEW_UNIT,
        Business::Renew | Business::Replace | Business::Unlock | Business::Change | Business::Revoke => &[],
    }
}

/// Whether the channel's hall can start this business now.
pub fn offered(business: Business, channel: &PublicChannel) -> bool {
    SUPPORTED.contains(&business)
        && channel.services.iter().any(|service| service.business == business && service.offered)
}

/// Where an unfinished order of its owner is taken up again.
pub const fn resume(status: Status) -> Option<Step> {
    match status {
        Status::AwaitingDocuments | Status::ReviewRefused => Some(Step::Upload),
        Status::AwaitingSignature => Some(Step::Sign),
        Status::AwaitingPayment => Some(Step::Pay),
        Status::AwaitingReview
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => None,
    }
}
