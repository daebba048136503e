//! What an applicant does.

use anyhow::{Result, ensure};
use cucumber::{given, then, when};
use e2e::outside::Purpose;
use e2e::pages::{FormPage, OrdersPage, PayPage, SignDialog, UploadPage};
use e2e::papers;
use shared::channel::DocumentKind;
use shared::order::Status;

use super::World;

const KINDS: [(DocumentKind, &str); 3] = [
    (DocumentKind::BusinessLicence, "工商营业执照副本"),
    (DocumentKind::OperatorIdPortrait, "经办人身份证(头像面)"),
    (DocumentKind::OperatorIdEmblem, "经办人身份证(国徽面)"),
];

pub fn kind(label: &str) -> DocumentKind {
    KINDS.into_iter().find(|(_, other)| *other == label).unwrap_or_else(|| panic!("no paper {label}")).0
}

#[given(regex = "^我有一个(待上传资料|待签名|待支付|待审核|制证中)的订单$")]
async fn has_order(world: &mut World, words: String) -> Result<()> {
    let status = match words.as_str() {
        "待上传资料" => Status::AwaitingDocuments,
        "待签名" => Status::AwaitingSignature,
        "待支付" => Status::AwaitingPayment,
        "待审核" => Status::AwaitingReview,
        _ => Status::AwaitingMaking,
    };
    world.skip_to(status).await
}

#[given(regex = "^另一个人已为本单位签名提交了订单$")]
async fn rival(world: &mut World) -> Result<()> {
    let other = world.stack.applicant()?;
    other.applies_and_signs(&world.unit).await?;
    world.other = Some(other);
    Ok(())
}

#[when("我填写本单位的申请信息")]
async fn fill_all(world: &mut World) -> Result<()> {
    FormPage(world.browser()).fill_all(&world.unit).await
}

#[when("我只用键盘填写本单位的申请信息并提交")]
async fn fill_by_keyboard(world: &mut World) -> Result<()> {
    FormPage(world.browser()).fill_by_keyboard(&world.unit).await
}

#[when("我勾选协议")]
async fn tick(world: &mut World) -> Result<()> {
    FormPage(world.browser()).tick(true).await
}

#[when(regex = "^我把“(.+)”填写为“(.*)”$")]
async fn fill(world: &mut World, label: String, value: String) -> Result<()> {
    FormPage(world.browser()).fill(FormPage::field(&label)?, &value).await
}

#[when(regex = "^我把“(.+)”改回本单位的$")]
async fn mend(world: &mut World, label: String) -> Result<()> {
    let field = FormPage::field(&label)?;
    let own = world.unit.typed().into_iter().find(|(other, _)| *other == field);
    let (_, value) = own.ok_or_else(|| anyhow::anyhow!("the unit has no {label}"))?;
    FormPage(world.browser()).fill(field, &value).await
}

#[then("填写的内容都还在")]
async fn nothing_lost(world: &mut World) -> Result<()> {
    let form = FormPage(world.browser());
    for (field, typed) in world.unit.typed() {
        let shown = form.value(field).await?;
        ensure!(shown == typed, "{} holds {shown:?}", field.label());
    }
    Ok(())
}

#[then(regex = "^“(.+)”的内容是“(.*)”$")]
async fn holds(world: &mut World, label: String, wanted: String) -> Result<()> {
    let field = FormPage::field(&label)?;
    world.browser().element(&format!("#{}", field.id())).await?;
    let shown = FormPage(world.browser()).value(field).await?;
    ensure!(shown == wanted, "{label} holds {shown:?}");
    Ok(())
}

#[then(regex = "^错误汇总有(\\d+)条，焦点在汇总上$")]
async fn summary(world: &mut World, count: usize) -> Result<()> {
    let browser = world.browser();
    let lines = FormPage(browser).summary().await?;
    ensure!(lines.len() == count, "{} lines: {lines:?}", lines.len());
    browser.until("the focus on the summary", "return document.activeElement.id === 'errors'", vec![]).await
}

#[then(regex = "^“(.+)”处提示“(.+)”$")]
async fn told_at(world: &mut World, label: String, words: String) -> Result<()> {
    let (browser, field) = (world.browser(), FormPage::field(&label)?);
    let script = "const e = document.getElementById(arguments[0] + '-error'), i = document.getElementById(arguments[0]); \
                  return e.innerText.includes(arguments[1]) && i.getAttribute('aria-invalid') === 'true' \
                  && i.getAttribute('aria-describedby').includes(e.id)";
    let arguments = vec![field.id().into(), words.clone().into()];
    browser.until(&format!("{label} {words}"), script, arguments).await
}

#[then(regex = "^“(.+)”处没有提示$")]
async fn nothing_told_at(world: &mut World, label: String) -> Result<()> {
    let told = FormPage(world.browser()).error(FormPage::field(&label)?).await?;
    ensure!(told.is_empty(), "{label}: {told}");
    Ok(())
}

#[then(regex = "^汇总中的“(.+)”一条把焦点带到它的输入框$")]
async fn summary_leads(world: &mut World, label: String) -> Result<()> {
    let (browser, field) = (world.browser(), FormPage::field(&label)?);
    browser.element(&format!("#errors a[href='#{}']", field.id())).await?.click().await?;
    browser.until("the focus", "return document.activeElement.id === arguments[0]", vec![field.id().into()]).await
}

#[then("确认页显示本单位的申请信息")]
async fn shown_on_confirm(world: &mut World) -> Result<()> {
    for (_, value) in world.unit.typed() {
        world.browser().reads(&value).await?;
    }
    world.browser().reads("¥250.00").await
}

#[then("我得到了订单号")]
async fn number(world: &mut World) -> Result<()> {
    world.browser().arrives("上传资料").await?;
    world.note_number().await?;
    world.browser().reads(&world.number.clone()).await
}

#[when("我上传手机拍的营业执照、身份证头像面和国徽面")]
async fn upload_all(world: &mut World) -> Result<()> {
    let page = UploadPage(world.browser());
    let papers = papers::photos(&world.unit, &world.stack.outside).await?;
    ensure!(papers[0].bytes.len() > 3_000_000, "the photo is no phone's");
    for paper in papers {
        page.choose(paper.kind, &paper.name, &paper.bytes).await?;
        page.says(paper.kind, "✓ 已上传").await?;
    }
    // The photo lies on its side in the file, and stands upright on the page.
    page.shows(DocumentKind::BusinessLicence, true).await
}

#[when(regex = "^我为“(.+)”选择文件“(.+)”$")]
async fn choose(world: &mut World, label: String, name: String) -> Result<()> {
    let bytes = world.stack.outside.paper(&name).await?;
    UploadPage(world.browser()).choose(kind(&label), &name, &bytes).await
}

#[when(regex = "^我为“(.+)”选择一份PDF文件$")]
async fn choose_pdf(world: &mut World, label: String) -> Result<()> {
    UploadPage(world.browser()).choose(kind(&label), "licence.pdf", b"%PDF-1.7\n").await
}

#[then(regex = "^“(.+)”下方显示“(.+)”$")]
async fn frame_says(world: &mut World, label: String, words: String) -> Result<()> {
    UploadPage(world.browser()).says(kind(&label), &words).await
}

#[when("我获取签名验证码")]
async fn ask_code(world: &mut World) -> Result<()> {
    SignDialog(world.browser()).ask().await
}

#[when("我输入经办人手机收到的验证码，勾选同意并确定")]
async fn sign(world: &mut World) -> Result<()> {
    let code = world.stack.outside.newest_code(world.unit.operator.phone(), Purpose::Sign).await?;
    let dialog = SignDialog(world.browser());
    dialog.code(&code).await?;
    dialog.agree().await?;
    dialog.confirm().await
}

#[when(regex = "^我输入验证码“(.+)”并确定$")]
async fn type_code(world: &mut World, code: String) -> Result<()> {
    let dialog = SignDialog(world.browser());
    dialog.code(&code).await?;
    dialog.confirm().await
}

#[when("我输入错误的验证码，勾选同意并确定")]
async fn wrong_code(world: &mut World) -> Result<()> {
    let code = world.stack.outside.newest_code(world.unit.operator.phone(), Purpose::Sign).await?;
    let first = if code.starts_with('0') { "1" } else { "0" };
    let dialog = SignDialog(world.browser());
    dialog.code(&format!("{first}{}", &code[1..])).await?;
    dialog.agree().await?;
    dialog.confirm().await
}

#[when("我选择支付宝")]
async fn alipay(world: &mut World) -> Result<()> {
    PayPage(world.browser()).alipay().await
}

#[then("付款二维码还在")]
async fn code_stays(world: &mut World) -> Result<()> {
    PayPage(world.browser()).code_is_shown().await
}

#[when("我扫码并完成付款")]
async fn pay(world: &mut World) -> Result<()> {
    PayPage(world.browser()).pay().await
}

#[then("列表中只有一个订单")]
async fn one_order(world: &mut World) -> Result<()> {
    let browser = world.browser();
    browser.reads(&world.number).await?;
    let rows = browser.run("return document.querySelectorAll('tbody tr').length", vec![]).await?;
    ensure!(rows == 1, "{rows} orders");
    Ok(())
}

#[when("我查询本单位的订单")]
async fn query(world: &mut World) -> Result<()> {
    OrdersPage(world.browser()).query(&world.unit.company.credit_code).await
}

#[when("我输入经办人手机收到的查询验证码")]
async fn query_code(world: &mut World) -> Result<()> {
    let code = world.stack.outside.newest_code(world.unit.operator.phone(), Purpose::Query).await?;
    OrdersPage(world.browser()).code(&code).await
}

#[then("法定代表人手机收到一次初始密码，UKey 认得它")]
async fn pin_works(world: &mut World) -> Result<()> {
    let phone = world.unit.legal.phone();
    let message = world.stack.outside.message(phone, Purpose::Pin, 1).await?;
    let reader = &world.workplace.as_ref().expect("a workplace").reader;
    let pin = message.param("pin")?.to_owned();
    let certificate = e2e::card::read_certificate(reader)?;
    certificate.sign_and_verify(reader, &pin)?;
    ensure!(world.stack.outside.messages(phone, Purpose::Pin).await?.len() == 1, "the PIN was sent twice");
    Ok(())
}

#[then("UKey 中的证书通过 openssl 和 OpenSC 验证")]
fn certificate_verifies(world: &mut World) -> Result<()> {
    let reader = &world.workplace.as_ref().expect("a workplace").reader;
    let (root, issuing) = world.stack.authority()?;
    e2e::card::read_certificate(reader)?.verify(&root, &issuing)
}
