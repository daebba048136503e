//! The pictures of docs/screenshots: each screen at 1280 and 390 pixels.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use e2e::outside::Purpose;
use e2e::pages::{FormPage, OrdersPage, PayPage, SignDialog, StaffDesk, UploadPage};
use e2e::papers;
use e2e::program::root;
use e2e::stack::Port;
use image::ImageEncoder as _;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use shared::form::Field;

use crate::steps::World;

const WIDTHS: [u32; 2] = [1280, 390];
/// No picture is higher: what lies below is told by the text.
const HIGHEST: u32 = 2400;

struct Album {
    world: World,
    folder: PathBuf,
}

/// Walks through the hall once and takes every picture.
pub async fn take() -> Result<()> {
    let folder = root().join("docs/screenshots");
    fs::create_dir_all(&folder)?;
    let mut album = Album { world: World::begin().await?, folder };
    let walked = album.walk().await;
    album.world.end(walked.is_err().then(|| album.folder.join("../../target/screenshots-failed.png"))).await;
    walked
}

impl Album {
    async fn walk(&mut self) -> Result<()> {
        let world = &self.world;
        let (browser, outside, unit) = (world.browser(), &world.stack.outside, &world.unit);
        browser.open("/nanning/").await?;
        browser.arrives("数字证书在线服务").await?;
        self.shoot("home").await?;

        let form = FormPage(browser);
        form.open().await?;
        form.fill_all(unit).await?;
        form.fill(Field::CreditCode, "914403001922038217").await?;
        form.fill(Field::OperatorMobile, "1397712000").await?;
        form.next().await?;
        browser.element("#errors").await?;
        self.shoot("form-errors").await?;
        form.fill(Field::CreditCode, &unit.company.credit_code).await?;
        form.fill(Field::OperatorMobile, unit.operator.phone()).await?;
        form.tick(true).await?;
        form.next().await?;
        browser.arrives("确认订单").await?;
        self.shoot("confirm").await?;

        browser.press("确认订单").await?;
        browser.arrives("上传资料").await?;
        let upload = UploadPage(browser);
        for paper in papers::photos(unit, outside).await? {
            upload.choose(paper.kind, &paper.name, &paper.bytes).await?;
            upload.says(paper.kind, "✓ 已上传").await?;
        }
        self.shoot("upload").await?;
        browser.press("确认申请").await?;
        browser.arrives("签名确认").await?;
        let sign = SignDialog(browser);
        sign.ask().await?;
        sign.code(&outside.newest_code(unit.operator.phone(), Purpose::Sign).await?).await?;
        sign.agree().await?;
        self.shoot("sign").await?;
        sign.confirm().await?;
        browser.arrives("付款结算").await?;
        let pay = PayPage(browser);
        pay.alipay().await?;
        self.shoot("pay").await?;
        pay.pay().await?;
        browser.arrives("完成申请").await?;

        self.desk().await?;
        let world = &self.world;
        let (browser, outside, unit) = (world.browser(), &world.stack.outside, &world.unit);
        browser.open("/nanning/orders").await?;
        let orders = OrdersPage(browser);
        orders.query(&unit.company.credit_code).await?;
        orders.code(&outside.newest_code(unit.operator.phone(), Purpose::Query).await?).await?;
        browser.reads("已发货").await?;
        self.shoot("query").await
    }

    async fn desk(&mut self) -> Result<()> {
        let number = self.world.stack.reviewer().await?.queue("review").await?.pop().context("an order waits")?.number;
        let workplace = self.world.stack.workplace(Port::Known).await?;
        let world = &self.world;
        let desk = StaffDesk(world.browser());
        desk.log_in(&world.stack.reviewer).await?;
        desk.open(&number).await?;
        self.shoot("review").await?;
        desk.approve().await?;
        desk.log_out().await?;
        desk.log_in(&world.stack.maker).await?;
        desk.start_making().await?.agree().await?;
        world.browser().reads("制证完成").await?;
        self.shoot("making").await?;
        world.browser().press("继续下一单").await?;
        desk.queue("寄送").await?;
        desk.dispatch("SF1234567890123").await?;
        drop(workplace);
        Ok(())
    }

    async fn shoot(&self, name: &str) -> Result<()> {
        let browser = self.world.browser();
        for width in WIDTHS {
            browser.set_width(width).await?;
            // The new width is laid out, and what moves comes to rest.
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
            let file = self.folder.join(format!("{name}-{width}.png"));
            fs::write(&file, small(&browser.picture(HIGHEST).await?)?)?;
            println!("{} ({} KB)", file.display(), fs::metadata(&file)?.len() / 1024);
        }
        browser.set_width(WIDTHS[0]).await
    }
}

/// The same picture in fewer bytes.
fn small(png: &[u8]) -> Result<Vec<u8>> {
    let image = image::load_from_memory(png)?.to_rgb8();
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    encoder.write_image(&image, image.width(), image.height(), image::ExtendedColorType::Rgb8)?;
    Ok(if bytes.len() < png.len() { bytes } else { png.to_vec() })
}
