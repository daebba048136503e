//! Why the key's work failed: the layer, what happened, what to do.

use crate::api::Failure;
use shared::bridge::{ErrorCode, ErrorData};

/// Where a failure sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Pop-ups, permission for loopback.
    Browser,
    /// The bridge program.
    Bridge,
    /// The card reader or the computer's smart card service.
    Reader,
    /// The key itself.
    Key,
    /// The person at the bridge's window.
    Person,
    /// Our backend.
    Server,
}

impl Layer {
    /// The word before a message.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Browser => "浏览器",
            Self::Bridge => "证书助手",
            Self::Reader => "读卡器",
            Self::Key => "UKey",
            Self::Person => "操作确认",
            Self::Server => "受理系统",
        }
    }
}

/// Why the key's work failed.
#[derive(Clone, Debug)]
pub enum KeyError {
    /// Nothing answers on the bridge's ports. A page can't tell why: no bridge, one that does not serve this site, or a
    /// browser that does not let the page through. A bridge shows itself to its own portals only.
    NotRunning,
    /// The browser will ask whether the page may reach this computer: a click comes first.
    NotAsked,
    /// The browser was told not to let the page reach this computer.
    NotAllowed,
    /// The connection broke.
    Closed,
    /// The bridge did not answer in time.
    NoAnswer,
    /// Something answered that is not a bridge of this version.
    Unreadable,
    /// The browser did not open the bridge's window.
    PopupBlocked,
    /// The window was not prepared yet.
    WindowNotReady,
    /// The bridge refused, and says why.
    Bridge(ErrorData),
    /// The backend refused, or did not answer.
    Server(Failure),
}

impl From<Failure> for KeyError {
    fn from(failure: Failure) -> Self {
        Self::Server(failure)
    }
}

impl KeyError {
    /// The bridge's code, if it was the bridge.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Bridge(data) => Some(data.code),
            Self::NotRunning
            | Self::NotAsked
            | Self::NotAllowed
            | Self::Closed
            | Self::NoAnswer
            | Self::Unreadable
            | Self::PopupBlocked
            | Self::WindowNotReady
            | Self::Server(_) => None,
        }
    }

    /// Where it sits.
    pub fn layer(&self) -> Layer {
        match self {
            Self::NotRunning | Self::Closed | Self::NoAnswer | Self::Unreadable => Layer::Bridge,
            Self::NotAsked | Self::NotAllowed | Self::PopupBlocked | Self::WindowNotReady => Layer::Browser,
            Self::Bridge(data) => layer_of(data.code),
            Self::Server(_) => Layer::Server,
        }
    }

    /// What happened.
    pub fn words(&self) -> String {
        match self {
            Self::NotRunning => "没有连接到证书助手",
            Self::NotAsked => "还没有连接证书助手",
            Self::NotAllowed => "浏览器不允许本页面访问本机的证书助手",
            Self::Closed => "与证书助手的连接中断",
            Self::NoAnswer => "证书助手没有响应",
            Self::Unreadable => "证书助手返回的内容无法识别",
            Self::PopupBlocked => "浏览器拦截了证书助手的确认窗口",
            Self::WindowNotReady => "确认窗口还没有准备好",
            Self::Bridge(data) => words_of(data.code),
            Self::Server(failure) => return failure.words(),
        }
        .into()
    }

    /// What to do.
    pub fn advice(&self) -> String {
        match self {
            Self::NotRunning => {
                "请启动证书助手，页面会自动连接。如已启动仍不能连接，请联系管理员核对证书助手配置中的站点地址。"
            }
            Self::NotAsked => "请点击“重新检测”。浏览器会询问是否允许访问本机设备，请选择“允许”。",
            Self::NotAllowed => {
                "请点击地址栏左侧的网站设置图标，把访问本机设备（本地网络）改为“允许”，再点击“重新检测”。"
            }
            Self::Closed => "请确认证书助手仍在运行，连接恢复后重新开始；订单不受影响。",
            Self::NoAnswer => "请重新启动证书助手后再试。",
            Self::Unreadable => "请安装与本系统一致的证书助手版本，并刷新页面。",
            Self::PopupBlocked => "请点击地址栏右侧的拦截图标，允许本站点弹出窗口，然后重新开始。",
            Self::WindowNotReady => "请稍等一秒后再点一次。",
            Self::Bridge(data) => match data.tries_left {
                Some(left) => return format!("剩余 {left} 次，请核对后再试。"),
                None => advice_of(data.code),
            },
            Self::Server(Failure::Refused(_)) => "",
            Self::Server(Failure::Offline | Failure::Timeout | Failure::Unreadable) => {
                "订单不受影响，可从“制证”列表重新开始。"
            }
        }
        .into()
    }
}

const fn layer_of(code: ErrorCode) -> Layer {
    match code {
        ErrorCode::BadRequest
        | ErrorCode::UnsupportedVersion
        | ErrorCode::UnsupportedMethod
        | ErrorCode::NotReady
        | ErrorCode::OriginDenied
        | ErrorCode::Busy
        | ErrorCode::NotFound
        | ErrorCode::RateLimited
        | ErrorCode::Internal => Layer::Bridge,
        ErrorCode::TicketInvalid | ErrorCode::SecretsInvalid => Layer::Server,
        ErrorCode::NoReader => Layer::Reader,
        ErrorCode::SecretsRejected
        | ErrorCode::NoKey
        | ErrorCode::SeveralKeys
        | ErrorCode::KeyNotBlank
        | ErrorCode::KeyRemoved
        | ErrorCode::KeyFailed
        | ErrorCode::PinWrong
        | ErrorCode::PinBlocked
        | ErrorCode::PinPolicy
        | ErrorCode::UnsupportedAlgorithm
        | ErrorCode::CertificateMismatch => Layer::Key,
        ErrorCode::PopupBlocked => Layer::Browser,
        ErrorCode::UserCancelled | ErrorCode::Timeout => Layer::Person,
    }
}

const fn words_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::BadRequest => "证书助手不认识页面的请求",
        ErrorCode::UnsupportedVersion => "证书助手与页面的版本不一致",
        ErrorCode::UnsupportedMethod => "当前 UKey 或证书助手不支持这项操作",
        ErrorCode::NotReady => "与证书助手的会话还没有建立",
        ErrorCode::OriginDenied => "证书助手不允许本站点使用",
        ErrorCode::TicketInvalid => "操作凭证无效或已过期",
        ErrorCode::SecretsInvalid => "初始化数据无法解开",
        ErrorCode::SecretsRejected => "UKey 的管理密钥不是本系统所设",
        ErrorCode::NoReader => "没有找到读卡器，或本机智能卡服务没有响应",
        ErrorCode::NoKey => "没有找到 UKey，或不是开始时的那一支",
        ErrorCode::SeveralKeys => "插入了多支 UKey",
        ErrorCode::KeyNotBlank => "UKey 中已有证书，不是空白 UKey",
        ErrorCode::KeyRemoved => "制证过程中 UKey 被拔出",
        ErrorCode::KeyFailed => "UKey 没有完成操作",
        ErrorCode::Busy => "UKey 正被另一项操作使用",
        ErrorCode::PopupBlocked => "证书助手的确认窗口没有打开",
        ErrorCode::UserCancelled => "操作已在确认窗口中取消",
        ErrorCode::PinWrong => "PIN 不正确",
        ErrorCode::PinBlocked => "PIN 已锁死",
        ErrorCode::PinPolicy => "PIN 不符合 UKey 的要求",
        ErrorCode::UnsupportedAlgorithm => "UKey 不支持所需的密钥算法",
        ErrorCode::CertificateMismatch => "证书与 UKey 中的密钥对不匹配",
        ErrorCode::NotFound => "UKey 中没有所需的证书或密钥",
        ErrorCode::Timeout => "没有在规定时间内确认",
        ErrorCode::RateLimited => "操作过于频繁",
        ErrorCode::Internal => "证书助手内部出错",
    }
}

const fn advice_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::BadRequest | ErrorCode::UnsupportedVersion => "请更新证书助手并刷新页面。",
        ErrorCode::UnsupportedMethod | ErrorCode::UnsupportedAlgorithm => "请换一支 UKey，或更新证书助手。",
        ErrorCode::NotReady => "请稍等片刻，连接恢复后重新开始。",
        ErrorCode::OriginDenied => "请联系管理员，在证书助手的配置中加入本站点的地址。",
        ErrorCode::TicketInvalid => "请重新开始；如再次出现，请核对证书助手中配置的系统公钥。",
        ErrorCode::SecretsInvalid | ErrorCode::CertificateMismatch | ErrorCode::NotFound => {
            "请重新开始，系统会使用新的密码和密钥对。"
        }
        ErrorCode::SecretsRejected => "请换一支出厂状态的空白 UKey。",
        ErrorCode::NoReader => "请检查读卡器或 UKey 是否插好，并确认系统的智能卡服务已启动。",
        ErrorCode::NoKey => "请插入 UKey，从订单重新开始。",
        ErrorCode::SeveralKeys => "请只保留一支要制作的 UKey，拔出其余的。",
        ErrorCode::KeyNotBlank => "请换一支空白 UKey，避免覆盖他人的证书。",
        ErrorCode::KeyRemoved => "请重新插入原来的 UKey，从订单继续。",
        ErrorCode::KeyFailed => "请重新插拔 UKey 后再试；如再次出现，请更换 UKey。",
        ErrorCode::Busy => "请等另一项操作结束，或关闭其他制证窗口后再试。",
        ErrorCode::PopupBlocked => "请允许本站点弹出窗口，然后重新开始。",
        ErrorCode::UserCancelled => "订单不受影响，可以重新开始。",
        ErrorCode::PinWrong | ErrorCode::PinBlocked | ErrorCode::PinPolicy => "请换一支空白 UKey 重新开始。",
        ErrorCode::Timeout => "请重新开始，并及时在确认窗口中点击“同意”。",
        ErrorCode::RateLimited => "请稍等一分钟后再试。",
        ErrorCode::Internal => "请重新启动证书助手后再试。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: ErrorCode) -> KeyError {
        KeyError::Bridge(ErrorData { code, tries_left: None })
    }

    #[test]
    fn a_key_pulled_out_says_to_plug_the_same_one_in_again() {
        let error = told(ErrorCode::KeyRemoved);
        assert_eq!(error.layer(), Layer::Key);
        assert_eq!(error.advice(), "请重新插入原来的 UKey，从订单继续。");
    }

    #[test]
    fn a_blocked_window_is_the_browsers_fault_whoever_noticed() {
        assert_eq!(told(ErrorCode::PopupBlocked).layer(), Layer::Browser);
        assert_eq!(KeyError::PopupBlocked.layer(), Layer::Browser);
    }

    #[test]
    fn wrong_pins_tell_the_tries_left() {
        let error = KeyError::Bridge(ErrorData { code: ErrorCode::PinWrong, tries_left: Some(2) });
        assert_eq!(error.advice(), "剩余 2 次，请核对后再试。");
    }
}
