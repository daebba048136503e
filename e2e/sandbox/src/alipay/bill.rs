//! The daily bill: an address that works for half a minute, behind it a ZIP with two lists in GBK, names and all.
//! The ZIP is written here byte by byte: no ZIP library writes names in GBK.

use std::fmt::Write as _;
use std::io::Write as _;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use encoding_rs::GBK;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::trade::{invalid, text, yuan};
use super::{Refusal, object};
use crate::chance;
use crate::clock;
use crate::faults::{self, Service};
use crate::server::Shared;
use crate::world::{BillTicket, World};

/// An address lives so long.
const SECONDS: i64 = 30;

const HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,\
    订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,\
    商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

/// One row of the list.
struct Row {
    trade_no: String,
    out_trade_no: String,
    refund: Option<String>,
    subject: String,
    created: String,
    completed: String,
    amount_fen: i64,
}

fn no_bill() -> Refusal {
    Refusal::business("isp.bill_not_exist", "账单不存在")
}

/// `alipay.data.dataservice.bill.downloadurl.query`.
pub fn address(shared: &Shared, biz: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    if text(biz, "bill_type") != "trade" {
        return Err(invalid("bill_type"));
    }
    let day: Date = text(biz, "bill_date").parse().map_err(|_| invalid("bill_date"))?;
    let token = chance::hex(16).map_err(|_| Refusal::business("ACQ.SYSTEM_ERROR", "系统错误"))?;
    shared.memory.change(|world| {
        let now = world.now();
        // Not before nine in the morning of the next day.
        if now.to_zoned(clock::china()).datetime() < day.tomorrow().map_err(|_| no_bill())?.at(9, 0, 0, 0) {
            return Err(no_bill());
        }
        if rows(world, day).is_empty() {
            return Err(no_bill());
        }
        world.bill_tickets.insert(token.clone(), BillTicket { day, made_at: now });
        Ok(())
    })?;
    Ok(object(json!({ "bill_download_url": format!("{}/bills/{token}", shared.base_url) })))
}

/// `GET /bills/{token}`.
pub async fn download(State(shared): State<Shared>, Path(token): Path<String>) -> Response {
    let gone = || (StatusCode::FORBIDDEN, "expired").into_response();
    let (found, fault) = shared.memory.change(|world| {
        let now = world.now();
        let ticket = world.bill_tickets.get(&token).filter(|t| now.duration_since(t.made_at).as_secs() <= SECONDS);
        let day = ticket.map(|ticket| ticket.day);
        let found = day.map(|day| (day, rows(world, day)));
        (found, faults::take(&mut world.faults, Service::BillFile))
    });
    let Some((day, rows)) = found else { return gone() };
    let act = |_| {
        let zip = zip_of(day, &rows, &shared.keys.seller_id);
        ([(header::CONTENT_TYPE, "application/zip")], zip).into_response()
    };
    faults::answer(fault, |_| gone(), act).await
}

/// What happened on a day, with the lies that the control API asked for.
fn rows(world: &World, day: Date) -> Vec<Row> {
    let on_day = |at: jiff::Timestamp| at.to_zoned(clock::china()).date() == day;
    let mut rows = Vec::new();
    for trade in world.trades.values() {
        let row = |refund: Option<&str>, at, amount_fen| Row {
            trade_no: trade.trade_no.clone(),
            out_trade_no: trade.out_trade_no.clone(),
            refund: refund.map(str::to_owned),
            subject: trade.subject.clone(),
            created: clock::local(trade.scanned_at.unwrap_or(at)),
            completed: clock::local(at),
            amount_fen,
        };
        if let Some(at) = trade.paid_at.filter(|at| on_day(*at)) {
            rows.push(row(None, at, trade.amount_fen));
        }
        for refund in trade.refunds.iter().filter(|refund| on_day(refund.at)) {
            rows.push(row(Some(&refund.out_request_no), refund.at, refund.amount_fen));
        }
    }
    let lies = &world.bill_lies;
    rows.retain(|row| !lies.missing.contains(&row.out_trade_no));
    for row in &mut rows {
        if let Some(fen) = lies.amounts.get(&row.out_trade_no) {
            row.amount_fen = *fen;
        }
    }
    for extra in &lies.extra {
        rows.push(Row {
            trade_no: format!("{}2200100000000000000", day.strftime("%Y%m%d")),
            out_trade_no: extra.out_trade_no.clone(),
            refund: extra.out_request_no.clone(),
            subject: "数字证书服务".to_owned(),
            created: format!("{day} 12:00:00"),
            completed: format!("{day} 12:00:30"),
            amount_fen: extra.amount_fen,
        });
    }
    rows
}

/// The list as the real one is written: numbers followed by a tab, refunds negative, sums after `#`.
fn list(day: Date, rows: &[Row], seller: &str) -> String {
    let next = day.tomorrow().unwrap_or(day);
    let chinese = |day: Date| day.strftime("%Y年%m月%d日").to_string();
    let mut out = format!(
        "#支付宝业务明细查询\r\n#账号：[{seller}0156]\r\n#起始日期：[{} 00:00:00]   终止日期：[{} 00:00:00]\r\n\
         #-----------------------------------------业务明细列表----------------------------------------\r\n{HEADER}\r\n",
        chinese(day),
        chinese(next),
    );
    let (mut paid, mut refunded) = ((0, 0), (0, 0));
    for row in rows {
        let (kind, sign, sum) =
            if row.refund.is_some() { ("退款", "-", &mut refunded) } else { ("交易", "", &mut paid) };
        sum.0 += 1;
        sum.1 += row.amount_fen;
        let amount = format!("{sign}{}", yuan(row.amount_fen));
        let request = row.refund.as_ref().map_or_else(String::new, |number| format!("{number}\t"));
        let _ = write!(
            out,
            "{}\t,{}\t,{kind},{},{},{},,,,,139****0001,{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,{request},0.00,0.00,\r\n",
            row.trade_no, row.out_trade_no, row.subject, row.created, row.completed,
        );
    }
    let _ = write!(
        out,
        "#-----------------------------------------业务明细列表结束------------------------------------\r\n\
         #交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n#退款合计：{}笔，商家实收退款共-{}元，商家优惠退款共0.00元\r\n\
         #导出时间：[{} 09:00:00]\r\n",
        paid.0,
        yuan(paid.1),
        refunded.0,
        yuan(refunded.1),
        chinese(next),
    );
    out
}

fn zip_of(day: Date, rows: &[Row], seller: &str) -> Vec<u8> {
    let name = |what: &str| format!("{seller}0156_{}_{what}.csv", day.strftime("%Y%m%d"));
    let sums = format!(
        "#支付宝业务汇总查询\r\n#账号：[{seller}0156]\r\n门店编号,门店名称,交易订单总笔数\r\n合计\t,,{}\r\n",
        rows.len()
    );
    zip(&[(name("业务明细(汇总)"), sums), (name("业务明细"), list(day, rows, seller))])
}

/// A ZIP archive (APPNOTE 4.3), deflated, names in GBK without the flag that would make them UTF-8.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let (name, content) = (GBK.encode(name).0.into_owned(), GBK.encode(text).0.into_owned());
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to memory can't fail.
        let packed = deflate.write_all(&content).and_then(|()| deflate.finish()).unwrap_or_default();
        let mut crc = Crc::new();
        crc.update(&content);
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut head = Vec::new();
        head.extend(20u16.to_le_bytes()); // version needed
        head.extend(0u16.to_le_bytes()); // flags
        head.extend(8u16.to_le_bytes()); // deflate
        head.extend([0, 0, 0x33, 0x5d]); // time and date
        head.extend(crc.sum().to_le_bytes());
        head.extend(size(&packed));
        head.extend(size(&content));
        head.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
        head.extend(0u16.to_le_bytes()); // extra
        let offset = size(&out);
        directory.extend(b"PK\x01\x02");
        directory.extend(20u16.to_le_bytes()); // version made by
        directory.extend(&head);
        directory.extend([0; 10]); // comment, disk, attributes
        directory.extend(offset);
        directory.extend(&name);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(&name);
        out.extend(packed);
    }
    let (count, length) = (u16::try_from(files.len()).unwrap_or_default().to_le_bytes(), directory.len());
    let start = u32::try_from(out.len()).unwrap_or(u32::MAX).to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(start);
    out.extend(0u16.to_le_bytes());
    out
}
