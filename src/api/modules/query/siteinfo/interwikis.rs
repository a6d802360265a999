//! The prefixes of links to other wikis.

use super::{FILTER_INTERWIKI, SiteCall};
use crate::api::result::{Object, Value};

/// `interwikimap`: none of the wikis is `local`, that is, none belongs to the same farm.
pub(super) fn interwiki_map(call: &SiteCall<'_>) -> Value {
    let wanted = match call.query.params.text(FILTER_INTERWIKI) {
        Some("local") => &[],
        _ => INTERWIKIS,
    };
    let rows = wanted.iter().map(|(prefix, url, api)| {
        let mut row = Object::of([
            ("prefix", Value::text(prefix)),
            ("url", Value::text(url)),
            ("protorel", Value::Bool(false)),
        ]);
        if let Some(api) = api {
            row.set("api", Value::text(api));
        }
        row.into()
    });
    Value::list("iw", rows)
}

/// The prefix of another wiki that this is.
pub fn interwiki_prefix(text: &str) -> Option<&'static str> {
    let prefixes = INTERWIKIS.iter().map(|(prefix, ..)| *prefix);
    { prefixes }.find(|prefix| *prefix == text)
}

/// The prefixes that a new wiki has: address of a page, and of the API if there is one.
#[rustfmt::skip]
const INTERWIKIS: &[(&str, &str, Option<&str>)] = &[
    ("acronym", "https://www.acronymfinder.com/~/search/af.aspx?string=exact&Acronym=$1", None),
    ("advogato", "http://www.advogato.org/$1", None),
    ("arxiv", "https://www.arxiv.org/abs/$1", None),
    ("c2find", "http://c2.com/cgi/wiki?FindPage&value=$1", None),
    ("cache", "https://www.google.com/search?q=cache:$1", None),
    ("commons", "https://commons.wikimedia.org/wiki/$1", Some("https://commons.wikimedia.org/w/api.php")),
    ("dictionary", "http://www.dict.org/bin/Dict?Database=*&Form=Dict1&Strategy=*&Query=$1", None),
    ("doi", "https://dx.doi.org/$1", None),
    ("drumcorpswiki", "http://www.drumcorpswiki.com/$1", Some("http://drumcorpswiki.com/api.php")),
    ("dwjwiki", "http://www.suberic.net/cgi-bin/dwj/wiki.cgi?$1", None),
    ("elibre", "http://enciclopedia.us.es/index.php/$1", Some("http://enciclopedia.us.es/api.php")),
    ("emacswiki", "https://www.emacswiki.org/emacs/$1", None),
    ("foldoc", "https://foldoc.org/?$1", None),
    ("foxwiki", "https://fox.wikis.com/wc.dll?Wiki~$1", None),
    ("freebsdman", "https://www.FreeBSD.org/cgi/man.cgi?apropos=1&query=$1", None),
    ("gentoo-wiki", "http://gentoo-wiki.com/$1", None),
    ("google", "https://www.google.com/search?q=$1", None),
    ("googlegroups", "https://groups.google.com/groups?q=$1", None),
    ("hammondwiki", "http://www.dairiki.org/HammondWiki/$1", None),
    ("hrwiki", "http://www.hrwiki.org/wiki/$1", Some("http://www.hrwiki.org/w/api.php")),
    ("imdb", "http://www.imdb.com/find?q=$1&tt=on", None),
    ("kmwiki", "https://kmwiki.wikispaces.com/$1", None),
    ("linuxwiki", "http://linuxwiki.de/$1", None),
    ("lojban", "https://mw.lojban.org/papri/$1", None),
    ("lqwiki", "http://wiki.linuxquestions.org/wiki/$1", None),
    ("meatball", "http://meatballwiki.org/wiki/$1", None),
    ("mediawikiwiki", "https://www.mediawiki.org/wiki/$1", Some("https://www.mediawiki.org/w/api.php")),
    ("memoryalpha", "http://en.memory-alpha.org/wiki/$1", Some("http://en.memory-alpha.org/api.php")),
    ("metawiki", "http://sunir.org/apps/meta.pl?$1", None),
    ("metawikimedia", "https://meta.wikimedia.org/wiki/$1", Some("https://meta.wikimedia.org/w/api.php")),
    ("mozillawiki", "https://wiki.mozilla.org/$1", Some("https://wiki.mozilla.org/api.php")),
    ("mw", "https://www.mediawiki.org/wiki/$1", Some("https://www.mediawiki.org/w/api.php")),
    ("oeis", "https://oeis.org/$1", None),
    ("openwiki", "http://openwiki.com/ow.asp?$1", None),
    ("pmid", "https://www.ncbi.nlm.nih.gov/pubmed/$1?dopt=Abstract", None),
    ("pythoninfo", "https://wiki.python.org/moin/$1", None),
    ("rfc", "https://tools.ietf.org/html/rfc$1", None),
    ("s23wiki", "http://s23.org/wiki/$1", Some("http://s23.org/w/api.php")),
    ("seattlewireless", "http://seattlewireless.net/$1", None),
    ("senseislibrary", "https://senseis.xmp.net/?$1", None),
    ("shoutwiki", "http://www.shoutwiki.com/wiki/$1", Some("http://www.shoutwiki.com/w/api.php")),
    ("squeak", "http://wiki.squeak.org/squeak/$1", None),
    ("theopedia", "https://www.theopedia.com/$1", None),
    ("tmbw", "http://www.tmbw.net/wiki/$1", Some("http://tmbw.net/wiki/api.php")),
    ("tmnet", "http://www.technomanifestos.net/?$1", None),
    ("twiki", "http://twiki.org/cgi-bin/view/$1", None),
    ("uncyclopedia", "https://en.uncyclopedia.co/wiki/$1", Some("https://en.uncyclopedia.co/w/api.php")),
    ("unreal", "https://wiki.beyondunreal.com/$1", Some("https://wiki.beyondunreal.com/w/api.php")),
    ("usemod", "http://www.usemod.com/cgi-bin/wiki.pl?$1", None),
    ("wiki", "http://c2.com/cgi/wiki?$1", None),
    ("wikia", "http://www.wikia.com/wiki/$1", None),
    ("wikibooks", "https://en.wikibooks.org/wiki/$1", Some("https://en.wikibooks.org/w/api.php")),
    ("wikidata", "https://www.wikidata.org/wiki/$1", Some("https://www.wikidata.org/w/api.php")),
    ("wikif1", "http://www.wikif1.org/$1", None),
    ("wikihow", "https://www.wikihow.com/$1", Some("https://www.wikihow.com/api.php")),
    ("wikimedia", "https://foundation.wikimedia.org/wiki/$1", Some("https://foundation.wikimedia.org/w/api.php")),
    ("wikinews", "https://en.wikinews.org/wiki/$1", Some("https://en.wikinews.org/w/api.php")),
    ("wikinfo", "http://wikinfo.co/English/index.php/$1", None),
    ("wikipedia", "https://en.wikipedia.org/wiki/$1", Some("https://en.wikipedia.org/w/api.php")),
    ("wikiquote", "https://en.wikiquote.org/wiki/$1", Some("https://en.wikiquote.org/w/api.php")),
    ("wikisource", "https://wikisource.org/wiki/$1", Some("https://wikisource.org/w/api.php")),
    ("wikispecies", "https://species.wikimedia.org/wiki/$1", Some("https://species.wikimedia.org/w/api.php")),
    ("wikiversity", "https://en.wikiversity.org/wiki/$1", Some("https://en.wikiversity.org/w/api.php")),
    ("wikivoyage", "https://en.wikivoyage.org/wiki/$1", Some("https://en.wikivoyage.org/w/api.php")),
    ("wikt", "https://en.wiktionary.org/wiki/$1", Some("https://en.wiktionary.org/w/api.php")),
    ("wiktionary", "https://en.wiktionary.org/wiki/$1", Some("https://en.wiktionary.org/w/api.php")),
];
