//! Types used on both sides of CertHall.
