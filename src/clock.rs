//! The time of day: the only place that asks for it.
//!
//! Everything that needs the time receives a [`Clock`] or a [`Timestamp`], so that tests hold the time in their hands.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// A moment in whole seconds since 1970-01-01T00:00:00Z (MediaWiki's `TS_UNIX`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// First and last moment that 14 digits can say.
const FIRST: jiff::civil::DateTime = jiff::civil::datetime(0, 1, 1, 0, 0, 0, 0);
const LAST: jiff::civil::DateTime = jiff::civil::datetime(9999, 12, 31, 23, 59, 59, 0);

impl Timestamp {
    /// Seconds since the epoch.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The moment `seconds` earlier; stops at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn minus(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// The moment `seconds` later; stops at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Fourteen digits `YYYYMMDDHHMMSS` in UTC (MediaWiki's `TS_MW`).
    ///
    /// Moments outside the years 0 to 9999 are shown as the nearest moment inside them.
    pub fn to_mw(self) -> String {
        self.civil().strftime("%Y%m%d%H%M%S").to_string()
    }

    /// `YYYY-MM-DD HH:MM:SS` in UTC, as in the log lines of MediaWiki; the same limits.
    pub fn to_log_time(self) -> String {
        let civil = self.civil();
        let (year, month, day) = (civil.year(), civil.month(), civil.day());
        let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }

    /// `Thu, 01 Jan 1970 00:00:00 GMT`, as in headers (RFC 9110 section 5.6.7); the same limits.
    pub fn to_http(self) -> String {
        self.civil()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// `1970-01-01T00:00:00Z`, as in answers of the API (MediaWiki's `TS_ISO_8601`); the same limits.
    pub fn to_iso(self) -> String {
        self.civil().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `00:00, 2 January 2026`, as MediaWiki shows a moment to people in English; the same limits.
    pub fn to_wiki_time(self) -> String {
        self.civil().strftime("%H:%M, %-d %B %Y").to_string()
    }

    /// Reads a moment in one of the forms that MediaWiki takes from clients: 14 digits, seconds since the epoch,
    /// ISO 8601 with `T` or a space and with or without fractions and `Z`, RFC 2822; `None` if it is none of them.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() == 14 {
            return Self::from_mw(text);
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() <= 13 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self);
        }
        if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
            return Some(Self(zoned.timestamp().as_second()));
        }
        let local = text.strip_suffix('Z').unwrap_or(text);
        let whole = local.split_once('.').map_or(local, |(whole, _)| whole);
        let civil = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
            .into_iter()
            .find_map(|form| jiff::civil::DateTime::strptime(form, whole).ok())?;
        let epoch = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);
        Some(Self(civil.duration_since(epoch).as_secs()))
    }

    fn civil(self) -> jiff::civil::DateTime {
        let epoch = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);
        epoch
            .saturating_add(jiff::SignedDuration::from_secs(self.0))
            .clamp(FIRST, LAST)
    }

    /// Reads fourteen digits `YYYYMMDDHHMMSS` (UTC); `None` if they are no moment.
    pub fn from_mw(digits: &str) -> Option<Self> {
        if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?;
        let epoch = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);
        Some(Self(civil.duration_since(epoch).as_secs()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_mw())
    }
}

/// A time zone of the IANA database, which the program has with it where the system has none.
#[derive(Debug, Clone)]
pub struct TimeZone {
    name: String,
    zone: jiff::tz::TimeZone,
}

impl TimeZone {
    /// The zone with this name, such as `Europe/Berlin`; `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        let zone = jiff::tz::TimeZone::get(name).ok()?;
        let name = name.to_owned();
        Some(Self { name, zone })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By how many minutes its clocks are ahead of UTC at a moment.
    pub fn minutes_ahead(&self, at: Timestamp) -> i64 {
        let at = jiff::Timestamp::from_second(at.0).unwrap_or_default();
        let seconds = self.zone.to_offset(at).seconds();
        i64::from(seconds).div_euclid(60)
    }
}

/// Where the time comes from: the system, or a hand that a test moves.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Stands still at this number of milliseconds since the epoch until somebody changes it.
    Fixed(Arc<watch::Sender<i64>>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn fixed(now: Timestamp) -> Self {
        let (hand, _) = watch::channel(now.0.saturating_mul(1000));
        Self::Fixed(Arc::new(hand))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.now_in_milliseconds().div_euclid(1000))
    }

    /// The present moment in seconds since the epoch, to the millisecond.
    pub fn now_exactly(&self) -> f64 {
        Duration::from_millis(self.now_in_milliseconds().unsigned_abs()).as_secs_f64()
    }

    fn now_in_milliseconds(&self) -> i64 {
        match self {
            Self::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
            Self::Fixed(hand) => *hand.borrow(),
        }
    }

    /// Time passed since some moment that stays the same while the program runs; for measuring how long things take.
    pub fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match self {
            Self::System => START.elapsed(),
            Self::Fixed(hand) => Duration::from_millis(hand.borrow().unsigned_abs()),
        }
    }

    /// Waits from now on. A fixed clock has to be moved meanwhile.
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        let wait = match self {
            Self::System => None,
            Self::Fixed(hand) => {
                let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                let hand = hand.subscribe();
                let until = hand.borrow().saturating_add(milliseconds);
                Some((hand, until))
            }
        };
        async move {
            match wait {
                None => tokio::time::sleep(time).await,
                // A clock that is gone wakes its sleepers.
                Some((mut hand, until)) => drop(hand.wait_for(|now| *now >= until).await),
            }
        }
    }

    /// How many wait for a fixed clock to be moved; of the system's clock nobody knows.
    #[cfg(test)]
    pub(crate) fn sleepers(&self) -> usize {
        match self {
            Self::System => 0,
            Self::Fixed(hand) => hand.receiver_count(),
        }
    }

    /// Moves a fixed clock by `seconds`; the system's clock is not moved.
    pub fn advance(&self, seconds: i64) {
        self.move_hand(seconds.saturating_mul(1000));
    }

    /// Moves a fixed clock on; the system's clock is not moved.
    pub fn advance_by(&self, time: Duration) {
        self.move_hand(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    fn move_hand(&self, milliseconds: i64) {
        if let Self::Fixed(hand) = self {
            hand.send_modify(|now| *now = now.saturating_add(milliseconds));
        }
    }
}

#[cfg(test)]
mod tests;
