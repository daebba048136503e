//! One PIV card: its files on disk and the application that runs while it has power.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use anyhow::{Context as _, Result};
use piv_authenticator::{Authenticator, Options};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng as _;
use trussed::{
    ClientImplementation,
    pipe::{ServiceEndpoint, TrussedChannel},
    platform,
    service::Service,
    types::CoreContext,
    virt::{StorageConfig, Store, StoreConfig, UserInterface},
};

use crate::{
    apdu::{Applet, Shell},
    dispatch::{BACKENDS, Backend, Dispatch, DispatchContext},
};

/// A card's identity and where its memory lies.
#[derive(Clone, Debug)]
pub struct Card {
    /// The folder that holds this card's files; its last part is the card's name.
    folder: PathBuf,
    serial: [u8; 4],
}

impl Card {
    /// Opens the card in `folder`, or makes a blank one there (factory PIN, PUK and management key).
    pub fn open(folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let file = folder.join("serial");
        let serial = if let Ok(bytes) = fs::read(&file) {
            bytes[..].try_into().context("the serial file is damaged")?
        } else {
            let mut serial: [u8; 4] = random()?;
            // Real serial numbers are positive 32-bit numbers.
            serial[0] &= 0x7f;
            fs::write(&file, serial)?;
            serial
        };
        Ok(Self { folder, serial })
    }

    pub fn name(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The serial number that the card answers to `00 F8 00 00`, in decimal as printed on real keys.
    pub fn serial(&self) -> u32 {
        u32::from_be_bytes(self.serial)
    }

    /// Gives the card power, runs `session` on it, and takes the power away: whatever was verified
    /// or half sent is forgotten, what was stored stays.
    pub fn powered<R>(&self, session: impl FnOnce(&mut dyn Applet) -> R) -> Result<R> {
        let entropy = random()?;
        let mut memory = StoreConfig {
            internal: file(&self.folder, "internal.flash"),
            external: file(&self.folder, "external.flash"),
            volatile: StorageConfig::ram(),
        };
        let serial = self.serial;
        memory.with_store(|store| {
            let channel = TrussedChannel::new();
            let (requester, responder) = channel.split().context("a new channel is split only once")?;
            let client_id = "piv".try_into().ok().context("client id")?;
            let service = InThread(Rc::new(RefCell::new(Inner {
                service: Service::with_dispatch(
                    Hardware { random: ChaCha8Rng::from_seed(entropy), store, ui: UserInterface::new() },
                    Dispatch::new(),
                ),
                endpoint: [ServiceEndpoint::new(responder, CoreContext::new(client_id), BACKENDS)],
            })));
            let client = ClientImplementation::<'_, _, Dispatch>::new(requester, service, None);
            let mut shell = Shell::new(Authenticator::new(client, Options::default()), serial);
            Ok(session(&mut shell))
        })
    }
}

fn file(folder: &Path, name: &str) -> StorageConfig<'static> {
    StorageConfig::filesystem(folder.join(name))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the card is the outside world: its randomness is the operating system's"
)]
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The card's hardware. trussed's own `virt` platform seeds its generator with a constant, so that
/// any two fresh cards would hold the same keys; this one is seeded by the operating system.
struct Hardware<'a> {
    random: ChaCha8Rng,
    store: Store<'a>,
    ui: UserInterface,
}

impl<'a> platform::Platform for Hardware<'a> {
    type R = ChaCha8Rng;
    type S = Store<'a>;
    type UI = UserInterface;

    fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }

    fn store(&self) -> Store<'a> {
        self.store
    }

    fn user_interface(&mut self) -> &mut UserInterface {
        &mut self.ui
    }
}

struct Inner<'a> {
    service: Service<Hardware<'a>, Dispatch>,
    endpoint: [ServiceEndpoint<'a, Backend, DispatchContext>; 1],
}

/// Answers each request of the application at once, in its own thread: trussed's runner polls
/// every millisecond, and a PIV command makes dozens of requests.
struct InThread<'a>(Rc<RefCell<Inner<'a>>>);

impl platform::Syscall for InThread<'_> {
    fn syscall(&mut self) {
        let inner = &mut *self.0.borrow_mut();
        inner.service.process(&mut inner.endpoint);
    }
}
