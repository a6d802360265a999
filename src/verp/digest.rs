//! The hash of a VERP address: HMAC under one of PHP's algorithm names, its first 12 bytes in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use digest::array::ArraySize;
use digest::block_api::BlockSizeUser;
use digest::consts::{U16, U20, U64};
use digest::{Digest, FixedOutput, HashMarker, Key, KeyInit, Mac, Output, OutputSizeUser, Update};
use gost94::{Gost94CryptoPro, Gost94Test};
use hmac::SimpleHmac;
use std::fmt;
use std::marker::PhantomData;
use thiserror::Error;
use tiger::Tiger;

/// How many bytes of the HMAC an address shows (`MediaWiki`: the `BounceHandler` extension).
const SHOWN_BYTES: usize = 12;

/// With what addresses are made and proved: algorithm, secret and time of validity.
#[derive(Clone)]
pub struct VerpKeys {
    algorithm: &'static str,
    hmac: Hmac,
    secret: Vec<u8>,
    accept_time: i64,
}

/// HMAC of (secret, data).
type Hmac = fn(&[u8], &[u8]) -> Vec<u8>;

impl VerpKeys {
    /// Keys for one wiki: `$wgVERPalgorithm` (case does not matter), `$wgVERPsecret` (any bytes, empty too) and
    /// `$wgVERPAcceptTime` in seconds.
    pub fn new(algorithm: &str, secret: &[u8], accept_time: i64) -> Result<Self, AlgorithmError> {
        let row = ALGORITHMS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(algorithm));
        let (algorithm, hmac) = match row {
            Some((name, Support::Hmac(hmac))) => (*name, *hmac),
            Some((name, Support::NoCrate)) => return Err(AlgorithmError::Unavailable { name }),
            Some((name, Support::NotForHmac)) => return Err(AlgorithmError::NotForHmac { name }),
            None => {
                return Err(AlgorithmError::Unknown {
                    name: algorithm.to_owned(),
                    nearest: nearest(algorithm),
                });
            }
        };
        Ok(Self {
            algorithm,
            hmac,
            secret: secret.to_vec(),
            accept_time,
        })
    }

    /// For how many seconds an address is accepted.
    pub fn accept_time(&self) -> i64 {
        self.accept_time
    }

    /// The hash part of an address over its other parts: 16 characters of base64 (RFC 4648, section 4).
    pub(super) fn hash_of(&self, signed: &[u8]) -> String {
        let mut mac = (self.hmac)(&self.secret, signed);
        mac.truncate(SHOWN_BYTES);
        STANDARD.encode(mac)
    }
}

impl fmt::Debug for VerpKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerpKeys")
            .field("algorithm", &self.algorithm)
            .field("secret", &"***")
            .field("accept_time", &self.accept_time)
            .finish_non_exhaustive()
    }
}

/// Why an algorithm name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AlgorithmError {
    /// PHP has no such hash.
    #[error(
        "VERPalgorithm `{name}` is no hash algorithm of PHP; the nearest usable name is `{nearest}`"
    )]
    Unknown {
        /// The name as given.
        name: String,
        /// The usable name that resembles it most.
        nearest: &'static str,
    },
    /// PHP's `hash_hmac` takes it, this program does not.
    #[error(
        "VERPalgorithm `{name}` is known to PHP but not available here; set a common one such as `sha256` in the wiki and here"
    )]
    Unavailable {
        /// PHP's name.
        name: &'static str,
    },
    /// PHP has the hash, but its `hash_hmac` throws a `ValueError` for it.
    #[error(
        "VERPalgorithm `{name}` is a checksum, which PHP's hash_hmac refuses; set a cryptographic one such as `sha256` in the wiki and here"
    )]
    NotForHmac {
        /// PHP's name.
        name: &'static str,
    },
}

/// What can be done with an algorithm of PHP.
enum Support {
    Hmac(Hmac),
    NoCrate,
    NotForHmac,
}

/// The names of PHP 8.2's `hash_algos()`, in its order; all but [`Support::NotForHmac`] are in `hash_hmac_algos()`.
const ALGORITHMS: &[(&str, Support)] = &[
    ("md2", Support::Hmac(hmac::<md2::Md2>)),
    ("md4", Support::Hmac(hmac::<md4::Md4>)),
    ("md5", Support::Hmac(hmac::<md5::Md5>)),
    ("sha1", Support::Hmac(hmac::<sha1::Sha1>)),
    ("sha224", Support::Hmac(hmac::<sha2::Sha224>)),
    ("sha256", Support::Hmac(hmac::<sha2::Sha256>)),
    ("sha384", Support::Hmac(hmac::<sha2::Sha384>)),
    ("sha512/224", Support::Hmac(hmac::<sha2::Sha512_224>)),
    ("sha512/256", Support::Hmac(hmac::<sha2::Sha512_256>)),
    ("sha512", Support::Hmac(hmac::<sha2::Sha512>)),
    ("sha3-224", Support::Hmac(hmac::<sha3::Sha3_224>)),
    ("sha3-256", Support::Hmac(hmac::<sha3::Sha3_256>)),
    ("sha3-384", Support::Hmac(hmac::<sha3::Sha3_384>)),
    ("sha3-512", Support::Hmac(hmac::<sha3::Sha3_512>)),
    ("ripemd128", Support::Hmac(hmac::<ripemd::Ripemd128>)),
    ("ripemd160", Support::Hmac(hmac::<ripemd::Ripemd160>)),
    ("ripemd256", Support::Hmac(hmac::<ripemd::Ripemd256>)),
    ("ripemd320", Support::Hmac(hmac::<ripemd::Ripemd320>)),
    ("whirlpool", Support::Hmac(hmac::<whirlpool::Whirlpool>)),
    ("tiger128,3", Support::Hmac(hmac::<ShortTiger<U16>>)),
    ("tiger160,3", Support::Hmac(hmac::<ShortTiger<U20>>)),
    ("tiger192,3", Support::Hmac(hmac::<Tiger>)),
    ("tiger128,4", Support::NoCrate),
    ("tiger160,4", Support::NoCrate),
    ("tiger192,4", Support::NoCrate),
    ("snefru", Support::NoCrate),
    ("snefru256", Support::NoCrate),
    ("gost", Support::Hmac(hmac::<Gost94Test>)),
    ("gost-crypto", Support::Hmac(hmac::<Gost94CryptoPro>)),
    ("adler32", Support::NotForHmac),
    ("crc32", Support::NotForHmac),
    ("crc32b", Support::NotForHmac),
    ("crc32c", Support::NotForHmac),
    ("fnv132", Support::NotForHmac),
    ("fnv1a32", Support::NotForHmac),
    ("fnv164", Support::NotForHmac),
    ("fnv1a64", Support::NotForHmac),
    ("joaat", Support::NotForHmac),
    ("murmur3a", Support::NotForHmac),
    ("murmur3c", Support::NotForHmac),
    ("murmur3f", Support::NotForHmac),
    ("xxh32", Support::NotForHmac),
    ("xxh64", Support::NotForHmac),
    ("xxh3", Support::NotForHmac),
    ("xxh128", Support::NotForHmac),
    ("haval128,3", Support::NoCrate),
    ("haval160,3", Support::NoCrate),
    ("haval192,3", Support::NoCrate),
    ("haval224,3", Support::NoCrate),
    ("haval256,3", Support::NoCrate),
    ("haval128,4", Support::NoCrate),
    ("haval160,4", Support::NoCrate),
    ("haval192,4", Support::NoCrate),
    ("haval224,4", Support::NoCrate),
    ("haval256,4", Support::NoCrate),
    ("haval128,5", Support::NoCrate),
    ("haval160,5", Support::NoCrate),
    ("haval192,5", Support::NoCrate),
    ("haval224,5", Support::NoCrate),
    ("haval256,5", Support::NoCrate),
];

/// The usable name with the fewest edits from `name`; of equals, the first in the table.
fn nearest(name: &str) -> &'static str {
    let wanted = name.to_ascii_lowercase();
    let usable = ALGORITHMS
        .iter()
        .filter(|(_, support)| matches!(support, Support::Hmac(_)));
    usable
        .map(|(name, _)| *name)
        .min_by_key(|name| strsim::damerau_levenshtein(&wanted, name))
        .unwrap_or("sha256")
}

/// HMAC (RFC 2104) of `data`.
fn hmac<D: Digest + BlockSizeUser>(secret: &[u8], data: &[u8]) -> Vec<u8> {
    // A key of exactly one block cannot be refused; RFC 2104, section 2 says how any secret becomes one.
    let mut key = Key::<SimpleHmac<D>>::default();
    let hashed = D::digest(secret);
    let source = if secret.len() > key.len() {
        hashed.as_slice()
    } else {
        secret
    };
    for (place, byte) in key.iter_mut().zip(source) {
        *place = *byte;
    }
    SimpleHmac::<D>::new(&key)
        .chain_update(data)
        .finalize()
        .into_bytes()
        .to_vec()
}

/// Tiger cut to its first `Size` bytes, as PHP's `tiger128,3` and `tiger160,3` are.
#[derive(Clone, Default)]
struct ShortTiger<Size> {
    tiger: Tiger,
    size: PhantomData<Size>,
}

impl<Size> HashMarker for ShortTiger<Size> {}

impl<Size> BlockSizeUser for ShortTiger<Size> {
    type BlockSize = U64;
}

impl<Size: ArraySize> OutputSizeUser for ShortTiger<Size> {
    type OutputSize = Size;
}

impl<Size> Update for ShortTiger<Size> {
    fn update(&mut self, data: &[u8]) {
        Update::update(&mut self.tiger, data);
    }
}

impl<Size: ArraySize> FixedOutput for ShortTiger<Size> {
    fn finalize_into(self, short: &mut Output<Self>) {
        for (place, byte) in short.iter_mut().zip(self.tiger.finalize()) {
            *place = byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn fixture() -> Value {
        serde_json::from_str(include_str!("../../fixtures/verp/hmac.json")).unwrap()
    }

    fn texts(list: &Value) -> Vec<&str> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap())
            .collect()
    }

    fn unhex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn every_hmac_is_the_one_that_php_makes() {
        let fixture = fixture();
        let (secrets, data) = (texts(&fixture["secrets"]), texts(&fixture["data"]));
        let pairs = secrets
            .iter()
            .flat_map(|secret| data.iter().map(move |data| (unhex(secret), unhex(data))));
        let pairs: Vec<_> = pairs.collect();
        for (algorithm, macs) in fixture["macs"].as_object().unwrap() {
            let macs = texts(macs);
            assert_eq!(macs.len(), pairs.len(), "{algorithm}");
            for ((secret, data), mac) in pairs.iter().zip(macs) {
                let keys = VerpKeys::new(algorithm, secret, 0).unwrap();
                assert_eq!(
                    (keys.hmac)(secret, data),
                    unhex(mac),
                    "{algorithm} {secret:02x?} {data:02x?}"
                );
            }
        }
    }

    #[test]
    fn the_names_that_php_has_are_known_and_no_others() {
        let fixture = fixture();
        let (for_hmac, others) = (
            texts(&fixture["hmac_algorithms"]),
            texts(&fixture["other_hash_algorithms"]),
        );
        assert_eq!(ALGORITHMS.len(), for_hmac.len() + others.len());
        for name in for_hmac {
            match VerpKeys::new(name, b"", 0) {
                Ok(_) => assert!(fixture["macs"][name].is_array(), "{name} has no vectors"),
                Err(AlgorithmError::Unavailable { name: shown }) => assert_eq!(shown, name),
                Err(error) => panic!("{name}: {error}"),
            }
        }
        for name in others {
            match VerpKeys::new(name, b"", 0) {
                Err(AlgorithmError::NotForHmac { name: shown }) => assert_eq!(shown, name),
                answer => panic!("{name}: {answer:?}"),
            }
        }
    }

    #[test]
    fn only_families_without_a_crate_are_unavailable() {
        for (name, support) in ALGORITHMS {
            let family = name.starts_with("snefru") || name.starts_with("haval");
            let four_passes = name.starts_with("tiger") && name.ends_with(",4");
            assert_eq!(
                matches!(support, Support::NoCrate),
                family || four_passes,
                "{name}"
            );
        }
    }

    #[test]
    fn the_case_of_a_name_does_not_matter() {
        assert_eq!(VerpKeys::new("SHA384", b"", 0).unwrap().algorithm, "sha384");
        assert_eq!(
            VerpKeys::new("Crc32", b"", 0).unwrap_err(),
            AlgorithmError::NotForHmac { name: "crc32" }
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_usable_one() {
        for (name, expected) in [
            ("sha-256", "sha256"),
            ("SHA_512", "sha512"),
            ("sha3_256", "sha3-256"),
            ("whirpool", "whirlpool"),
            ("ripe-md160", "ripemd160"),
            (" md5", "md5"),
        ] {
            let error = VerpKeys::new(name, b"", 0).unwrap_err();
            assert_eq!(
                error,
                AlgorithmError::Unknown {
                    name: name.to_owned(),
                    nearest: expected
                }
            );
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        let keys = VerpKeys::new("md5", b"MediawikiVERP", 1).unwrap();
        assert!(!format!("{keys:?}").contains("Mediawiki"), "{keys:?}");
    }
}
