use super::*;
use futures_util::FutureExt as _;

#[test]
fn zones_are_ahead_of_utc_or_behind_it() {
    // Berlin: an hour in winter, two in summer. Offsets of a MediaWiki on 2026-11-25.
    let minutes = |name: &str, at: i64| {
        let zone = TimeZone::named(name).unwrap();
        assert_eq!(zone.name(), name);
        zone.minutes_ahead(Timestamp(at))
    };
    let (november, june) = (1_795_635_472, 1_780_272_000);
    assert_eq!(minutes("UTC", november), 0);
    assert_eq!(minutes("Europe/Berlin", november), 60);
    assert_eq!(minutes("Europe/Berlin", june), 120);
    assert_eq!(minutes("Asia/Kolkata", november), 330);
    assert_eq!(minutes("America/New_York", november), -300);
    assert!(TimeZone::named("Mars/Olympus_Mons").is_none());
}

#[test]
fn clients_may_name_a_moment_in_several_forms() {
    // 1577836800 is 2020-01-01T00:00:00Z; which forms there are was asked of a MediaWiki 1.39.
    let moment = Some(Timestamp(1_577_836_800));
    for text in [
        "20200101000000",
        "1577836800",
        "2020-01-01T00:00:00Z",
        "2020-01-01T00:00:00.123Z",
        "2020-01-01 00:00:00",
        "Wed, 01 Jan 2020 00:00:00 GMT",
    ] {
        assert_eq!(Timestamp::read(text), moment, "{text}");
    }
    for text in ["abc", "2020-01-01", "tomorrow", "99999999999999", "-", ""] {
        assert_eq!(Timestamp::read(text), None, "{text}");
    }
    assert_eq!(Timestamp(-5), Timestamp::read("-5").unwrap());
}

#[test]
fn people_see_a_moment_as_the_recordings_show_it() {
    // Recorded case query/users-props-v1, where the block is of 2026-01-02T00:00:00Z.
    let placed = Timestamp::from_mw("20260102000000").unwrap();
    assert_eq!(placed.to_wiki_time(), "00:00, 2 January 2026");
}

#[test]
fn fourteen_digits_are_utc() {
    // 2026-06-01T00:00:00Z, the time in the recorded VERP addresses.
    assert_eq!(Timestamp(1_780_272_000).to_mw(), "20260601000000");
    assert_eq!(Timestamp(0).to_mw(), "19700101000000");
    assert_eq!(Timestamp(-1).to_mw(), "19691231235959");
    assert_eq!(
        Timestamp(1_780_272_000).to_log_time(),
        "2026-06-01 00:00:00"
    );
}

#[test]
fn reading_fourteen_digits_undoes_writing_them() {
    for seconds in [0, 1, 951_782_400, 1_780_272_000, 253_402_300_799] {
        let digits = Timestamp(seconds).to_mw();
        assert_eq!(
            Timestamp::from_mw(&digits),
            Some(Timestamp(seconds)),
            "{digits}"
        );
    }
}

#[test]
fn what_is_no_moment_is_refused() {
    for digits in [
        "",
        "2026",
        "20260230000000",
        "2026060100000x",
        "202606010000000",
    ] {
        assert_eq!(Timestamp::from_mw(digits), None, "{digits}");
    }
}

#[test]
fn moments_outside_the_four_digit_years_stop_at_the_ends() {
    assert_eq!(Timestamp(i64::MAX).to_mw(), "99991231235959");
    assert_eq!(Timestamp(i64::MIN).to_mw(), "00000101000000");
}

#[test]
fn a_fixed_clock_moves_only_when_told() {
    let clock = Clock::fixed(Timestamp(100));
    assert_eq!(clock.now(), Timestamp(100));
    clock.advance(5);
    assert_eq!(clock.clone().now(), Timestamp(105));
    clock.advance_by(Duration::from_millis(1500));
    assert_eq!(clock.now(), Timestamp(106));
    assert_eq!(clock.elapsed(), Duration::from_millis(106_500));
}

#[tokio::test]
async fn who_sleeps_by_a_fixed_clock_is_woken_by_moving_it() {
    let clock = Clock::fixed(Timestamp(100));
    let sleep = clock.sleep(Duration::from_secs(2));
    tokio::pin!(sleep);
    clock.advance(1);
    assert!(sleep.as_mut().now_or_never().is_none());
    clock.advance(1);
    sleep.await;
}
