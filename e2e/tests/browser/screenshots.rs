//! The pictures of docs/screenshots: each screen at 1280 and 390 pixels.

mod desk;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use e2e::engine::Window;
use e2e::outside::Purpose;
use e2e::pages::{FormPage, OrdersPage, PayPage, SignDialog, StaffDesk, Terminal, UploadPage};
use e2e::papers;
use e2e::program::root;
use e2e::stack::Port;
use image::Rgb;
use shared::form::Field;

use crate::steps::World;

const WIDTHS: [u32; 2] = [1280, 390];
/// No picture is higher: what lies below is told by the text.
const HIGHEST: u32 = 2400;
/// Colours of a picture: one byte a pixel.
const COLOURS: usize = 256;

struct Album {
    world: World,
    folder: PathBuf,
}

/// Walks through the hall once and takes every picture, or those of the desk's lists only.
pub async fn take(desk_only: bool) -> Result<()> {
    let folder = root().join("docs/screenshots");
    fs::create_dir_all(&folder)?;
    let mut album = Album { world: World::begin().await?, folder };
    let mut walked = Ok(());
    if !desk_only {
        walked = album.walk().await;
        if walked.is_ok() {
            walked = album.places().await;
        }
        if walked.is_ok() {
            album.begin_again().await?;
        }
    }
    if walked.is_ok() {
        walked = album.lists().await;
    }
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
        browser.press("用手机拍照上传").await?;
        browser.reads("二维码有效至").await?;
        self.shoot("handover").await?;
        browser.press("收起二维码").await?;
        let upload = UploadPage(browser);
        for paper in papers::photos(unit, outside).await? {
            upload.choose(paper.kind, &paper.name, &paper.bytes).await?;
            upload.says(paper.kind, "✓ 已上传").await?;
        }
        self.shoot("upload").await?;
        browser.press("确认申请").await?;
        browser.arrives("签名确认").await?;
        let sign = SignDialog(browser);
        browser.element(".proof-picture img").await?;
        self.shoot_window("image-code").await?;
        sign.ask().await?;
        sign.code(&outside.newest_code(unit.operator.phone(), Purpose::Sign).await?).await?;
        sign.agree().await?;
        self.shoot_window("sign").await?;
        sign.confirm().await?;
        browser.arrives("付款结算").await?;
        let pay = PayPage(browser);
        pay.alipay().await?;
        self.shoot("pay").await?;
        pay.pay().await?;
        browser.arrives("完成申请").await?;
        self.shoot("done").await?;
        let number = browser.address().await?.split('/').nth(3).context("an order's address")?.to_owned();
        let pages = [
            (format!("/nanning/orders/{number}"), "order"),
            (format!("/nanning/mailing/{number}"), "mailing"),
            (format!("/nanning/orders/{number}/phone"), "phone"),
        ];
        for (page, name) in pages {
            browser.open(&page).await?;
            browser.element(".card").await?;
            if name == "mailing" {
                browser.element("#mailAddress").await?;
            }
            self.shoot(name).await?;
        }

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

    /// A partner's frame and a terminal.
    async fn places(&mut self) -> Result<()> {
        let world = &self.world;
        let browser = world.browser();
        browser.open_site(&world.partner.origin()).await?;
        for width in WIDTHS {
            browser.set_width(width).await?;
            browser.leave_frame().await?;
            browser.enter_frame().await?;
            browser.arrives("数字证书在线服务").await?;
            browser.leave_frame().await?;
            self.keep("embed", width).await?;
        }
        self.world.open_another(Window::Kiosk).await?;
        let world = &self.world;
        let browser = world.browser();
        browser.open("/nanning/kiosk/").await?;
        browser.arrives("数字证书在线服务").await?;
        self.keep("kiosk-home", 1080).await?;
        browser.press("在线新办").await?;
        FormPage(browser).is_ready().await?;
        Terminal(browser).types(Field::CreditCode.id(), &world.unit.company.credit_code).await?;
        self.keep("kiosk-letters", 1080).await?;
        Terminal(browser).types(Field::OperatorMobile.id(), "139771").await?;
        self.keep("kiosk-digits", 1080).await?;
        browser.press("《个人信息保护政策》").await?;
        browser.reads("个人信息").await?;
        self.keep("kiosk-dialog", 1080).await?;
        browser.press("关闭").await?;
        browser.press("结束办理").await?;
        browser.reads("确定结束").await?;
        self.keep("kiosk-end", 1080).await
    }

    async fn desk(&mut self) -> Result<()> {
        let number = self.world.stack.reviewer().await?.queue("review").await?.pop().context("an order waits")?.number;
        let workplace = self.world.stack.workplace(Port::Known).await?;
        let world = &self.world;
        world.browser().allow_this_computer().await?;
        let desk = StaffDesk(world.browser());
        desk.log_in(&world.stack.reviewer).await?;
        desk.open(&number).await?;
        self.shoot_window("review").await?;
        desk.approve().await?;
        desk.log_out().await?;
        desk.log_in(&world.stack.maker).await?;
        desk.start_making().await?.agree().await?;
        world.browser().reads("制证完成").await?;
        self.shoot_window("making").await?;
        world.browser().press("继续下一单").await?;
        desk.queue("寄送").await?;
        desk.dispatch("SF1234567890123").await?;
        drop(workplace);
        Ok(())
    }

    /// The whole page.
    async fn shoot(&self, name: &str) -> Result<()> {
        for width in WIDTHS {
            self.world.browser().unroll(width, HIGHEST).await?;
            self.world.browser().run("window.scrollTo(0, 0)", vec![]).await?;
            self.keep(name, width).await?;
        }
        self.world.browser().set_width(WIDTHS[0]).await
    }

    /// What a window shows of it: for screens whose parts cling to the window's edges.
    async fn shoot_window(&self, name: &str) -> Result<()> {
        for width in WIDTHS {
            self.world.browser().set_width(width).await?;
            self.keep(name, width).await?;
        }
        self.world.browser().set_width(WIDTHS[0]).await
    }

    async fn keep(&self, name: &str, width: u32) -> Result<()> {
        // The new width is laid out, and what moves comes to rest.
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        let file = self.folder.join(format!("{name}-{width}.png"));
        fs::write(&file, small(&self.world.browser().seen().await?)?)?;
        println!("{} ({} KB)", file.display(), fs::metadata(&file)?.len() / 1024);
        Ok(())
    }
}

/// The same picture with a palette: a third of the bytes.
fn small(picture: &[u8]) -> Result<Vec<u8>> {
    let image = image::load_from_memory(picture)?.to_rgb8();
    // Nearly equal colours count as one.
    let near = |pixel: &Rgb<u8>| pixel.0.map(|part| part & 0xfc | part >> 6);
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for pixel in image.pixels() {
        *counts.entry(near(pixel)).or_default() += 1;
    }
    let mut colours: Vec<[u8; 3]> = counts.keys().copied().collect();
    colours.sort_by_key(|colour| (std::cmp::Reverse(counts[colour]), *colour));
    let mut palette: Vec<[u8; 3]> = Vec::new();
    // Common colours first, but each unlike the others: a small red mark must not drown in shades of grey.
    for unlike in [40, 20, 10, 0] {
        for colour in &colours {
            if palette.len() < COLOURS && palette.iter().all(|other| distance(*other, *colour) > unlike * unlike) {
                palette.push(*colour);
            }
        }
    }
    let mut places = HashMap::new();
    for colour in colours {
        let nearest = (0..palette.len()).min_by_key(|at| distance(palette[*at], colour));
        places.insert(colour, u8::try_from(nearest.context("a picture has colours")?)?);
    }
    let pixels: Vec<u8> = image.pixels().map(|pixel| places[&near(pixel)]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// How unlike two colours are: the square of their distance.
fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.into_iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}
