//! One paper: chosen, dropped or photographed; made smaller, sent, shown, deleted, tried again.

use crate::api::{self, Failure};
use crate::nav;
use crate::ui::photo;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::channel::{DocumentKind, DocumentSpec, UploadLimits};
use shared::order::Status;
use wasm_bindgen::JsCast;
use web_sys::{Blob, DragEvent, File, FileList, HtmlInputElement};

/// What a frame is doing.
#[derive(Clone, PartialEq)]
enum Doing {
    Nothing,
    Preparing,
    /// Percent sent.
    Sending(u32),
    Deleting,
    /// What went wrong; whether the same file may be sent again.
    Failed(String, bool),
}

/// One paper's frame.
#[derive(Clone)]
pub struct Frame {
    paper: DocumentSpec,
    limits: UploadLimits,
    order: RwSignal<OrderView>,
    doing: RwSignal<Doing>,
    /// What was made of the chosen file, for another try and for the preview.
    picture: StoredValue<Option<Blob>, LocalStorage>,
    /// The preview's address.
    preview: RwSignal<Option<String>>,
}

/// The id of a frame's file input.
pub fn input_id(kind: DocumentKind) -> String {
    ["file-", kind.name()].concat()
}

impl Frame {
    /// A frame for a paper of an order.
    pub fn new(paper: &DocumentSpec, order: RwSignal<OrderView>) -> Self {
        let preview: RwSignal<Option<String>> = RwSignal::new(None);
        on_cleanup(move || forget(preview));
        Self {
            paper: paper.clone(),
            limits: nav::channel().upload.clone(),
            order,
            doing: RwSignal::new(Doing::Nothing),
            picture: StoredValue::new_local(None),
            preview,
        }
    }

    /// Something is under way.
    pub fn is_busy(&self) -> bool {
        match self.doing.get_untracked() {
            Doing::Preparing | Doing::Sending(_) | Doing::Deleting => true,
            Doing::Nothing | Doing::Failed(..) => false,
        }
    }

    fn take(&self, files: Option<FileList>) {
        if let Some(file) = files.and_then(|files| files.get(0))
            && !self.is_busy()
        {
            self.prepare(&file);
        }
    }

    fn prepare(&self, file: &File) {
        if !photo::allowed(&file.name(), &file.type_(), &self.limits) {
            let formats = self.limits.formats.join("、");
            let words = format!("“{}”不是支持的图片格式，请选择 {formats} 格式的图片。", file.name());
            self.doing.set(Doing::Failed(words, false));
            return;
        }
        self.doing.set(Doing::Preparing);
        let (frame, file) = (self.clone(), file.clone());
        spawn_local(async move {
            match photo::prepared(&file, &frame.limits).await {
                Some(blob) => {
                    frame.picture.set_value(Some(blob));
                    frame.send();
                }
                None => {
                    let words = "这张图片无法读取，也无法缩小到允许的大小。请重新拍照，或换一张图片。".into();
                    frame.doing.try_set(Doing::Failed(words, false));
                }
            }
        });
    }

    fn send(&self) {
        let Some(Some(blob)) = self.picture.try_get_value() else { return };
        let Some(number) = self.order.try_with_untracked(|order| order.number.clone()) else { return };
        forget(self.preview);
        self.preview.set(web_sys::Url::create_object_url_with_blob(&blob).ok());
        self.doing.set(Doing::Sending(0));
        let frame = self.clone();
        spawn_local(async move {
            let doing = frame.doing;
            let answer = api::upload(&number, frame.paper.kind, &blob, move |percent| {
                doing.try_set(Doing::Sending(percent));
            })
            .await;
            frame.done(answer);
        });
    }

    fn delete(&self) {
        let number = self.order.with_untracked(|order| order.number.clone());
        self.doing.set(Doing::Deleting);
        let frame = self.clone();
        spawn_local(async move {
            let answer = api::delete_document(&number, frame.paper.kind).await;
            if answer.is_ok() {
                forget(frame.preview);
                frame.preview.try_set(None);
            }
            frame.done(answer);
            nav::focus(&input_id(frame.paper.kind));
        });
    }

    fn done(&self, answer: Result<OrderView, Failure>) {
        match answer {
            Ok(order) => {
                self.order.try_set(order);
                self.doing.try_set(Doing::Nothing);
            }
            Err(told) => {
                self.doing.try_set(Doing::Failed(told.words(), told.is_passing()));
            }
        }
    }

    /// The address of what is shown: the preview, or what the server has.
    fn src(&self) -> Option<String> {
        let stored = self.order.with(|order| {
            let there = order.documents.iter().find(|there| there.kind == self.paper.kind);
            there.map(|there| api::document_src(&order.number, &there.id))
        });
        self.preview.get().or(stored)
    }

    /// The paper is on the server, and need not be uploaded again.
    fn is_there(&self) -> bool {
        self.order.with(|order| {
            let redo = order.refusal.as_ref().is_some_and(|told| told.documents.contains(&self.paper.kind));
            order.documents.iter().any(|there| there.kind == self.paper.kind && (there.fresh || !redo))
        })
    }

    /// The frame on the page.
    pub fn view(&self) -> AnyView {
        let (frame, dropped, state, picture) = (self.clone(), self.clone(), self.clone(), self.clone());
        let over = RwSignal::new(false);
        let label = self.paper.label.clone();
        let alt = label.clone();
        view! {
            <li
                class="frame"
                class:over=move || over.get()
                class:there=move || frame.is_there()
                on:dragover=move |event: DragEvent| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=move |event: DragEvent| {
                    event.prevent_default();
                    over.set(false);
                    dropped.take(event.data_transfer().and_then(|data| data.files()));
                }
            >
                <div class="frame-picture">
                    {move || match picture.src() {
                        Some(src) => view! { <img src=src alt=[&alt, "预览"].concat() /> }.into_any(),
                        None => view! { <span class="plus" aria-hidden="true">"+"</span> }.into_any(),
                    }}
                </div>
                <h3>{label}</h3>
                <p class="hint">{self.paper.hint.clone()}</p>
                <div class="frame-state" role="status">{move || state.state()}</div>
                {self.choose()}
            </li>
        }
        .into_any()
    }

    fn state(&self) -> AnyView {
        match self.doing.get() {
            Doing::Preparing => view! { <p>"正在处理图片…"</p> }.into_any(),
            Doing::Sending(percent) => view! {
                <p>"正在上传…"</p>
                <progress max="100" value=percent.to_string() aria-label="上传进度"></progress>
            }
            .into_any(),
            Doing::Deleting => view! { <p>"正在删除…"</p> }.into_any(),
            Doing::Failed(words, again) => {
                let frame = self.clone();
                let retry = again.then(|| {
                    view! { <button type="button" class="button small" on:click=move |_| frame.send()>"重新上传"</button> }
                        .into_any()
                });
                view! { <p class="wrong">{words}</p> {retry} }.into_any()
            }
            Doing::Nothing if self.is_there() => view! { <p class="good">"✓ 已上传"</p> }.into_any(),
            Doing::Nothing => view! { <p class="hint">"尚未上传"</p> }.into_any(),
        }
    }

    /// Choosing a file, taking a photo (on phones), deleting.
    fn choose(&self) -> AnyView {
        let (eraser, there) = (self.clone(), self.clone());
        let deletable = move || {
            there.order.with(|order| {
                let has = order.documents.iter().any(|document| document.kind == there.paper.kind);
                has && matches!(order.status, Status::AwaitingDocuments | Status::ReviewRefused)
            })
        };
        let delete = move || {
            let eraser = eraser.clone();
            deletable().then(move || {
                let label = ["删除", &eraser.paper.label].concat();
                view! {
                    <button type="button" class="button small plain" aria-label=label on:click=move |_| eraser.delete()>
                        "删除"
                    </button>
                }
                .into_any()
            })
        };
        view! {
            <div class="frame-acts">
                {self.file_input(input_id(self.paper.kind), "选择图片", None)}
                {self.file_input(["camera-", self.paper.kind.name()].concat(), "拍照", Some("environment"))}
                {delete}
            </div>
        }
        .into_any()
    }

    fn file_input(&self, id: String, words: &'static str, capture: Option<&'static str>) -> AnyView {
        let frame = self.clone();
        let name = [words, "：", &self.paper.label].concat();
        view! {
            <label class="button small file" class:camera=capture.is_some()>
                <input
                    id=id
                    type="file"
                    accept="image/jpeg,image/png,image/gif"
                    capture=capture
                    aria-label=name
                    on:change=move |event| {
                        if let Some(input) =
                            event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
                        {
                            frame.take(input.files());
                            // So that the same file can be chosen again.
                            input.set_value("");
                        }
                    }
                />
                <span aria-hidden="true">{words}</span>
            </label>
        }
        .into_any()
    }
}

fn forget(preview: RwSignal<Option<String>>) {
    if let Some(Some(address)) = preview.try_get_untracked() {
        let _ = web_sys::Url::revoke_object_url(&address);
    }
}
