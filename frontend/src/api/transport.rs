//! One request and its answer. Nothing else in the page touches the network.

use crate::json;
use crate::place;
use shared::api::{ApiError, CSRF_HEADER, ErrorCode, PROOF_HEADER, Proof};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, Headers, RequestInit, XmlHttpRequest};

/// Why there is no answer that can be used.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The server refused, and says why.
    Refused(Box<ApiError>),
    /// The request did not reach the server.
    Offline,
    /// No answer in time. Whether the server did it is unknown; asking again is safe.
    Timeout,
    /// Something answered that is not our server, or an older one.
    Unreadable,
}

impl Failure {
    /// What happened and what to do, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Refused(error) => {
                let left = error.tries_left.map(|left| ["，还可以输入 ", &left.to_string(), " 次"].concat());
                return error.message.clone() + &left.unwrap_or_default();
            }
            Self::Offline => "网络连接中断，您填写的内容没有丢失。请检查网络后重试。",
            Self::Timeout => "服务器暂时没有响应，您填写的内容没有丢失。请稍后重试。",
            Self::Unreadable => "服务器返回的内容无法识别。请刷新页面后重试；如仍出现，请拨打受理点电话。",
        }
        .into()
    }

    /// The server's code, if it was the server.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.code),
            Self::Offline | Self::Timeout | Self::Unreadable => None,
        }
    }

    /// The same request may succeed later without any change by the user.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(error) => matches!(error.code, ErrorCode::ServiceUnavailable | ErrorCode::Internal),
            Self::Offline | Self::Timeout | Self::Unreadable => true,
        }
    }
}

/// An answer or why there is none.
pub type Answer<T> = Result<T, Failure>;

/// How long an answer may take. Checks and payments wait for others behind our server.
const PATIENCE_MS: u32 = 30_000;

/// A photo over a slow mobile connection.
const UPLOAD_PATIENCE_MS: u32 = 180_000;

/// One request without file.
pub struct Request<'a> {
    /// GET, PUT, POST or DELETE.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// JSON.
    pub body: Option<String>,
    /// Goes out even when the page is being closed.
    pub keepalive: bool,
    /// The answered challenge, where one is asked for.
    pub proof: Option<Proof>,
}

/// Sends a request; the answer is a JSON text, empty for 204.
pub async fn send(request: Request<'_>) -> Answer<String> {
    let init = RequestInit::new();
    init.set_method(request.method);
    if request.keepalive {
        let _ = js_sys::Reflect::set(&init, &JsValue::from_str("keepalive"), &JsValue::TRUE);
    }
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    if request.method != "GET" {
        let headers = Headers::new().map_err(|_| Failure::Unreadable)?;
        let set = |name, value| headers.set(name, value).map_err(|_| Failure::Unreadable);
        set(CSRF_HEADER, "1")?;
        if let Some(proof) = &request.proof {
            let proof = proof.header();
            headers.set(PROOF_HEADER, &proof).map_err(|_| Failure::Unreadable)?;
        }
        if let Some(body) = &request.body {
            set("content-type", "application/json")?;
            init.set_body(&JsValue::from_str(body));
        }
        init.set_headers(&headers);
    }
    let request = web_sys::Request::new_with_str_and_init(request.path, &init).map_err(|_| Failure::Unreadable)?;
    place::lend_session(|name, token| drop(request.headers().set(name, token)));
    let response = gloo_net::http::Request::from(request).send().await.map_err(|error| no_answer(&error))?;
    place::keep_session(|name| response.headers().get(name));
    let text = response.text().await.map_err(|error| no_answer(&error))?;
    accept(response.status(), text)
}

/// Sends a file and tells how much has gone out, in percent. `fetch` can't tell that.
pub async fn send_file(path: &str, file: &Blob, progress: impl Fn(u32) + 'static) -> Answer<String> {
    let request = XmlHttpRequest::new().map_err(|_| Failure::Unreadable)?;
    request.open("PUT", path).map_err(|_| Failure::Unreadable)?;
    request.set_timeout(UPLOAD_PATIENCE_MS);
    request.set_request_header(CSRF_HEADER, "1").map_err(|_| Failure::Unreadable)?;
    place::lend_session(|name, token| drop(request.set_request_header(name, token)));
    let on_progress = Closure::<dyn Fn(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
        if event.total() > 0.0 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            progress((event.loaded() * 100.0 / event.total()) as u32);
        }
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    // `loadend` comes after success, error and time-out alike.
    let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    let timed_out = js_sys::Array::new();
    let note = timed_out.clone();
    let on_timeout = Closure::<dyn Fn()>::new(move || {
        note.push(&JsValue::TRUE);
    });
    request.set_ontimeout(Some(on_timeout.as_ref().unchecked_ref()));
    request.send_with_opt_blob(Some(file)).map_err(|_| Failure::Offline)?;
    let _ = JsFuture::from(ended).await;
    place::keep_session(|name| request.get_response_header(name).ok().flatten());
    match request.status() {
        Ok(status) if status > 0 => accept(status, request.response_text().ok().flatten().unwrap_or_default()),
        Ok(_) | Err(_) if timed_out.length() > 0 => Err(Failure::Timeout),
        Ok(_) | Err(_) => Err(Failure::Offline),
    }
}

/// Reads an answer's body.
pub fn read<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Answer<T> {
    json::parse(text).map_err(|_| Failure::Unreadable)
}

fn accept(status: u16, text: String) -> Answer<String> {
    if status < 400 {
        return Ok(text);
    }
    Err(json::parse(&text).map_or(Failure::Unreadable, |error| Failure::Refused(Box::new(error))))
}

fn no_answer(error: &gloo_net::Error) -> Failure {
    match error {
        gloo_net::Error::JsError(error) if error.name == "TimeoutError" => Failure::Timeout,
        gloo_net::Error::JsError(_) | gloo_net::Error::GlooError(_) => Failure::Offline,
    }
}
