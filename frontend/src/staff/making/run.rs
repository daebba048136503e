//! One making, step by step. The PIN never passes here: what the backend sealed goes to the bridge as it is.

use crate::api;
use crate::json;
use crate::key::{Bridge, KeyError, Operation};
use leptos::prelude::*;
use shared::api::{CertificateRequest, KeyMade, StartMaking};
use shared::bridge::{Algorithm, ErrorCode, ErrorData, KeyDetail, SealedSecrets, Stage};

/// What the maker sees happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The person agrees in the bridge's window.
    Consent,
    /// PIN, PUK and management key.
    Initialize,
    /// Key pair and request.
    Generate,
    /// The CA.
    Issue,
    /// The certificate goes onto the key.
    Import,
    /// And is read back from it.
    ReadBack,
    /// The order moves on.
    Register,
}

impl Step {
    /// In order.
    pub const ALL: [Self; 7] =
        [Self::Consent, Self::Initialize, Self::Generate, Self::Issue, Self::Import, Self::ReadBack, Self::Register];

    /// What it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Consent => "在证书助手窗口中确认",
            Self::Initialize => "初始化 UKey",
            Self::Generate => "在 UKey 中生成密钥对",
            Self::Issue => "签发证书",
            Self::Import => "写入证书",
            Self::ReadBack => "读回核对",
            Self::Register => "登记介质号",
        }
    }
}

/// What happens inside a step, in words.
pub const fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::AwaitingWindow => "正在打开确认窗口…",
        Stage::AwaitingConsent => "请在弹出的证书助手窗口中核对订单号和单位名称，然后点击“同意”。",
        Stage::ReservingKey => "正在占用 UKey…",
        Stage::UnlockingKey => "正在认证 UKey…",
        Stage::SettingManagementKey => "正在更换管理密钥…",
        Stage::SettingPin => "正在设置初始密码…",
        Stage::GeneratingKeyPair => "正在生成密钥对，可能需要半分钟…",
        Stage::SigningRequest => "正在签署证书请求…",
        Stage::WritingCertificate => "正在写入证书…",
        Stage::Checking => "正在核对写入的内容…",
        Stage::VerifyingPin | Stage::Signing | Stage::Testing => "正在使用 UKey…",
    }
}

/// A key that holds its certificate.
#[derive(Clone, Debug)]
pub struct Made {
    /// 介质号.
    pub key_serial: String,
    /// Certificate serial number, hex.
    pub certificate_serial: String,
}

/// How a making ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// The key is made.
    Made(Made),
    /// It is not; it can be taken up again.
    Failed(KeyError),
}

/// A making on the screen.
#[derive(Clone)]
pub struct Run {
    /// 订单号.
    pub number: String,
    /// 单位名称.
    pub unit: String,
    /// Its first step: a making that is only finished begins late.
    pub first: Step,
    /// The step that is being worked on, or at which it ended.
    pub step: Step,
    /// What happens inside it.
    pub stage: Option<Stage>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// The batch, while it can be cancelled.
    pub operation: Option<StoredValue<Operation, LocalStorage>>,
}

impl Run {
    /// At its first step.
    pub fn new(number: &str, unit: &str, first: Step) -> Self {
        Self {
            number: number.to_owned(),
            unit: unit.to_owned(),
            first,
            step: first,
            stage: None,
            ended: None,
            operation: None,
        }
    }

    /// Ended before it began.
    pub fn failed(self, error: KeyError) -> Self {
        Self { ended: Some(Ended::Failed(error)), ..self }
    }

    /// The key must not be pulled out now.
    pub fn is_working(&self) -> bool {
        self.ended.is_none()
    }
}

type Screen = RwSignal<Option<Run>>;

fn at(screen: Screen, step: Step) {
    screen.try_update(|run| {
        if let Some(run) = run {
            run.step = step;
            run.stage = None;
        }
    });
}

/// Makes a key for an order, in the window that the click opened.
pub async fn make(
    bridge: Bridge,
    number: &str,
    key: KeyDetail,
    window: String,
    screen: Screen,
) -> Result<Made, KeyError> {
    let algorithm = Algorithm::P256;
    if !key.algorithms.contains(&algorithm) {
        return Err(KeyError::Bridge(ErrorData { code: ErrorCode::UnsupportedAlgorithm, tries_left: None }));
    }
    let (nonce, hpke_key) = bridge.challenge().await?;
    let start = StartMaking { nonce, hpke_key, key_serial: key.serial };
    let ticket = api::staff::start_making(number, &start).await?;
    let secrets: SealedSecrets = json::parse(&ticket.sealed).map_err(|_| KeyError::Unreadable)?;
    let operation = bridge.begin(ticket.ticket, window).await?;
    operation.watch(move |stage| {
        screen.try_update(|run| {
            if let Some(run) = run {
                run.stage = Some(stage);
            }
        });
    });
    let kept = StoredValue::new_local(operation.clone());
    screen.try_update(|run| {
        if let Some(run) = run {
            run.operation = Some(kept);
        }
    });
    operation.consent().await?;
    at(screen, Step::Initialize);
    operation.initialize(secrets).await?;
    at(screen, Step::Generate);
    let generated = operation.generate(algorithm).await?;
    at(screen, Step::Issue);
    let request = CertificateRequest { csr: generated.csr };
    let issued = match api::staff::issue(number, &request).await {
        Ok(issued) => issued,
        Err(failure) => {
            // The key would stay held until the bridge's own time-out.
            operation.cancel().await;
            return Err(failure.into());
        }
    };
    at(screen, Step::Import);
    operation.import(issued.certificate).await?;
    let made = Made { key_serial: generated.serial, certificate_serial: issued.serial };
    register(bridge, number, made, screen).await
}

/// Takes up a making whose certificate is on the key already: only its registration is missing.
pub async fn finish(bridge: Bridge, number: &str, key: &KeyDetail, screen: Screen) -> Result<Made, KeyError> {
    let used = KeyError::Bridge(ErrorData { code: ErrorCode::KeyNotBlank, tries_left: None });
    let order = api::staff::order(number).await?;
    let issued = order.order.certificate_serial.unwrap_or_default();
    let mine = key.certificates.iter().any(|found| same_serial(&found.serial_number, &issued));
    match &key.serial {
        Some(serial) if mine => {
            let made = Made { key_serial: serial.clone(), certificate_serial: issued };
            register(bridge, number, made, screen).await
        }
        Some(_) | None => Err(used),
    }
}

async fn register(bridge: Bridge, number: &str, made: Made, screen: Screen) -> Result<Made, KeyError> {
    at(screen, Step::ReadBack);
    let certificate = bridge.read_certificate(&made.key_serial).await?;
    at(screen, Step::Register);
    api::staff::made(number, &KeyMade { key_serial: made.key_serial.clone(), certificate }).await?;
    Ok(made)
}

/// Serial numbers are numbers: letter case and leading zeros say nothing.
fn same_serial(one: &str, other: &str) -> bool {
    let number = |text: &str| text.trim_start_matches('0').to_ascii_uppercase();
    !one.is_empty() && number(one) == number(other)
}

#[cfg(test)]
mod tests {
    use super::same_serial;

    #[test]
    fn a_serial_number_is_the_same_in_any_notation() {
        assert!(same_serial("00A1F2", "a1f2"));
        assert!(!same_serial("A1F2", "A1F3"));
        assert!(!same_serial("", ""));
    }
}
