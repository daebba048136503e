//! Test vectors: backend and bridge are tested against the same bytes, which came from another
//! implementation (Python `cryptography`). The private keys here are public: for tests only.

/// The backend's Ed25519 seed, hex.
pub const BACKEND_SEED: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// The backend's Ed25519 public key, standard base64, as a bridge's configuration holds it.
pub const BACKEND_KEY: &str = "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=";

/// The bridge's X25519 private key of the session, hex.
pub const BRIDGE_SECRET: &str = "0909090909090909090909090909090909090909090909090909090909090909";

/// Its public key as `hpkeKey`.
pub const BRIDGE_KEY: &str = "V9tLNZ8jrl4Ubk4lEgVnBHIlBjSMFQwUdT0Mkz0E1CE";

/// Payload of the session ticket.
pub const SESSION_PAYLOAD: &str = "{\"nonce\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\",\"hpkeKey\":\"V9tLNZ8jrl4Ubk4lEgVnBHIlBjSMFQwUdT0Mkz0E1CE\",\"origin\":\"https://hall.example\",\"channel\":\"nanning\",\"channelName\":\"南宁市住房公积金\"}";

/// The signed session ticket.
pub const SESSION_TICKET: &str = "eyJub25jZSI6IkFRRUJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRRUJBUUUiLCJocGtlS2V5IjoiVjl0TE5aOGpybDRVYms0bEVnVm5CSElsQmpTTUZRd1VkVDBNa3owRTFDRSIsIm9yaWdpbiI6Imh0dHBzOi8vaGFsbC5leGFtcGxlIiwiY2hhbm5lbCI6Im5hbm5pbmciLCJjaGFubmVsTmFtZSI6IuWNl-WugeW4guS9j-aIv-WFrOenr-mHkSJ9.DZmluv8j-ag8LDyKD_G5I7KJ0C0PCzb870CfNBPCPgfJH93NsTb_c7Gnip3-aTn8UCOZjeg9AfKeWDWAap3yCw";

/// Payload of the operation ticket.
pub const OPERATION_PAYLOAD: &str = "{\"nonce\":\"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\",\"origin\":\"https://hall.example\",\"channel\":\"nanning\",\"order\":\"202611200001\",\"holder\":\"广西示例科技有限公司\",\"key\":\"blank\",\"operations\":[\"key.initialize\",\"keypair.generate\",\"certificate.import\"]}";

/// The signed operation ticket.
pub const OPERATION_TICKET: &str = "eyJub25jZSI6IkFnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0kiLCJvcmlnaW4iOiJodHRwczovL2hhbGwuZXhhbXBsZSIsImNoYW5uZWwiOiJuYW5uaW5nIiwib3JkZXIiOiIyMDI2MTEyMDAwMDEiLCJob2xkZXIiOiLlub_opb_npLrkvovnp5HmioDmnInpmZDlhazlj7giLCJrZXkiOiJibGFuayIsIm9wZXJhdGlvbnMiOlsia2V5LmluaXRpYWxpemUiLCJrZXlwYWlyLmdlbmVyYXRlIiwiY2VydGlmaWNhdGUuaW1wb3J0Il19.mDtWZHcN8Nwan9_tXKtQbJo110k6opaWygA9YehNae1AusvznkR1ItObD55kiohdbNCPc2UzhxzHYsvh38FSBA";

/// Plain text of the sealed secrets.
pub const SECRETS: &str = "{\"pin\":\"84210753\",\"puk\":\"k7Qm2xWd\",\"managementKey\":\"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f\",\"current\":[]}";

/// Their `aad`.
pub const SECRETS_AAD: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n202611200001";

/// `enc` when the ephemeral private key is 32 bytes 0x0b.
pub const SECRETS_ENC: &str = "c7LYt2qptTZgAyvI9di-46OuTjs6f9Sa3oH3NHo0qmg";

/// `ciphertext` for it.
pub const SECRETS_CIPHERTEXT: &str = "gWL55OzFncJteP7u0x41-zLNxWgJ_zSRrFWR1sYLbm7tuoLyzb5h3gTFk3c-2vsLvP4CwWOSljPzCjSb9vMxF4CJZQqX3trwlEu0tLE6OnFL38ZVwJ2CRRYsAYNfuLwI0Vw_7TcOUr09UHelTLoC00lOKmgYP9foG0PE-rFSQykmhDwP1BWKBPpsXIxr6xzCUuro";
