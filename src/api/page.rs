//! The frame of pages that people see: one look. A page loads nothing and runs nothing, and says so to the browser.

use super::markup::escape_html;

/// How pages look, on paper and small screens too.
const STYLE: &str = include_str!("page/style.css");

/// A page with this title. `body` is HTML.
pub fn page(title: &str, body: &str) -> String {
    let title = escape_html(title);
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\" dir=\"ltr\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\n\
         <title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n\
         <style>\n{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <main>\n\
         <h1>{title}</h1>\n\
         {body}\
         </main>\n\
         </body>\n\
         </html>\n"
    )
}
