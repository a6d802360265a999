//! Every setting once.
//!
//! A row is, below its documentation, `"Name" => field: Type = default;`. Another accepted name follows the name as
//! `| "OtherName"`. `, NotYet` after the default marks what is accepted without effect. The documentation says what the
//! setting does, its unit, and what a client or an operator sees of it; it is Markdown and ends up in
//! `docs/SETTINGS.md` and the sample file. Types are those that implement `SettingValue`; a type that contains
//! [`Secret`] hides it by itself.

use super::choices::{
    BounceVerdict, CountBounceOnce, FrameOptions, JobRetryRule, RestrictedIpResponse,
    RunJobsLogFormat,
};
use super::error::Origin;
use super::records::{
    BounceWeights, Smtp, Throttle, UnconfirmBrake, User, built_in_users, default_throttles,
};
use super::types::{ByteSize, InternalIps, Seconds, Secret};
use super::value::SettingValue;
use super::within::Within;
use super::{Effect, Row};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Turns the rows into the fields of the typed sections and into the metadata that everything else reads.
macro_rules! settings {
    (@effect) => { Effect::AtStart };
    (@effect $effect:ident) => { Effect::$effect };
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $Section:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:literal $(| $alias:literal)* => $field:ident: $type:ty = $default:expr $(, $effect:ident)?;
            )+
        }
    )+) => {
        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone)]
            pub struct $Section { $( $(#[doc = $doc])+ pub $field: $type, )+ }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $field: $default, )+ }
                }
            }
        )+

        /// The values of all settings, by section, and where they come from.
        #[derive(Debug, Clone, Default)]
        pub struct Settings {
            $( $(#[doc = $section_doc])+ pub $section: $Section, )+
            /// By the setting's name; what is missing has its default.
            pub(super) origins: BTreeMap<&'static str, Origin>,
        }

        /// All settings.
        pub(super) static ROWS: &[Row] = &[$($( Row {
            name: $name,
            aliases: &[$($alias),*],
            section: stringify!($section),
            doc: concat!($($doc),+),
            effect: settings!(@effect $($effect)?),
            secret: <$type as SettingValue>::SECRET,
            kind: <$type as SettingValue>::kind,
            from_text: <$type as SettingValue>::from_text,
            assign: |settings, value| {
                settings.$section.$field = SettingValue::read(value)?;
                Ok(())
            },
            show: |settings, secrets| settings.$section.$field.show(secrets),
        }, )+)+];

        /// The sections and what they are about.
        pub(super) static SECTIONS: &[(&str, &str)] = &[$( (stringify!($section), concat!($($section_doc),+)), )+];
    };
}

settings! {
    /// The wiki that the server stands in for.
    wiki: WikiSettings {
        /// Name of the wiki. It is also the sender's name in mails to administrators.
        "Sitename" => sitename: String = "BounceWiki".to_owned();

        /// Beginning of the links in answers: scheme and host, and the port if it is not the usual one. It does not
        /// follow the Host header. Not set: `http://` and the address listened on.
        "Server" => server: Option<String> = None;

        /// Path of the wiki's scripts in links, without a slash at the end.
        "ScriptPath" => script_path: String = "/w".to_owned();

        /// Name of the wiki's database. It is the wiki's identifier in VERP addresses and job queues, and cookie names
        /// begin with it.
        "DBname" => db_name: String = "bouncewiki".to_owned();

        /// Prefix of the wiki's tables. With a prefix the wiki's identifier is `DBname-DBprefix`.
        "DBprefix" => db_prefix: String = String::new();

        /// Identifiers of the wikis of the farm. Bounces of other wikis than these and the wiki itself are not queued.
        "LocalDatabases" => local_databases: Vec<String> = Vec::new();

        /// Identifiers of the wikis whose databases exist on the database server; they all have the same users. The
        /// database of any other wiki cannot be connected to. Empty: the wiki itself only.
        "Databases" => databases: Vec<String> = Vec::new();

        /// Sender of mails to administrators, in the header and in the envelope.
        "PasswordSender" => password_sender: String = "wiki-admin@localhost".to_owned();

        /// The user table of the built-in wiki (see *Keys of tables*). A list that is given replaces the default.
        "Users" => users: Vec<User> = built_in_users();

        /// Whether answers to internal errors contain the error's details, which may be confidential.
        "ShowExceptionDetails" => show_exception_details: bool = false;

        /// Whether answers name the machine that gave them.
        "ShowHostnames" => show_hostnames: bool = false;

        /// Language of the wiki, as a language code: what `siteinfo` tells, and the language of answers to those who ask for
        /// no other. Messages and names of namespaces are English in any language.
        "LanguageCode" => language_code: String = "en".to_owned();

        /// Time zone of the wiki, such as `Europe/Berlin`, as `siteinfo` tells it. Times in answers and logs are UTC.
        "Localtimezone" => local_timezone: String = "UTC".to_owned();

        /// Path of pages in links, with `$1` in the place of the title. Not set: `ScriptPath` and `/index.php/$1`.
        "ArticlePath" => article_path: Option<String> = None;

        /// Kind of the wiki's database, as `siteinfo` tells it.
        "DBtype" => db_type: String = "mysql".to_owned();

        /// Why the wiki cannot be written to. Bounces are then refused with the error `readonly`. Not set: it can.
        "ReadOnly" => read_only: Option<String> = None;

        /// Whether requests without TLS are warned in their answers. A proxy tells of TLS by `X-Forwarded-Proto`.
        "ForceHTTPS" => force_https: bool = false;

        /// What the groups may do: a table of groups, each a table of rights with true or false.
        "GroupPermissions" => group_permissions: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();

        /// Limits on attempts to log in as one user (see *Keys of tables*); a right password forgets those from its
        /// address. Empty: no limit.
        "PasswordAttemptThrottle" => password_attempt_throttle: Vec<Throttle> = default_throttles();

        /// Seconds after its last use in which a session ends.
        "ObjectCacheSessionExpiry" => session_expiry: Seconds = Seconds(3600);

        /// The most sessions that are kept, all in memory; the one that was not used for longest goes first.
        "MaxSessions" => max_sessions: usize = 20_000;
    }

    /// The emulated `api.php`.
    api: ApiSettings {
        /// Whether the API tells more about its own workings.
        "DebugAPI" => debug_api: bool = false;

        /// Origins that may use the API from a browser; `*` and `?` stand for parts of a host name.
        "CrossSiteAJAXdomains" => cross_site_ajax_domains: Vec<String> = Vec::new();

        /// Origins that may not, although `CrossSiteAJAXdomains` has them.
        "CrossSiteAJAXdomainExceptions" => cross_site_ajax_domain_exceptions: Vec<String> = Vec::new();

        /// The header `X-Frame-Options` of answers. Not set: no such header.
        "ApiFrameOptions" => api_frame_options: Option<FrameOptions> = Some(FrameOptions::Deny);

        /// Whether `X-Forwarded-Proto` is in the header `Vary` of answers.
        "VaryOnXFP" => vary_on_xfp: bool = false;
    }

    /// Who may deliver bounces, and what they lead to.
    bouncehandler: BounceHandlerSettings {
        /// Addresses and ranges (`10.0.0.0/8`, `10.0.0.1 - 10.0.0.9`) of the clients that may deliver bounces. As in
        /// MediaWiki the list is *added* to the default, which cannot be taken away; a list from the environment takes
        /// the place of what the file added. Other clients are answered as `RestrictedIPResponse` says.
        "BounceHandlerInternalIPs" | "AllowedInternalIPs" => internal_ips: InternalIps = InternalIps::default();

        /// Whether addresses that bounce too often are un-confirmed. BounceHandler's own default is false.
        "BounceHandlerUnconfirmUsers" => unconfirm_users: bool = true;

        /// Number of permanent bounces within `BounceRecordPeriod` at which an address is un-confirmed.
        "BounceRecordLimit" => record_limit: u64 = 10;

        /// How far back bounces are counted against `BounceRecordLimit`, in seconds (default: 7 days).
        "BounceRecordPeriod" => record_period: Seconds = Seconds(604_800);

        /// Age in seconds (default: 60 days) beyond which bounce records are removed. 0 keeps all.
        "BounceRecordMaxAge" => record_max_age: Seconds = Seconds(5_184_000);

        /// Whose verdict on a bounce counts: that of the BounceHandler extension (`compatible`), or that of a judge who reads
        /// what the mail says of the user's own address (`strict`). Both are logged and counted for each mail in either case.
        "BounceVerdict" => verdict: BounceVerdict = BounceVerdict::Compatible;

        /// How much a mail counts against `BounceRecordLimit` with the strict verdict, in bounces (see *Keys of tables*): a
        /// failure that says that the address is dead by `hard`, any other by its reason, a complaint by `complaint`. What is
        /// given changes the keys it names. The defaults spare a user whose mailbox is full, whose provider blocks the
        /// sender, or whose answer is automatic: five failures that may be for good are as one that is.
        "BounceWeights" => weights: BounceWeights = BounceWeights::default();

        /// When further un-confirmations of one recipient domain wait for a person: if within the last hour more than `number`
        /// users of the domain were to be un-confirmed, and more than `share` of those who were confirmed (see *Keys of
        /// tables*); those that wait are among them. `off`: never. Not set: with the defaults of its keys if `BounceVerdict`
        /// is `strict`, else never.
        "UnconfirmBrake" => unconfirm_brake: Option<UnconfirmBrake> = None;

        /// Which bounces count once, however often they are posted: none (`off`, as in the original); the same mail, posted
        /// again by a mail server that missed the answer or by a second one (`message`); all bounces of one mail that the
        /// wiki sent, which come to the same return path (`send`). Not set: `send` if `BounceVerdict` is `strict`, else `off`.
        "CountBounceOnce" => count_once: Option<CountBounceOnce> = None;

        /// How deep the strict judge follows parts of a mail into parts.
        "MailMaxDepth" => mail_max_depth: Within<1, 8> = Within::nearest(8);

        /// How many parts of a mail the strict judge looks at.
        "MailMaxParts" => mail_max_parts: Within<1, 10_000> = Within::nearest(100);

        /// How many bytes of a line the strict judge searches for codes and phrases.
        "MailMaxLineBytes" => mail_max_line_bytes: Within<1, 1_048_576> = Within::nearest(4096);

        /// How many bytes of the text for people the strict judge searches, and of what is said of one recipient.
        "MailMaxTextBytes" => mail_max_text_bytes: Within<1, 67_108_864> = Within::nearest(65_536);

        /// How many recipients the strict judge tells apart in a mail.
        "MailMaxRecipients" => mail_max_recipients: Within<1, 100_000> = Within::nearest(1000);

        /// Addresses that bounces are forwarded to when they are not permanent or belong to no user. Empty: to nobody.
        "UnrecognizedBounceNotify" => unrecognized_bounce_notify: Vec<String> = Vec::new();

        /// Whether the HTTP status tells that a bounce was not stored, for mail servers that look at nothing else: 503
        /// where the same mail may be taken later, 403 for clients outside `BounceHandlerInternalIPs`, 422 for
        /// `submitted: failure`, another 4xx for requests that are wrong. The original answers with 200, which client
        /// libraries expect.
        "BounceHandlerHttpErrors" => http_errors: bool = false;

        /// The answer to clients outside `BounceHandlerInternalIPs`: `error` is the API error `invalid-ip`, as
        /// BounceHandler answers; `empty` is an answer with nothing in it.
        "RestrictedIPResponse" => restricted_ip_response: RestrictedIpResponse = RestrictedIpResponse::Error;
    }

    /// The sender addresses that bounces come back to. All wikis and mail servers that share addresses need the same values.
    verp: VerpSettings {
        /// First part of the address.
        "VERPprefix" => prefix: String = "wiki".to_owned();

        /// Algorithm of the proof in the address, by PHP's name for it.
        "VERPalgorithm" => algorithm: String = "md5".to_owned();

        /// Key of the proof in the address. Everybody knows the default, and who knows the key can un-confirm addresses.
        "VERPsecret" => secret: Secret = Secret::new("MediawikiVERP");

        /// Domain of the address. Not set: the host of `Server`, or `localhost`.
        "VERPdomainPart" => domain_part: Option<String> = None;

        /// How long after the mail was sent its bounce is accepted, in seconds (default: 3 days). The answer to a later
        /// one is `submitted: failure`.
        "VERPAcceptTime" => accept_time: Seconds = Seconds(259_200);
    }

    /// The job queue and its runner.
    jobs: JobsSettings {
        /// How many jobs a request to `index.php` runs after its answer, as in MediaWiki: of 1 and more so many, below 1 one job
        /// with that probability. A request to the API runs none, nor does `HEAD` or a request whose answer the client may have.
        "JobRunRate" | "RunJobRate" => run_rate: f64 = 1.0;

        /// Whether the server runs jobs in the background as they come, and those that become due later.
        "RunJobsInBackground" => run_in_background: bool = false;

        /// Key of the signatures of requests to `Special:RunJobs`; another program that signs them needs the same. Not set, or
        /// empty: no signature is right. MediaWiki has it from its installer.
        "SecretKey" => secret_key: Option<Secret> = None;

        /// Whether a signature is accepted only once. In MediaWiki whoever sees a signed request can send it again until it
        /// expires. A repetition is answered as a wrong signature is. A restart forgets what was accepted.
        "SignedRunRequestsOnce" => signed_once: bool = true;

        /// The most accepted signatures that are remembered, each until it expires. When there are as many, signed requests are
        /// answered with status 503 until one has expired.
        "MaxRememberedSignatures" => max_signatures: usize = 100_000;

        /// Form of the lines that `runjobs` prints: as MediaWiki 1.23 printed them in 2014, or as 1.43 does.
        "RunJobsLogFormat" => run_jobs_log_format: RunJobsLogFormat = RunJobsLogFormat::Of2014;

        /// Seconds after which a claimed job counts as stranded and is given to another runner (MediaWiki: `claimTTL`); a
        /// running job renews its claim. 0: a job whose runner died is not run again, but abandoned.
        "JobClaimTTL" => claim_ttl: Seconds = Seconds(3600);

        /// How often a job is tried before it is abandoned (MediaWiki: `maxTries`).
        "JobMaxAttempts" => max_attempts: u32 = 3;

        /// When a failed job is tried again: after a `back-off` that grows, or when its claim is older than `JobClaimTTL`
        /// (`claim-ttl`), as in MediaWiki.
        "JobRetryRule" => retry_rule: JobRetryRule = JobRetryRule::BackOff;

        /// Seconds before a failed job is tried for the second time, with the back-off.
        "JobRetryDelay" => retry_delay: Seconds = Seconds(300);

        /// By how much each further wait is longer than the one before.
        "JobRetryFactor" => retry_factor: f64 = 4.0;

        /// The most seconds that a failed job waits.
        "JobRetryMaxDelay" => retry_max_delay: Seconds = Seconds(3600);

        /// The share by which a wait is longer or shorter at random, so that jobs that failed together are not tried
        /// together.
        "JobRetryJitter" => retry_jitter: f64 = 0.2;

        /// Seconds that a job may take. One that takes longer has failed; the runner goes on.
        "JobTimeLimit" => time_limit: Seconds = Seconds(300);

        /// Seconds that a running job may go on when the program is told to stop. Then it is given back.
        "JobStopTime" => stop_time: Seconds = Seconds(10);

        /// Work items that may be run a second, by job type. As in MediaWiki, no other job of a type is run until the last
        /// one was worth its time.
        "JobBackoffThrottling" => backoff_throttling: BTreeMap<String, f64> = BTreeMap::new();

        /// Job types that are run only when `--type` asks for them. (The default is MediaWiki's; none of them is here.)
        "JobTypesExcludedFromDefaultQueue" => types_excluded: Vec<String> = ["AssembleUploadChunks", "PublishStashedFile",
            "UploadFromUrl"].map(str::to_owned).to_vec();
    }

    /// The listener, its limits, and the proxies in front of it.
    network: NetworkSettings {
        /// Address and port to listen on.
        "Listen" => listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));

        /// Addresses of proxies whose `X-Forwarded-For` is believed.
        "CdnServers" => cdn_servers: Vec<String> = Vec::new();

        /// More such proxies; here ranges are possible too.
        "CdnServersNoPurge" => cdn_servers_no_purge: Vec<String> = Vec::new();

        /// Whether `X-Forwarded-For` may name a private address as the client's. It makes a difference only for proxies
        /// that extensions of MediaWiki trust; those of `CdnServers` and `CdnServersNoPurge` may in either case.
        "UsePrivateIPs" => use_private_ips: bool = false, NotYet;

        /// Name of a header in which a front proxy names the client, `X-Client-IP` for example. From a connection of a
        /// trusted proxy (`CdnServers`, `CdnServersNoPurge`) its single address is the client, and `X-Forwarded-For` is
        /// not looked at; anything else in it is answered with status 500, as an entry of `X-Forwarded-For` that is no
        /// address is. From anybody else it is ignored. Not set: no such header is looked at.
        "ClientIPHeader" => client_ip_header: Option<String> = None;

        /// The token that lets requests below `/admin` in from other machines and through proxies, as
        /// `Authorization: Bearer TOKEN`. Not set, or empty: only this machine may, and not through a proxy.
        "AdminToken" => admin_token: Option<Secret> = None;

        /// The largest request body. A larger one is answered with status 413.
        "MaxRequestSize" => max_request_size: ByteSize = ByteSize::mib(64);

        /// Memory that request bodies of more than 16 KiB may take together while they arrive and are read. Beyond it the
        /// body that is the longest under way is given up: status 503, and `Retry-After`. Smaller bodies are always taken.
        "MaxRequestMemory" => max_request_memory: ByteSize = ByteSize::mib(256);

        /// The most bytes of a request line and headers together, up to 128 KiB. A longer head is answered with status 431, and
        /// so is one of more than 96 headers.
        "MaxRequestHeadSize" => max_request_head_size: ByteSize = ByteSize(32 << 10);

        /// Seconds within which the head of a request has to arrive: for the first one counted from the opening of the
        /// connection, else from its first byte. Later it is answered with status 408. 0: without limit.
        "RequestHeadTime" => request_head_time: Seconds = Seconds(20);

        /// Span in seconds over which the rate of an arriving body is taken (see `RequestBodyMinRate`). 0: without limit.
        "RequestBodyTime" => request_body_time: Seconds = Seconds(20);

        /// Bytes a second that have to arrive of a body in each span of `RequestBodyTime`. A slower body is answered with
        /// status 408; one of any length that keeps the rate is taken.
        "RequestBodyMinRate" => request_body_min_rate: ByteSize = ByteSize(500);

        /// Seconds within which a client has to take some of its answer; then the connection is closed. The answers of
        /// `/admin`, which may be read at leisure, are exempt. 0: without limit.
        "AnswerTime" => answer_time: Seconds = Seconds(60);

        /// Seconds that a connection without a request is kept for the next one; then it is closed. 0: without limit.
        "KeepAliveTime" => keep_alive_time: Seconds = Seconds(75);

        /// The most connections at a time; as many as the process may have open files less 256, if that is fewer (the
        /// soft limit is raised, as far as the hard one allows). Beyond it the connections that have been waiting the longest for their
        /// clients make room, one in a hundred at once: idle ones are closed, unfinished requests are answered with status 503
        /// and `Retry-After`. If none is waiting, the new one is answered so and closed.
        "MaxConnections" => max_connections: usize = 10_000;

        /// The most variables taken from the URL, and again from the body. Further ones are ignored, as PHP does because
        /// of its `max_input_vars`. A multipart body has at most 20 parts more; what comes behind them is not read.
        "MaxInputVars" => max_input_vars: usize = 1000;

        /// Number of threads that answer requests. 0: as many as there are processor cores.
        "Workers" => workers: usize = 0;
    }

    /// How mail leaves.
    mail: MailSettings {
        /// The mail server that takes outgoing mail (see *Keys of tables*). Not set: the program `SendmailPath` takes it.
        "SMTP" => smtp: Option<Smtp> = None;

        /// The sendmail program, for when `SMTP` is not set.
        "SendmailPath" => sendmail_path: PathBuf = PathBuf::from("/usr/sbin/sendmail");
    }

    /// Where the queue and the built-in wiki are kept.
    storage: StorageSettings {
        /// Directory of all that is kept; it is made if it is missing. One server at a time can use it.
        "DataDirectory" => data_directory: PathBuf = PathBuf::from("bouncehandlerd-data");

        /// Memory for the store's cache.
        "StoreCacheSize" => store_cache_size: ByteSize = ByteSize::mib(16);

        /// With less room than this on the disk, bounces are refused with status 503, so that mail servers keep them and try
        /// again. 0 takes them as long as writing works.
        "StoreMinFreeSpace" => store_min_free_space: ByteSize = ByteSize::mib(64);
    }

    /// What is written to logs.
    log: LogSettings {
        /// What goes to standard error: `error`, `warn`, `info`, `debug` or `trace`, also by channel
        /// (`warn,BounceHandler=info`).
        "LogLevel" => level: String = "info,actix_server=warn".to_owned();

        /// A table of log channels and their files. `BounceHandler` has the lines of the extension, `BounceVerdict` one for each
        /// mail with both verdicts.
        "DebugLogGroups" => debug_log_groups: BTreeMap<String, PathBuf> = BTreeMap::new();

        /// Whether mail addresses appear in logs outside the channel `BounceHandler`, which always has them.
        "LogAddresses" => log_addresses: bool = false;
    }
}
