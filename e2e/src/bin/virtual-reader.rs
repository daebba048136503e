//! A card reader with a PIV card, to work and to show with: `virtual-reader [FOLDER]`.
//!
//! Keys stay in FOLDER/keys. Prints the environment for PC/SC clients, then takes the orders
//! `insert [NAME]`, `remove`, `swap`, `status` from standard input, and ends when that closes.

use std::{env, io, path::Path};

use anyhow::Result;
use e2e::pcsc::{Slot, VirtualReader};

fn main() -> Result<()> {
    let reader = match env::args_os().nth(1) {
        Some(folder) => VirtualReader::start_in(Path::new(&folder))?,
        None => VirtualReader::start()?,
    };
    let (name, value) = reader.env();
    println!("export {name}={}", value.display());
    println!("control {}", reader.control().display());
    for line in io::stdin().lines() {
        match obey(&reader, line?.trim()) {
            Ok(slot) => println!("{slot:?}"),
            Err(error) => println!("{error:#}"),
        }
    }
    Ok(())
}

fn obey(reader: &VirtualReader, order: &str) -> Result<Slot> {
    match order.split_once(' ') {
        Some(("insert", name)) => reader.insert_key(name.trim()),
        Some(_) => anyhow::bail!("insert [NAME], remove, swap, status"),
        None => match order {
            "insert" => reader.insert(),
            "remove" => reader.remove(),
            "swap" => reader.swap(),
            "status" => reader.slot(),
            _ => anyhow::bail!("insert [NAME], remove, swap, status"),
        },
    }
}
