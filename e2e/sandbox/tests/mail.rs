//! Mail over SMTP: what the mailbox shows, and what goes wrong.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use backend::gateways::{Doubt, Gateways, Mail, MailReceipt, Outcome};
use serde_json::{Value, json};
use world::World;

const TO: &str = "li@example.com";

fn mail(id: &str) -> Mail {
    Mail {
        id: id.into(),
        to: TO.into(),
        subject: "审核通过：数字证书订单 20261120U000001，一个很长的标题要分成好几段才能放进邮件的一行里".into(),
        text: "您好！\n\n.一行以点开头\n..\n.\n\n查询订单：\nhttps://hall.example/nanning/query?a=1&b=2\n\n<证书>"
            .into(),
    }
}

async fn send(world: &World, id: &str) -> Outcome<MailReceipt> {
    world.gateways.mail.as_ref().unwrap().send(&mail(id)).await
}

async fn mailbox(world: &World) -> Vec<Value> {
    world.look(&format!("mail?to={TO}")).await.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let world = World::start().await;
    let sent = send(&world, "0198a1").await.ok().unwrap();
    assert_eq!(sent.message_id, "<0198a1@certhall.example>");
    let mails = mailbox(&world).await;
    let (got, wrote) = (&mails[0], mail("0198a1"));
    assert_eq!(got["message_id"], sent.message_id);
    assert_eq!(got["subject"], wrote.subject);
    assert_eq!(got["text"], wrote.text);
    assert_eq!(got["from_header"], "数字证书服务大厅 <hall@certhall.example>");
    assert_eq!(
        (got["from"].as_str(), got["reply_to"].as_str()),
        (Some("hall@certhall.example"), Some("help@certhall.example"))
    );
    let html = got["html"].as_str().unwrap();
    assert!(
        html.contains("<a href=\"https://hall.example/nanning/query?a=1&amp;b=2\">") && html.contains("&lt;证书&gt;"),
        "{html}"
    );
    let page = world.page(&format!("/mails/{TO}")).await;
    assert!(
        page.contains("审核通过：数字证书订单") && page.contains("data-message-id=\"&lt;0198a1@certhall.example&gt;\""),
        "{page}"
    );
    assert!(world.look("mail?to=nobody@example.com").await.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn refusals_and_doubts_are_told_apart() {
    let world = World::start().await;
    let refused = |code: &str| Outcome::refused(code, "refused by the mail server");
    let cases = [
        (json!({"kind": "refuse", "code": "550"}), refused("550"), 0),
        (json!({"kind": "refuse", "code": "451"}), refused("451"), 0),
        (json!({"kind": "status", "status": 421}), refused("421"), 0),
        (json!({"kind": "hang"}), Outcome::unknown(Doubt::Timeout), 0),
        (json!({"kind": "garbage"}), Outcome::unknown(Doubt::Unreadable("SMTP reply")), 0),
        (json!({"kind": "lost"}), Outcome::unknown(Doubt::Unreadable("SMTP reply")), 1),
        (json!({"kind": "slow", "ms": 5_000}), Outcome::unknown(Doubt::Timeout), 2),
        (json!({"kind": "slow", "ms": 200}), Outcome::Ok(MailReceipt { message_id: "<1@certhall.example>".into() }), 3),
    ];
    for (fault, expected, arrived) in cases {
        world.fault("mail", fault.clone()).await;
        assert_eq!(send(&world, "1").await, expected, "{fault}");
        assert_eq!(mailbox(&world).await.len(), arrived, "{fault}");
    }
    // Every one that arrived can be told to be the same.
    assert!(mailbox(&world).await.iter().all(|mail| mail["message_id"] == "<1@certhall.example>"));
}

#[tokio::test]
async fn a_wrong_password_and_a_server_without_starttls_take_nothing() {
    let world = World::start().await;
    let with = |change: &dyn Fn(&mut backend::gateways::config::MailConfig)| {
        let mut config = world.config.clone();
        change(config.mail.as_mut().unwrap());
        Gateways::from_config(&config, world.fresh.clone()).unwrap().mail.unwrap()
    };
    let stranger = with(&|mail| mail.password = Some("wrong".to_owned().into()));
    assert_eq!(stranger.send(&mail("1")).await, Outcome::refused("535", "refused by the mail server"));
    let nobody = with(&|mail| (mail.user, mail.password) = (None, None));
    assert_eq!(nobody.send(&mail("1")).await, Outcome::refused("530", "refused by the mail server"));
    let starttls = with(&|mail| mail.security = backend::gateways::config::MailSecurity::Starttls);
    assert!(matches!(starttls.send(&mail("1")).await, Outcome::Refused { code, .. } if code == "local.client"));
    let tls = with(&|mail| mail.security = backend::gateways::config::MailSecurity::Tls);
    assert!(matches!(tls.send(&mail("1")).await, Outcome::Unknown { .. }));
    assert!(mailbox(&world).await.is_empty(), "nothing goes in clear where TLS is asked for");
}
