//! Channels are folders: `channels/<slug>/{profile.toml, guide.md, agreements/*.md}`. They are read, checked and
//! turned into what the page gets once, at start. A sixth channel is a sixth folder, no code.

mod check;
mod markdown;
mod profile;

pub use check::ChannelError;
pub use profile::{NoticeWay, Notices, Profile};

use shared::api::Text;
use shared::channel::{ChannelLink, PublicChannel};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// One channel, ready to serve.
#[derive(Debug)]
pub struct Channel {
    /// As it stands in its file.
    pub profile: Profile,
    /// What the page gets.
    pub public: PublicChannel,
    /// 办理指南.
    pub guide: Text,
    /// Agreements by id.
    pub agreements: BTreeMap<String, Text>,
}

/// All channels by slug.
#[derive(Clone, Debug, Default)]
pub struct Channels(Arc<BTreeMap<String, Arc<Channel>>>);

/// For the fuzz targets: a profile is read and checked, or refused.
#[cfg(fuzzing)]
pub fn fuzz(text: &str) {
    if let Ok(profile) = toml::from_str::<Profile>(text) {
        if check::alone(Path::new("fuzz"), &profile).is_ok() {
            let _ = profile.public();
        }
    }
}

impl Channels {
    /// Reads every folder in `root`. Refuses the whole set at the first unknown key or contradiction, naming file, key
    /// and reason.
    pub fn load(root: &Path) -> Result<Self, ChannelError> {
        let mut channels = BTreeMap::new();
        for folder in check::folders(root)? {
            let channel = load_one(&folder)?;
            channels.insert(channel.profile.slug.clone(), Arc::new(channel));
        }
        check::among_themselves(root, channels.values().map(|channel| &channel.profile))?;
        Ok(Self(Arc::new(channels)))
    }

    /// The channel of an address.
    pub fn get(&self, slug: &str) -> Option<&Arc<Channel>> {
        self.0.get(slug)
    }

    /// Every channel, by slug.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Channel>> {
        self.0.values()
    }

    /// The list of halls.
    pub fn links(&self) -> Vec<ChannelLink> {
        self.iter()
            .map(|channel| ChannelLink {
                slug: channel.profile.slug.clone(),
                title: channel.profile.title.clone(),
                legacy_id: channel.profile.legacy_id,
            })
            .collect()
    }

    /// The channel that an old address (`/nngjj/index.html`) belongs to.
    pub fn at_legacy_path(&self, path: &str) -> Option<&Arc<Channel>> {
        self.iter().find(|channel| channel.profile.legacy_paths.iter().any(|old| old == path))
    }
}

fn load_one(folder: &Path) -> Result<Channel, ChannelError> {
    let file = folder.join("profile.toml");
    let profile = Profile::read(&file)?;
    check::alone(&file, &profile)?;
    let guide = markdown::read(&folder.join("guide.md"))?;
    let mut agreements = BTreeMap::new();
    for agreement in &profile.agreements {
        let text = markdown::read(&folder.join("agreements").join(format!("{}.md", agreement.id)))?;
        agreements.insert(agreement.id.clone(), text);
    }
    Ok(Channel { public: profile.public(), profile, guide, agreements })
}

#[cfg(test)]
mod tests;
