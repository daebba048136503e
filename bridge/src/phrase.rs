//! The recognition phrase: made once at the first start, kept on this computer, shown in every true
//! window. A look-alike page cannot know it.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use crate::random::Random;

/// Plain, concrete, easily told apart words.
const WORDS: [&str; 64] = [
    "青山", "白云", "明月", "清风", "红叶", "碧海", "金沙", "银河", "春雨", "夏荷", "秋菊", "冬雪", "松树", "竹林",
    "梅花", "兰草", "燕子", "鲤鱼", "骏马", "仙鹤", "小溪", "石桥", "灯塔", "帆船", "茶壶", "毛笔", "古琴", "围棋",
    "风筝", "雨伞", "算盘", "木箱", "苹果", "葡萄", "石榴", "荔枝", "香蕉", "西瓜", "樱桃", "核桃", "老虎", "熊猫",
    "孔雀", "白鹅", "蜻蜓", "蝴蝶", "海豚", "松鼠", "火车", "飞机", "单车", "钟楼", "图书", "画册", "钢琴", "二胡",
    "米饭", "豆浆", "面条", "饺子", "太阳", "星星", "彩虹", "闪电",
];

/// Three words: 262,144 phrases, and a page has one guess before it is seen.
fn make(random: &dyn Random) -> String {
    let mut bytes = [0; 3];
    random.fill(&mut bytes);
    bytes.map(|byte| WORDS[usize::from(byte) % WORDS.len()]).join(" ")
}

/// The phrase kept in `file`, made there if there is none.
pub fn keep(file: &Path, random: &dyn Random) -> Result<String> {
    match std::fs::read_to_string(file) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
    let phrase = make(random);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    write_private(file, &phrase).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(phrase)
}

#[cfg(unix)]
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?
        .write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(file, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_phrase_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bridge/phrase");
        let random = crate::random::system();
        let first = keep(&file, &*random).unwrap();
        assert_eq!(first.split(' ').count(), 3);
        assert_eq!(keep(&file, &*random).unwrap(), first);
    }
}
