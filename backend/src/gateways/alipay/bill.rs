//! Alipay's bill of a day (`bill_type` `trade`): a ZIP with a list of trades and one of sums, each a CSV in GBK.
//!
//! The list begins and ends with lines after `#`; numbers are followed by a tab (against spreadsheets); nothing is
//! quoted, so a comma in a product's name moves the columns behind it. Names of entries are in GBK too.

use std::io::{Cursor, Read as _};

use encoding_rs::GBK;
use zip::ZipArchive;

use super::trade::instant;
use crate::gateways::bill::{Bill, BillKind, BillLine};
use crate::gateways::money;

/// The longest ZIP that is read.
pub const LONGEST_ZIP: usize = 16 << 20;
/// The longest list: about a hundred thousand trades.
const LONGEST_LIST: u64 = 32 << 20;
/// Entries of a ZIP: the real one has two.
const MOST_ENTRIES: usize = 8;

const OUT_TRADE_NO: &str = "商户订单号";
const TRADE_NO: &str = "支付宝交易号";
const KIND: &str = "业务类型";
const CREATED: &str = "创建时间";
const COMPLETED: &str = "完成时间";
const AMOUNT: &str = "订单金额（元）";
const REQUEST_NO: &str = "退款批次号/请求号";
/// Columns whose text may hold a comma, likeliest first.
const TEXTS: [&str; 4] = ["商品名称", "备注", "门店名称", "券名称"];

/// Why a bill can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BillError {
    /// Not a ZIP, or a damaged one.
    #[error("the bill is not a readable ZIP")]
    Zip,
    /// More or longer than any real bill.
    #[error("the bill is longer than any real one")]
    TooLong,
    /// The ZIP holds no list of trades.
    #[error("the bill holds no list of trades")]
    NoList,
    /// The list's first row does not name its columns.
    #[error("the bill does not name its columns")]
    Columns,
    /// A row that can't be read.
    #[error("row {0} of the bill can't be read")]
    Row(usize),
    /// The list does not hold what its last lines say.
    #[error("the bill's rows are not as many, or not as much, as its last lines say")]
    Sums,
}

/// Reads a ZIP as it was downloaded.
///
/// # Errors
/// See [`BillError`]; nothing is read in part.
pub fn read_zip(bytes: &[u8]) -> Result<Bill, BillError> {
    if bytes.len() > LONGEST_ZIP {
        return Err(BillError::TooLong);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| BillError::Zip)?;
    if archive.len() > MOST_ENTRIES {
        return Err(BillError::TooLong);
    }
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|_| BillError::Zip)?;
        let (name, _) = GBK.decode_without_bom_handling(entry.name_raw());
        if name.contains("汇总") || !name.to_ascii_lowercase().ends_with(".csv") {
            continue;
        }
        let mut list = Vec::new();
        // What the entry says of its own length is not believed.
        let read = entry.by_ref().take(LONGEST_LIST + 1).read_to_end(&mut list).map_err(|_| BillError::Zip)?;
        if u64::try_from(read).is_ok_and(|read| read > LONGEST_LIST) {
            return Err(BillError::TooLong);
        }
        return read_list(&list);
    }
    Err(BillError::NoList)
}

/// Reads the list of trades, in GBK.
///
/// # Errors
/// See [`BillError`].
pub fn read_list(bytes: &[u8]) -> Result<Bill, BillError> {
    // No byte of a Chinese character looks like a comma or a line break: a broken one spoils its own cell only.
    let (text, _) = GBK.decode_without_bom_handling(bytes);
    let mut columns: Option<Columns> = None;
    let mut bill = Bill::default();
    let mut told = Told::default();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r'))) {
        if let Some(comment) = line.strip_prefix('#') {
            told.note(comment).map_err(|()| BillError::Row(at))?;
        } else if !line.trim().is_empty() {
            match &columns {
                None => columns = Some(Columns::read(line).ok_or(BillError::Columns)?),
                Some(columns) => match columns.line(line).ok_or(BillError::Row(at))? {
                    Row::Money(line) => bill.lines.push(line),
                    Row::Other => {}
                },
            }
        }
    }
    if columns.is_none() {
        return Err(BillError::Columns);
    }
    if told.fits(&bill) { Ok(bill) } else { Err(BillError::Sums) }
}

/// One row of the list.
enum Row {
    /// A payment or a refund.
    Money(BillLine),
    /// Something else.
    Other,
}

/// Which column is which.
struct Columns {
    count: usize,
    out_trade_no: usize,
    trade_no: usize,
    kind: usize,
    created: usize,
    completed: usize,
    amount: usize,
    request_no: usize,
    texts: Vec<usize>,
}

impl Columns {
    fn read(line: &str) -> Option<Self> {
        let names: Vec<String> = line.split(',').map(|name| cell(name).replace('(', "（").replace(')', "）")).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        Some(Self {
            count: names.len(),
            out_trade_no: find(OUT_TRADE_NO)?,
            trade_no: find(TRADE_NO)?,
            kind: find(KIND)?,
            created: find(CREATED)?,
            completed: find(COMPLETED)?,
            amount: find(AMOUNT)?,
            request_no: find(REQUEST_NO)?,
            texts: TEXTS.into_iter().filter_map(find).collect(),
        })
    }

    fn line(&self, line: &str) -> Option<Row> {
        let cells: Vec<&str> = line.split(',').map(cell).collect();
        let extra = cells.len().checked_sub(self.count)?;
        // A text held `extra` commas: the first one that leaves dates and sums where they belong.
        self.texts.iter().find_map(|text| {
            self.read_row(|column| cells.get(if column > *text { column + extra } else { column }).copied())
        })
    }

    fn read_row<'a>(&self, get: impl Fn(usize) -> Option<&'a str>) -> Option<Row> {
        let sum = get(self.amount)?;
        let (negative, sum) = sum.strip_prefix('-').map_or((false, sum), |sum| (true, sum));
        let amount_fen = money::fen(sum)?;
        let (created, completed) = (get(self.created)?, get(self.completed)?);
        if ![created, completed].iter().all(|time| time.is_empty() || instant(time).is_some()) {
            return None;
        }
        let kind = match (get(self.kind)?, negative) {
            ("交易", false) => BillKind::Paid,
            ("退款", _) => BillKind::Refunded { out_request_no: get(self.request_no)?.to_owned() },
            ("交易", true) => return None,
            (_, _) => return Some(Row::Other),
        };
        Some(Row::Money(BillLine {
            kind,
            out_trade_no: get(self.out_trade_no)?.to_owned(),
            trade_no: get(self.trade_no)?.to_owned(),
            amount_fen,
            at: instant(completed).or_else(|| instant(created)),
        }))
    }
}

/// A cell without the tab that follows numbers.
fn cell(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// How many payments and refunds the last lines tell of: `交易合计：2笔，…`.
#[derive(Default)]
struct Told {
    paid: Option<usize>,
    refunded: Option<usize>,
}

impl Told {
    fn note(&mut self, comment: &str) -> Result<(), ()> {
        for (words, count) in [("交易合计：", &mut self.paid), ("退款合计：", &mut self.refunded)] {
            if let Some(rest) = comment.trim().strip_prefix(words) {
                let number = rest.split('笔').next().unwrap_or_default();
                *count = Some(number.trim().parse().map_err(|_| ())?);
            }
        }
        Ok(())
    }

    fn fits(&self, bill: &Bill) -> bool {
        let paid = bill.lines.iter().filter(|line| line.kind == BillKind::Paid).count();
        self.paid.is_none_or(|told| told == paid) && self.refunded.is_none_or(|told| told == bill.lines.len() - paid)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,\
        订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,\
        商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

    fn row(number: &str, kind: &str, product: &str, amount: &str, request: &str) -> String {
        format!(
            "2026{number}\t,{number}\t,{kind},{product},2026-11-19 10:00:00,2026-11-19 10:00:30,,,,,139****0001,{amount},\
             {amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,{request}\t,-1.50,0.00,"
        )
    }

    fn list(rows: &[String], paid: usize, refunded: usize) -> Vec<u8> {
        let mut lines = vec![
            "#支付宝业务明细查询".to_owned(),
            "#账号：[20881021261120000156]".to_owned(),
            "#-----------------------------------------业务明细列表----------------------------------------".to_owned(),
            HEADER.to_owned(),
        ];
        lines.extend_from_slice(rows);
        lines.push(
            "#-----------------------------------------业务明细列表结束------------------------------------".into(),
        );
        lines.push(format!("#交易合计：{paid}笔，商家实收共250.00元，商家优惠共0.00元"));
        lines.push(format!("#退款合计：{refunded}笔，商家实收退款共-250.00元，商家优惠退款共0.00元"));
        GBK.encode(&lines.join("\r\n")).0.into_owned()
    }

    fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn payments_and_refunds_are_read() {
        let rows =
            [row("U1_1", "交易", "数字证书服务", "250.00", ""), row("U1_1", "退款", "数字证书服务", "-250.00", "R1")];
        let bill = read_zip(&zipped(&[("a.csv", &list(&rows, 1, 1))])).unwrap();
        let at = "2026-11-19T02:00:30Z".parse().ok();
        let line =
            |kind| BillLine { kind, out_trade_no: "U1_1".into(), trade_no: "2026U1_1".into(), amount_fen: 25_000, at };
        assert_eq!(bill.lines, [line(BillKind::Paid), line(BillKind::Refunded { out_request_no: "R1".into() })]);
    }

    #[test]
    fn a_comma_in_a_products_name_does_not_move_the_sums() {
        let rows = [row("U1_1", "交易", "证书,新办,250,00", "250.00", "")];
        assert_eq!(read_list(&list(&rows, 1, 0)).unwrap().lines[0].amount_fen, 25_000);
    }

    #[test]
    fn a_day_without_trades_is_an_empty_list() {
        assert_eq!(read_list(&list(&[], 0, 0)), Ok(Bill::default()));
    }

    #[test]
    fn a_list_that_was_cut_is_noticed() {
        let rows = [row("U1_1", "交易", "a", "250.00", "")];
        assert_eq!(read_list(&list(&rows, 2, 0)), Err(BillError::Sums));
        assert_eq!(read_list(&list(&rows, 1, 1)), Err(BillError::Sums));
    }

    #[test]
    fn what_is_not_a_bill_is_refused() {
        assert_eq!(read_zip(b"<html>"), Err(BillError::Zip));
        assert_eq!(read_zip(&zipped(&[("x.txt", b"")])), Err(BillError::NoList));
        assert_eq!(read_list(b"a,b,c\n1,2,3\n"), Err(BillError::Columns));
        assert_eq!(read_list(b""), Err(BillError::Columns));
        for amount in ["250", "2.5e1", "--1.00", ""] {
            let rows = [row("U1_1", "交易", "a", amount, "")];
            let seen = read_list(&list(&rows, 1, 0));
            assert_eq!(seen.is_ok(), amount == "250", "{amount}");
        }
        assert_eq!(read_list(&list(&["1,2,3".to_owned()], 0, 0)), Err(BillError::Row(5)));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = vec![b'#'; usize::try_from(LONGEST_LIST).unwrap() + 1];
        let bomb = zipped(&[("a.csv", &zeros)]);
        assert!(bomb.len() < 100_000);
        assert_eq!(read_zip(&bomb), Err(BillError::TooLong));
        let many: Vec<(String, Vec<u8>)> = (0..9).map(|at| (format!("{at}.csv"), Vec::new())).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        assert_eq!(read_zip(&zipped(&many)), Err(BillError::TooLong));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_zip(&bytes);
            let _ = read_list(&bytes);
        }

        #[test]
        fn no_rows_panic(cells in proptest::collection::vec("[0-9.,\\t交易退款:-]{0,40}", 0..40)) {
            let _ = read_list(&list(&[cells.join(",")], 1, 0));
        }

        #[test]
        fn what_is_written_is_read(sums in proptest::collection::vec((1i64..100_000_000, any::<bool>()), 0..20), name in "[^\\r\\n#]{0,20}") {
            let rows: Vec<String> = sums.iter().enumerate().map(|(at, (fen, back))| {
                let (kind, sign) = if *back { ("退款", "-") } else { ("交易", "") };
                row(&format!("T{at}"), kind, &name, &format!("{sign}{}", money::yuan(*fen)), if *back { "R" } else { "" })
            }).collect();
            let refunded = sums.iter().filter(|(_, back)| *back).count();
            let bill = read_list(&list(&rows, sums.len() - refunded, refunded)).unwrap();
            let read: Vec<i64> = bill.lines.iter().map(|line| line.amount_fen).collect();
            prop_assert_eq!(read, sums.iter().map(|(fen, _)| *fen).collect::<Vec<_>>());
        }
    }
}
