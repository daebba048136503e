//! A business licence: names and codes of the register, marked 样本.

use image::RgbImage;

use super::draw::Canvas;
use crate::people::{self, Company};

const INK: [u8; 3] = [40, 36, 32];
const GOLD: [u8; 3] = [176, 138, 62];
const SEAL: [u8; 3] = [196, 48, 40];
const PAPER: [u8; 3] = [250, 246, 234];
const TABLE: [u8; 3] = [104, 84, 66];

/// As a phone with 12.2 megapixels sees it on a table: 3024 × 4032, upright.
pub fn photo(company: &Company) -> RgbImage {
    let mut canvas = Canvas::new(1008, 1344, 3, TABLE);
    paint(&mut canvas, 54.0, 82.0, company);
    canvas.photograph(9);
    canvas.image
}

/// As a scanner sees it.
pub fn scan(company: &Company) -> RgbImage {
    let mut canvas = Canvas::new(900, 1180, 1, [255, 255, 255]);
    paint(&mut canvas, 0.0, 0.0, company);
    canvas.image
}

fn paint(canvas: &mut Canvas, x: f32, y: f32, company: &Company) {
    let legal = people::person(company.legal_id).map_or("", |person| person.name);
    canvas.rect(x, y, 900.0, 1180.0, PAPER);
    canvas.border(x + 22.0, y + 22.0, 856.0, 1136.0, 8.0, GOLD);
    canvas.border(x + 36.0, y + 36.0, 828.0, 1108.0, 2.0, GOLD);
    canvas.ring(x + 450.0, y + 120.0, 46.0, 0.0, SEAL);
    canvas.ring(x + 450.0, y + 120.0, 38.0, 34.0, PAPER);
    canvas.text(x + 258.0, y + 168.0, 96.0, INK, "营业执照");
    canvas.text(x + 378.0, y + 296.0, 30.0, INK, "（副  本）");
    canvas.text(x + 90.0, y + 356.0, 28.0, INK, "统一社会信用代码");
    canvas.text(x + 330.0, y + 352.0, 34.0, INK, company.credit_code);
    let lines = [
        ("名　　称", company.name),
        ("类　　型", company.kind),
        ("法定代表人", legal),
        ("注册资本", "伍佰万元整"),
        ("成立日期", "2018年06月12日"),
        ("营业期限", "长期"),
        ("住　　所", company.address),
        ("经营范围", "以登记机关核定的范围为准"),
    ];
    let mut line = y + 430.0;
    for (label, value) in lines {
        canvas.text(x + 90.0, line, 28.0, GOLD, label);
        canvas.text(x + 270.0, line, 28.0, INK, value);
        line += 62.0;
    }
    canvas.text(x + 480.0, y + 980.0, 26.0, INK, "登记机关（样本）");
    canvas.text(x + 480.0, y + 1030.0, 26.0, INK, "2024年03月18日");
    canvas.ring(x + 610.0, y + 1010.0, 92.0, 86.0, SEAL);
    canvas.text(x + 560.0, y + 986.0, 40.0, SEAL, "公章");
    canvas.text(x + 100.0, y + 1010.0, 64.0, [206, 196, 170], "样本 仅供测试");
}
