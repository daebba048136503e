//! The list of halls, and links of the old portal.

use crate::api::{self, Answer};
use crate::dom::{El, a, el};
use crate::nav;
use crate::pages::nowhere;
use crate::routes::{Page, Route, legacy_id};
use crate::ui::notice;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::channel::{ChannelLink, legacy_channel_id};

/// Whether the address that was opened is a link of the old portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OldLink {
    /// It is not, or its hall was found.
    None,
    /// Its hall is being looked for.
    Searching,
    /// It names no hall that is here.
    Lost,
}

#[derive(Clone, Copy)]
struct Old(RwSignal<OldLink>);

/// Looks at the address, once; true while the hall of an old link is being looked for.
pub fn entrance() -> Signal<bool> {
    let old = RwSignal::new(if old_id().is_some() { OldLink::Searching } else { OldLink::None });
    provide_context(Old(old));
    Signal::derive(move || old.get() == OldLink::Searching)
}

/// What belongs to no hall: the list of halls, or an address that does not exist.
pub fn outside(route: &Route) -> Parts {
    let Old(old) = expect_context();
    let list = *route == Route::Halls || old.get_untracked() != OldLink::None;
    if list { page(old) } else { nowhere::page() }
}

fn old_id() -> Option<String> {
    let location = window().location();
    legacy_id(&location.search().unwrap_or_default(), &location.hash().unwrap_or_default())
}

/// The list.
fn page(old: RwSignal<OldLink>) -> Parts {
    let nav = nav::nav();
    let halls: RwSignal<Option<Answer<Vec<ChannelLink>>>> = RwSignal::new(None);
    let load = move || {
        let nav = nav.clone();
        halls.set(None);
        spawn_local(async move {
            let answer = api::halls().await;
            if let (Ok(list), Some(link)) = (&answer, old_id()) {
                let id = legacy_channel_id(&link);
                let hall = list.iter().find(|hall| id.is_some() && hall.legacy_id == id);
                old.set(if hall.is_some() { OldLink::None } else { OldLink::Lost });
                nav.replace(&hall.map_or_else(|| "/".into(), |hall| Page::Home.path(&hall.slug)));
            }
            halls.try_set(Some(answer));
        });
    };
    load();
    let told = el("div").live(move || {
        let words = "链接中的渠道编号无法识别，或者这个渠道尚未开通。请从下面的列表中选择您的办事大厅。";
        (old.get() == OldLink::Lost).then(|| notice::info(words))
    });
    let list = el("div").live(move || match halls.get() {
        None => notice::waiting("正在读取办事大厅…"),
        Some(Err(failure)) => notice::failed(&failure, load.clone()),
        Some(Ok(list)) => el("ul").class("halls").child(list.iter().map(hall).collect::<Vec<_>>()),
    });
    screen("选择办事大厅", vec![told, list])
}

fn hall(hall: &ChannelLink) -> El {
    el("li").child(a(&Page::Home.path(&hall.slug), &hall.title).class("hall-link"))
}
