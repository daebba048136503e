//! An ID card, both sides, marked 样本.

use image::RgbImage;

use super::draw::Canvas;
use crate::people::Person;

const INK: [u8; 3] = [32, 36, 44];
const BLUE: [u8; 3] = [54, 108, 168];
const GROUND: [u8; 3] = [224, 236, 244];
const PALE: [u8; 3] = [196, 212, 222];

/// 头像面.
pub fn front(person: &Person) -> RgbImage {
    let mut canvas = Canvas::new(856, 540, 1, GROUND);
    canvas.border(4.0, 4.0, 848.0, 532.0, 3.0, BLUE);
    let part = |from: usize, to: usize| person.id_number.get(from..to).unwrap_or_default();
    let female = person.id_number.as_bytes().get(16).is_some_and(|digit| digit.is_multiple_of(2));
    let born = format!(
        "{} 年 {} 月 {} 日",
        part(6, 10),
        part(10, 12).trim_start_matches('0'),
        part(12, 14).trim_start_matches('0')
    );
    let lines = [
        ("姓名", person.name),
        ("性别", if female { "女" } else { "男" }),
        ("出生", born.as_str()),
        ("住址", "样本市样本区样本路 1 号"),
    ];
    let mut y = 60.0;
    for (label, value) in lines {
        canvas.text(52.0, y, 28.0, BLUE, label);
        canvas.text(136.0, y, 32.0, INK, value);
        y += 78.0;
    }
    canvas.ring(690.0, 190.0, 62.0, 0.0, PALE);
    canvas.ring(690.0, 390.0, 118.0, 0.0, PALE);
    canvas.rect(560.0, 400.0, 260.0, 120.0, GROUND);
    canvas.text(52.0, 492.0, 24.0, PALE, "样本 仅供测试 样本 仅供测试");
    canvas.text(52.0, 440.0, 28.0, BLUE, "公民身份号码");
    canvas.text(260.0, 434.0, 38.0, INK, person.id_number);
    canvas.image
}

/// 国徽面.
pub fn back(person: &Person) -> RgbImage {
    let mut canvas = Canvas::new(856, 540, 1, GROUND);
    canvas.border(4.0, 4.0, 848.0, 532.0, 3.0, BLUE);
    canvas.ring(130.0, 130.0, 78.0, 0.0, [196, 48, 40]);
    canvas.ring(130.0, 130.0, 64.0, 58.0, GROUND);
    canvas.text(256.0, 70.0, 52.0, INK, "中华人民共和国");
    canvas.text(256.0, 150.0, 68.0, INK, "居民身份证");
    canvas.text(140.0, 370.0, 28.0, BLUE, "签发机关");
    canvas.text(280.0, 368.0, 30.0, INK, "样本市公安局");
    canvas.text(140.0, 430.0, 28.0, BLUE, "有效期限");
    canvas.text(280.0, 428.0, 30.0, INK, "2020.01.01-2040.01.01");
    canvas.text(140.0, 482.0, 24.0, PALE, &format!("样本 仅供测试 {}", person.name));
    canvas.image
}
