/// The templates of the page.
///
/// No value is written without escaping: none of them has a tag for that.
enum PageTemplate {
    /// What the browser may load and run: the style and the script of this page, by their hashes, and nothing else.
    static let contentPolicy =
        "default-src 'none'; style-src 'sha256-\(PageStyle.hash)'; script-src 'sha256-\(PageScript.hash)'; base-uri 'none'; form-action 'none'"

    /// What every page begins with, down to its facts.
    static func opening(policy: String, style: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="exportd {{version}}">
        <title>{{title}}</title>
        <style>\(style)</style>
        </head>
        <body>
        <header>
        <h1>{{title}}</h1>
        {{#lead}}<p class="lead">\(BreakableText.template)</p>
        {{/lead}}
        <dl class="facts">
        {{#facts}}<div class="{{factStyle}}"><dt>{{what}}</dt><dd>{{number}}</dd></div>
        {{/facts}}
        </dl>
        </header>
        """
    }

    /// The whole page.
    static let page = """
        \(opening(policy: contentPolicy, style: PageStyle.text))
        <main>
        <section aria-labelledby="summary-heading">
        <h2 id="summary-heading">Recordings, worst first</h2>
        <form class="filter" hidden>
        <label>Filter by name <input type="search" autocomplete="off"></label>
        <label{{^hasVerdicts}} hidden{{/hasVerdicts}}>Verdict <select><option value="">all</option><option value="failed">failed</option><option value="passed">passed</option><option value="unjudged">not judged</option></select></label>
        <output></output>
        </form>
        {{#summary}}{{>table}}{{/summary}}
        </section>
        {{#hasRecordings}}
        <section aria-labelledby="detail-heading">
        <h2 id="detail-heading">In detail</h2>
        {{#bounds}}<p>{{.}}</p>
        {{/bounds}}
        {{#recordings}}{{>recording}}{{/recordings}}
        </section>
        {{/hasRecordings}}
        <section aria-labelledby="about-heading">
        <h2 id="about-heading">About this report</h2>
        <details><summary>What the quantities mean</summary>
        <dl class="terms">
        {{#explanations}}<dt>{{term}}</dt><dd>{{meaning}}</dd>
        {{/explanations}}
        </dl>
        </details>
        {{#hasSettings}}
        <details><summary>What was asked for</summary>
        <dl class="terms">
        {{#settings}}<dt>{{name}}</dt><dd>{{value}}</dd>
        {{/settings}}
        </dl>
        </details>
        {{/hasSettings}}
        </section>
        </main>
        <footer><p>Made by exportd {{version}}. This file needs no network and loads nothing.</p></footer>
        <script>\(PageScript.text)</script>
        </body>
        </html>

        """

    /// A recording in full, folded.
    static let recording = """
        <details class="recording" id="{{anchor}}"{{#isOpen}} open{{/isOpen}}>
        <summary><h3><bdi>{{#name}}\(BreakableText.template){{/name}}</bdi></h3> {{#badge}}<span class="{{style}}">{{words}}</span>{{/badge}} <span class="sub">{{#subtitle}}\(BreakableText.template){{/subtitle}}</span></summary>
        {{#hasFindings}}
        <ul class="findings">
        {{#findings}}<li>\(BreakableText.template)</li>
        {{/findings}}
        </ul>
        {{/hasFindings}}
        {{#hasNotes}}
        <ul class="notes">
        {{#notes}}<li>\(BreakableText.template)</li>
        {{/notes}}
        </ul>
        {{/hasNotes}}
        {{#timeline}}{{>figure}}{{/timeline}}
        {{#streamTable}}{{>table}}{{/streamTable}}
        {{#streams}}
        <section class="stream">
        <h4><bdi>{{#streamName}}\(BreakableText.template){{/streamName}}</bdi></h4>
        <div class="plots">
        {{#figures}}{{>figure}}{{/figures}}
        </div>
        </section>
        {{/streams}}
        {{#plotRemainder}}<p>{{.}}</p>
        {{/plotRemainder}}
        </details>

        """

    /// A plot with the table of its values behind it.
    static let figure = """
        <figure class="{{figureStyle}}">
        {{#plot}}<figcaption>{{shortHeading}}</figcaption>
        {{>plot}}{{/plot}}
        <details class="values"><summary>Values</summary>
        {{#values}}{{>table}}{{/values}}
        </details>
        </figure>

        """

    /// A table that scrolls by itself where it is wider than the page.
    static let table = """
        <div class="scroll{{#isTall}} tall{{/isTall}}" role="group" tabindex="0" aria-label="{{caption}}">
        <table{{#tableIdentifier}} id="{{.}}"{{/tableIdentifier}}>
        <caption><span>{{caption}}</span></caption>
        <thead><tr><th scope="col">{{corner}}</th>{{#columns}}<th scope="col"{{#headingStyle}} class="{{.}}"{{/headingStyle}}>{{heading}}{{#unit}} <span class="unit">{{.}}</span>{{/unit}}</th>{{/columns}}</tr></thead>
        <tbody>
        {{#rows}}<tr{{#verdict}} data-verdict="{{.}}"{{/verdict}}><th scope="row"><bdi>{{#link}}<a href="#{{.}}">{{/link}}{{#rowHeading}}\(BreakableText.template){{/rowHeading}}{{#link}}</a>{{/link}}</bdi></th>{{#cells}}<td class="{{cellStyle}}">{{text}}</td>{{/cells}}</tr>
        {{/rows}}
        </tbody>
        </table>
        </div>
        {{#remainder}}<p class="remainder">{{.}}</p>
        {{/remainder}}

        """
}
