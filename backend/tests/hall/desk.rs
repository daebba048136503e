//! What staff do, in their words, and the key that a maker plugs in.

use crate::applicant::Refused;
use crate::world::World;
use backend::staff::{add, totp};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable, single_shot_open};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::EncodePublicKey;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use shared::api::{CSRF_HEADER, IssuedCertificate, MakingTicket, QueueRow, Role, StaffOrder};
use shared::bridge::{InitialSecrets, OperationTicket, SECRETS_INFO, SealedSecrets, secrets_aad};
use std::sync::Mutex;
use x509_cert::der::{Decode, Encode};
use x509_cert::request::{CertReq, CertReqInfo};

/// The password of everybody in these stories.
pub const PASSWORD: &str = "a long password";

/// A member of staff at a desk.
pub struct Desk {
    pub world: World,
    pub name: String,
    pub secret: Vec<u8>,
    client: reqwest::Client,
    cookie: Mutex<Option<String>>,
}

impl World {
    /// Adds a member of staff and logs them in.
    pub async fn hires(&self, name: &str, roles: &[Role]) -> Desk {
        let desk = self.hires_for(name, "nanning", roles).await;
        assert_eq!(desk.logs_in().await.status(), StatusCode::NO_CONTENT);
        desk
    }

    /// Adds a member of staff for a channel, or for none that exists.
    pub async fn hires_for(&self, name: &str, channel: &str, roles: &[Role]) -> Desk {
        let known = self.hall.channels.get(channel).is_some() || channel == "*";
        let given = if known { roles } else { &[] };
        let address = add(&self.hall, name, PASSWORD, if known { channel } else { "nanning" }, given).await.unwrap();
        if !known {
            let mut tx = self.hall.store.begin().await.unwrap();
            let id = tx.staff_by_name(name).await.unwrap().unwrap().id;
            for role in roles {
                tx.grant_role(&id, channel, *role).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
        let secret = address.split("secret=").nth(1).unwrap().split('&').next().unwrap();
        Desk {
            world: self.clone(),
            name: name.to_owned(),
            secret: base32(secret),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            cookie: Mutex::new(None),
        }
    }
}

impl Desk {
    /// The same person at another hall's desk, logged in there.
    pub async fn at(&self, world: &World) -> Self {
        let (name, secret) = (self.name.clone(), self.secret.clone());
        let desk = Self { world: world.clone(), name, secret, client: self.client.clone(), cookie: Mutex::new(None) };
        assert_eq!(desk.logs_in().await.status(), StatusCode::NO_CONTENT);
        desk
    }

    /// The cookie's value.
    pub fn cookie(&self) -> Option<String> {
        let cookie = self.cookie.lock().unwrap().clone()?;
        cookie.split_once('=').map(|(_, value)| value.to_owned())
    }

    /// The code that the authenticator app shows now.
    pub fn code(&self) -> String {
        totp::code(&self.secret, totp::step_at(self.world.now()))
    }

    pub async fn logs_in(&self) -> Response {
        self.logs_in_with(PASSWORD, &self.code()).await
    }

    pub async fn logs_in_with(&self, password: &str, code: &str) -> Response {
        let body = json!({ "name": self.name, "password": password, "code": code });
        self.send(self.request(Method::POST, "/login").json(&body)).await
    }

    /// The same person at another computer.
    pub fn another_place(&self) -> Self {
        Self {
            world: self.world.clone(),
            name: self.name.clone(),
            secret: self.secret.clone(),
            client: self.client.clone(),
            cookie: Mutex::new(None),
        }
    }

    /// The value of the cookie.
    pub fn cookie_value(&self) -> String {
        self.cookie.lock().unwrap().as_ref().unwrap().split_once('=').unwrap().1.to_owned()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("{}/api/staff{path}", self.world.address);
        let mut request = self.client.request(method, address).header(CSRF_HEADER, "1");
        if let Some(cookie) = &*self.cookie.lock().unwrap() {
            request = request.header("cookie", cookie);
        }
        request
    }

    pub async fn send(&self, request: RequestBuilder) -> Response {
        self.world.settles().await;
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            for part in ["HttpOnly", "Secure", "SameSite=Strict"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            *self.cookie.lock().unwrap() = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Refused> {
        let response = self.send(request).await;
        let status = response.status();
        let body = response.bytes().await.unwrap();
        if status.is_success() {
            let body = if body.is_empty() { b"null".as_slice() } else { &body };
            Ok(serde_json::from_slice(body).unwrap())
        } else {
            let said = || panic!("{status}: {}", String::from_utf8_lossy(&body));
            Err(Refused { status, error: serde_json::from_slice(&body).unwrap_or_else(|_| said()) })
        }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refused> {
        self.answer(self.request(Method::GET, path)).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Refused> {
        self.answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn queue(&self, queue: &str) -> Vec<QueueRow> {
        self.get(&format!("/queue/{queue}?channel=nanning")).await.unwrap()
    }

    pub async fn looks_at(&self, number: &str) -> Result<StaffOrder, Refused> {
        self.get(&format!("/orders/{number}")).await
    }

    async fn version(&self, number: &str) -> i64 {
        self.looks_at(number).await.unwrap().order.version
    }

    pub async fn approves(&self, number: &str) -> Result<(), Refused> {
        let version = self.version(number).await;
        self.post(&format!("/orders/{number}/approve"), &json!({ "version": version })).await
    }

    pub async fn refuses(&self, number: &str, reason: &str, documents: &[&str]) -> Result<(), Refused> {
        let version = self.version(number).await;
        let body = json!({ "version": version, "reason": reason, "documents": documents });
        self.post(&format!("/orders/{number}/refuse"), &body).await
    }

    /// 开始制证: the ticket and the secrets reach the bridge in front of the maker.
    pub async fn starts_making(&self, number: &str, key: &mut Key) -> Result<OperationTicket, Refused> {
        let nonce = key.fresh_nonce();
        let body = json!({ "nonce": nonce, "hpkeKey": Key::public(), "keySerial": key.serial });
        let answer: MakingTicket = self.post(&format!("/orders/{number}/making"), &body).await?;
        let (payload, _) = answer.ticket.split_once('.').unwrap();
        let ticket: OperationTicket = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        assert_eq!(ticket.nonce, nonce);
        key.initialize(number, &nonce, &serde_json::from_str(&answer.sealed).unwrap());
        Ok(ticket)
    }

    pub async fn asks_certificate(&self, number: &str, csr: &[u8]) -> Result<IssuedCertificate, Refused> {
        self.post(&format!("/orders/{number}/certificate"), &json!({ "csr": STANDARD.encode(csr) })).await
    }

    pub async fn tells_made(&self, number: &str, key: &Key, certificate: &str) -> Result<(), Refused> {
        let body = json!({ "keySerial": key.serial, "certificate": certificate });
        self.post(&format!("/orders/{number}/made"), &body).await
    }

    /// From 开始制证 to 制证完成.
    pub async fn makes(&self, number: &str, key: &mut Key) -> IssuedCertificate {
        self.starts_making(number, key).await.unwrap();
        let issued = self.asks_certificate(number, &key.generates(number)).await.unwrap();
        self.tells_made(number, key, &issued.certificate).await.unwrap();
        issued
    }

    pub async fn dispatches(&self, number: &str, waybill: &str) -> Result<(), Refused> {
        let body = json!({ "version": self.version(number).await, "carrier": "顺丰速运", "waybill": waybill });
        self.post(&format!("/orders/{number}/dispatch"), &body).await
    }

    pub async fn hears_of_delivery(&self, number: &str) -> Result<(), Refused> {
        let body = json!({ "version": self.version(number).await });
        self.post(&format!("/orders/{number}/delivered"), &body).await
    }
}

/// A key in the reader, with the bridge that speaks to it.
pub struct Key {
    pub serial: Option<String>,
    /// What was put on it last.
    pub secrets: Option<InitialSecrets>,
    pair: u8,
    nonce: u8,
}

impl Key {
    /// From the factory; it gets this serial when it is initialized.
    pub fn blank() -> Self {
        Self { serial: None, secrets: None, pair: 1, nonce: 0 }
    }

    /// A blank key that has a serial already.
    pub fn with_serial(serial: &str) -> Self {
        Self { serial: Some(serial.to_owned()), ..Self::blank() }
    }

    fn hpke() -> (<X25519HkdfSha256 as Kem>::PrivateKey, <X25519HkdfSha256 as Kem>::PublicKey) {
        X25519HkdfSha256::derive_keypair(&[7; 32])
    }

    /// The bridge's public key.
    pub fn public() -> String {
        URL_SAFE_NO_PAD.encode(Self::hpke().1.to_bytes())
    }

    /// The bridge's next nonce.
    pub fn fresh_nonce(&mut self) -> String {
        self.nonce += 1;
        URL_SAFE_NO_PAD.encode([self.nonce; 32])
    }

    fn initialize(&mut self, number: &str, nonce: &str, sealed: &SealedSecrets) {
        let enc = URL_SAFE_NO_PAD.decode(&sealed.enc).unwrap();
        let plain = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &Self::hpke().0,
            &<X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&enc).unwrap(),
            SECRETS_INFO.as_bytes(),
            &URL_SAFE_NO_PAD.decode(&sealed.ciphertext).unwrap(),
            secrets_aad(nonce, number).as_bytes(),
        )
        .unwrap();
        let new: InitialSecrets = serde_json::from_slice(&plain).unwrap();
        // As the bridge does: with the new pair or one of those that may be on it, else it is a factory key.
        if let Some(old) = &self.secrets {
            let fits = |puk: &str, key: &str| puk == old.puk && key == old.management_key;
            let known = fits(&new.puk, &new.management_key)
                || new.current.iter().any(|pair| fits(&pair.puk, &pair.management_key));
            assert!(known, "the key knows none of the secrets that came");
        }
        self.secrets = Some(new);
        self.serial.get_or_insert_with(|| "00112233445566778899AABBCCDDEEFF".to_owned());
    }

    /// Makes a new key pair and signs a request for the order with it.
    pub fn generates(&mut self, number: &str) -> Vec<u8> {
        self.pair += 1;
        self.requests(number)
    }

    /// A request for the order, signed with the key pair that is there.
    pub fn requests(&self, number: &str) -> Vec<u8> {
        let key = SigningKey::from_slice(&[self.pair; 32]).unwrap();
        let spki = key.verifying_key().to_public_key_der().unwrap();
        let info = CertReqInfo {
            version: x509_cert::request::Version::V1,
            subject: format!("CN={number}").parse().unwrap(),
            public_key: spki.decode_msg().unwrap(),
            attributes: x509_cert::attr::Attributes::default(),
        };
        let signature: DerSignature = key.sign(&info.to_der().unwrap());
        let request = CertReq {
            info,
            algorithm: x509_cert::spki::AlgorithmIdentifierOwned {
                oid: "1.2.840.10045.4.3.2".parse().unwrap(),
                parameters: None,
            },
            signature: x509_cert::der::asn1::BitString::from_bytes(signature.as_bytes()).unwrap(),
        };
        let der = request.to_der().unwrap();
        assert!(CertReq::from_der(&der).is_ok());
        der
    }

    /// The PIN that is on it.
    pub fn pin(&self) -> String {
        self.secrets.as_ref().unwrap().pin.clone()
    }
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for letter in text.bytes() {
        let five = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        bits = (bits << 5) | u32::from(five);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
