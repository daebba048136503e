//! What went wrong outside, in words for the desk. Jobs keep it in short English for the log; the provider's own code
//! stays, because its hotline asks for it.

/// How a job's word begins, and what the desk is told; what follows in the job's word stands in brackets.
const KNOWN: [(&str, &str); 16] = [
    ("the provider did not take the message: ", "短信平台拒收"),
    ("the network did not deliver the message: ", "运营商未能送达"),
    ("the provider never got the message", "短信平台没有收到"),
    ("the provider does not find the message", "短信平台查不到这条短信"),
    ("the payload or its key is erased", "内容已按期清除"),
    ("the mail server did not take the mail: ", "邮件服务器拒收"),
    ("no mail server is configured", "没有配置邮件服务器"),
    ("mail: ", "邮件服务器没有回应"),
    ("query refused: ", "短信平台拒绝查询"),
    ("query: ", "短信平台没有回应"),
    ("sent? ", "短信平台没有回应"),
    ("refund query refused: ", "支付渠道拒绝查询"),
    ("refund query: ", "支付渠道没有回应，将自动重试"),
    ("refund: taken, not made yet", "支付渠道已受理，尚未完成"),
    ("refund: ", "支付渠道没有回应，将自动重试"),
    ("the provider says that it gave back ", "支付渠道退回的金额与应退金额不一致，请核对"),
];

/// A job's last word. An unknown one is the provider's own and stays as it is.
pub(super) fn told(error: &str) -> String {
    let known = KNOWN.iter().find_map(|(begins, words)| Some((error.strip_prefix(begins)?, *words)));
    match known {
        None => error.to_owned(),
        Some(("", words)) => words.to_owned(),
        Some((rest, words)) => format!("{words}（{rest}）"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_providers_code_stays_and_the_rest_is_told_in_the_desks_words() {
        let refused = "the provider did not take the message: isv.MOBILE_NUMBER_ILLEGAL";
        assert_eq!(told(refused), "短信平台拒收（isv.MOBILE_NUMBER_ILLEGAL）");
        assert_eq!(told("refund: taken, not made yet"), "支付渠道已受理，尚未完成");
        assert_eq!(told("ACQ.SELLER_BALANCE_NOT_ENOUGH 余额不足"), "ACQ.SELLER_BALANCE_NOT_ENOUGH 余额不足");
    }

    #[test]
    fn no_beginning_hides_a_longer_one() {
        for (at, (begins, _)) in KNOWN.iter().enumerate() {
            assert!(KNOWN[..at].iter().all(|(earlier, _)| !begins.starts_with(earlier)), "{begins}");
        }
    }
}
