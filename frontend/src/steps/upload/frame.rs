//! One paper: chosen, dropped or photographed; made smaller, sent, shown, deleted, tried again.

use super::shelf::{Shelf, Standing};
use crate::api::Answer;
use crate::dom::{El, div, el, p};
use crate::nav;
use crate::ui::{button, photo};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::channel::{DocumentKind, DocumentSpec, UploadLimits};
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
    shelf: Shelf,
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
    /// A frame for a paper.
    pub fn new(paper: &DocumentSpec, shelf: Shelf) -> Self {
        let preview: RwSignal<Option<String>> = RwSignal::new(None);
        on_cleanup(move || forget(preview));
        Self {
            paper: paper.clone(),
            limits: nav::channel().upload.clone(),
            shelf,
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
            let words = ["“", &file.name(), "”不是支持的图片格式，请选择 ", &formats, " 格式的图片。"].concat();
            self.doing.set(Doing::Failed(words, false));
            return;
        }
        self.doing.set(Doing::Preparing);
        let (frame, file) = (self.clone(), file.clone());
        spawn_local(async move {
            if let Some(blob) = photo::prepared(&file, &frame.limits).await {
                frame.picture.set_value(Some(blob));
                frame.send();
            } else {
                let words = "这张图片无法读取，也无法缩小到允许的大小。请重新拍照，或换一张图片。".into();
                frame.doing.try_set(Doing::Failed(words, false));
            }
        });
    }

    fn send(&self) {
        let Some(Some(blob)) = self.picture.try_get_value() else { return };
        forget(self.preview);
        self.preview.set(web_sys::Url::create_object_url_with_blob(&blob).ok());
        self.doing.set(Doing::Sending(0));
        let frame = self.clone();
        spawn_local(async move {
            let doing = frame.doing;
            let progress = move |percent| drop(doing.try_set(Doing::Sending(percent)));
            let answer = frame.shelf.put(frame.paper.kind, &blob, progress).await;
            frame.done(answer);
        });
    }

    fn delete(&self) {
        let kind = self.paper.kind;
        self.doing.set(Doing::Deleting);
        let frame = self.clone();
        spawn_local(async move {
            let answer = frame.shelf.delete(kind).await;
            if answer.is_ok() {
                forget(frame.preview);
                frame.preview.try_set(None);
            }
            frame.done(answer);
            nav::focus(&input_id(kind));
        });
    }

    fn done(&self, answer: Answer<()>) {
        match answer {
            Ok(()) => {
                self.doing.try_set(Doing::Nothing);
            }
            Err(told) => {
                self.doing.try_set(Doing::Failed(told.words(), told.is_passing()));
            }
        }
    }

    /// The address of what is shown: the preview, or what the server has.
    fn src(&self) -> Option<String> {
        let stored = self.shelf.image(self.paper.kind);
        self.preview.get().or(stored)
    }

    fn standing(&self) -> Standing {
        self.shelf.standing(self.paper.kind)
    }

    /// The frame on the page.
    pub fn view(&self) -> El {
        let (frame, dropped, state, picture) = (self.clone(), self.clone(), self.clone(), self.clone());
        let over = RwSignal::new(false);
        let shown = Memo::new(move |_| picture.src());
        let alt = [&self.paper.label, "预览"].concat();
        let picture = div("frame-picture").live(move || match shown.get() {
            Some(src) => el("img").attr("src", &src).attr("alt", &alt),
            None => el("span").class("plus").attr("aria-hidden", "true").child("+"),
        });
        el("li")
            .class("frame")
            .live_class("over", move || over.get())
            .live_class("there", move || matches!(frame.standing(), Standing::There | Standing::Handed))
            .on("dragover", move |event| {
                event.prevent_default();
                over.set(true);
            })
            .on("dragleave", move |_| over.set(false))
            .on("drop", move |event| {
                event.prevent_default();
                over.set(false);
                let files = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
                dropped.take(files.and_then(|data| data.files()));
            })
            .child(picture)
            .child(el("h3").child(self.paper.label.as_str()))
            .child(p(&self.paper.hint).class("hint"))
            .child(div("frame-state").id(&state_id(self.paper.kind)).attr("role", "status").live(move || state.state()))
            .child(self.choose())
    }

    fn state(&self) -> Vec<El> {
        match self.doing.get() {
            Doing::Preparing => vec![p("正在处理图片…")],
            Doing::Sending(percent) => {
                let bar = el("progress").attr("max", "100").attr("value", &percent.to_string());
                vec![p("正在上传…"), bar.attr("aria-label", "上传进度")]
            }
            Doing::Deleting => vec![p("正在删除…")],
            Doing::Failed(words, again) => {
                let frame = self.clone();
                let mut parts = vec![p(&words).class("wrong")];
                parts.extend(again.then(|| button::small("重新上传", move || frame.send())));
                parts
            }
            Doing::Nothing => vec![match self.standing() {
                Standing::There => p("✓ 已上传").class("good"),
                Standing::Handed => p("✓ 已提交，如需修改请重新上传").class("good"),
                Standing::Refused => p("未通过审核，请重新上传").class("wrong"),
                Standing::Missing => p("尚未上传").class("hint"),
            }],
        }
    }

    /// Choosing a file, taking a photo (on phones), deleting.
    fn choose(&self) -> El {
        let (eraser, kind) = (self.clone(), self.paper.kind);
        let shelf = self.shelf;
        let deletable = Memo::new(move |_| shelf.standing(kind) == Standing::There);
        let delete = move || {
            let eraser = eraser.clone();
            deletable.get().then(move || {
                let label = ["删除", &eraser.paper.label].concat();
                button::small("删除", move || eraser.delete()).class("button small plain").attr("aria-label", &label)
            })
        };
        div("frame-acts")
            .child(self.file_input(&input_id(kind), "选择图片"))
            .child(self.file_input(&["camera-", kind.name()].concat(), "拍照"))
            .child(el("div").live(delete))
    }

    /// `拍照` asks a phone for its camera.
    fn file_input(&self, id: &str, words: &str) -> El {
        let frame = self.clone();
        let input = el("input")
            .id(id)
            .attr("type", "file")
            .attr("accept", "image/jpeg,image/png,image/gif")
            .attr("aria-label", &[words, "：", &self.paper.label].concat())
            .attr("aria-describedby", &state_id(self.paper.kind))
            .on("change", move |event| {
                let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
                if let Some(input) = input {
                    frame.take(input.files());
                    // So that the same file can be chosen again.
                    input.set_value("");
                }
            });
        let camera = words == "拍照";
        let input = if camera { input.attr("capture", "environment") } else { input };
        el("label")
            .class(if camera { "button small file camera" } else { "button small file" })
            .child(input)
            .child(el("span").attr("aria-hidden", "true").child(words))
    }
}

/// What has become of a paper, read with its input.
fn state_id(kind: DocumentKind) -> String {
    ["state-", kind.name()].concat()
}

fn forget(preview: RwSignal<Option<String>>) {
    if let Some(Some(address)) = preview.try_get_untracked() {
        let _ = web_sys::Url::revoke_object_url(&address);
    }
}
