//! Genuine return paths, and what damage may make of them: nothing else.

use crate::mutation;
use crate::seeds::Seeds;
use anyhow::ensure;
use bouncehandlerd::verp::{self, VerpKeys, VerpParts};
use fastrand::Rng;

/// When the return paths were made, and are tried.
const NOW: i64 = 1_795_471_105;

/// An address is one line of a header.
const MOST_BYTES: usize = 4_096;

/// Return paths of three users.
pub struct ReturnPaths {
    keys: VerpKeys,
    addresses: Vec<String>,
    parts: Vec<VerpParts>,
}

impl ReturnPaths {
    /// Makes them.
    pub fn new() -> anyhow::Result<Self> {
        let keys = VerpKeys::new("sha256", b"a secret of the fuzzing", 86_400)?;
        let addresses: Vec<String> = [1, 999, 35_846]
            .into_iter()
            .map(|user| verp::encode("wiki", "example-wiki", user, NOW, "wiki.example.org", &keys))
            .collect();
        let parts = addresses
            .iter()
            .map(|address| verp::verify(address.as_bytes(), NOW, &keys))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            keys,
            addresses,
            parts,
        })
    }

    /// One of them, mostly with damage.
    pub fn damaged(&self, random: &mut Rng, seeds: &Seeds) -> Vec<u8> {
        let mut address = random
            .choice(&self.addresses)
            .map(|address| address.clone().into_bytes())
            .unwrap_or_default();
        if random.u8(0..50) > 0 {
            mutation::damage(&mut address, random, seeds);
            address.truncate(MOST_BYTES);
        }
        address
    }

    /// Fails if `to` proves itself with parts that were never signed.
    pub fn none_is_forged(&self, to: &[u8]) -> anyhow::Result<()> {
        if let Ok(parts) = verp::verify(to, NOW, &self.keys) {
            ensure!(
                self.parts.contains(&parts),
                "a forged return path passes: {parts:?}"
            );
        }
        Ok(())
    }
}
