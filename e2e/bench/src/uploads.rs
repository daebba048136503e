//! Memory while phone photos are uploaded.

use crate::Places;
use crate::fill::Waiting;
use crate::load::Connection;
use crate::memory;
use crate::stand::Stand;
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use shared::api::CSRF_HEADER;
use sqlx::Executor;

/// Photos at once.
const CLIENTS: usize = 8;
/// Photos of each client.
const PHOTOS: usize = 3;

fn shade(value: u32) -> u8 {
    u8::try_from(value % 256).unwrap_or_default()
}

/// A photo of 12.2 megapixels, as phones take them, under the profile's 1.5 MB.
fn photo() -> Result<Vec<u8>> {
    let picture = RgbImage::from_fn(4032, 3024, |x, y| Rgb([shade(x / 16), shade(y / 12), shade((x + y) / 28)]));
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 60).encode_image(&picture)?;
    Ok(file)
}

/// Uploads photos from several clients at once; prints what the backend held at its highest.
pub async fn measure(_places: &Places, hall: &Stand, applicants: &[Waiting]) -> Result<()> {
    let pool = crate::engine::Pool::open(&hall.database, 1).await?;
    let text = "UPDATE orders SET status = 'awaiting_documents'";
    match &pool {
        crate::engine::Pool::Sqlite(pool) => pool.execute(text).await.map(drop)?,
        crate::engine::Pool::Postgres(pool) => pool.execute(text).await.map(drop)?,
    }
    drop(pool);
    let process = hall.serve().await?;
    let photo = Bytes::from(photo()?);
    let mut running = Vec::new();
    for client in applicants.iter().step_by(3).take(CLIENTS) {
        let (photo, address, client) = (photo.clone(), hall.address, client.clone());
        running.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let list = connection.ask(client.reads(address, "/api/orders?channel=nanning")?).await?;
            let list: serde_json::Value = serde_json::from_slice(&list)?;
            let number = list["unfinished"][0]["number"].as_str().context("no order")?.to_owned();
            for _ in 0..PHOTOS {
                let request = Request::put(format!("/api/orders/{number}/documents/business_licence"))
                    .header("host", address.to_string())
                    .header("origin", format!("http://{address}"))
                    .header("content-type", "image/jpeg")
                    .header(CSRF_HEADER, "1")
                    .header("cookie", format!("certhall_applicant={}", client.token))
                    .body(Full::new(photo.clone()))?;
                connection.ask(request).await?;
            }
            anyhow::Ok(())
        }));
    }
    for client in running {
        client.await??;
    }
    let resident = memory::of(process.id())?;
    println!(
        "\nMemory with {CLIENTS} clients uploading {PHOTOS} photos of 12.2 megapixels each: {:.0} MB resident, {:.0} MB at \
         its highest.",
        resident.now, resident.peak
    );
    Ok(())
}
