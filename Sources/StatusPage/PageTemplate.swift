/// The page's markup.
///
/// No value is written without escaping: no tag is for that.
enum PageTemplate {
    static let page = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{{policy}}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="exportd {{version}}">
        <noscript><meta http-equiv="refresh" content="10"></noscript>
        <title>Exports</title>
        <style>\(PageStyle.text)</style>
        </head>
        <body>
        <header>
        <h1>Exports</h1>
        <p class="sub">exportd {{version}}, written <time id="written" datetime="{{writtenExact}}">{{written}} UTC</time><span id="age" role="status"></span></p>
        {{#hasProblems}}
        <ul class="problems" role="alert">
        {{#problems}}<li>{{.}}</li>
        {{/problems}}
        </ul>
        {{/hasProblems}}
        <dl class="facts">
        {{#facts}}<div class="{{factStyle}}"><dt>{{term}}</dt><dd>{{value}}</dd></div>
        {{/facts}}
        </dl>
        <form class="filter" hidden>
        <label>Search <input id="search" type="search" autocomplete="off"></label>
        <label>State <select id="state"><option value="">all</option><option>processing</option><option>pending</option><option>completed</option><option>failed</option><option>cancelled</option><option>expired</option></select></label>
        <output id="shown"></output>
        </form>
        </header>
        <main>
        <section aria-labelledby="running-heading">
        <h2 id="running-heading">Running</h2>
        {{^hasRunning}}<p class="none">Nothing runs.</p>{{/hasRunning}}
        <ul class="jobs">
        {{#running}}{{>job}}{{/running}}
        </ul>
        </section>
        <section aria-labelledby="queue-heading">
        <h2 id="queue-heading">Waiting</h2>
        {{^hasQueue}}<p class="none">Nothing waits.</p>{{/hasQueue}}
        <ol class="jobs">
        {{#queue}}{{>job}}{{/queue}}
        </ol>
        {{#more}}<p class="none">{{.}}</p>{{/more}}
        </section>
        {{#hasQuota}}
        <section aria-labelledby="quota-heading">
        <h2 id="quota-heading">Quota</h2>
        <ul class="quota">
        {{#quota}}<li><h3><bdi>{{scope}}</bdi></h3>
        {{#bars}}<p>{{unit}}: {{text}}</p>{{#share}}<progress class="{{barStyle}}" max="100" value="{{share}}" aria-label="{{unit}} of {{scope}}"></progress>{{/share}}
        {{/bars}}<p class="sub">{{resets}}</p></li>
        {{/quota}}
        </ul>
        </section>
        {{/hasQuota}}
        <section aria-labelledby="recent-heading">
        <h2 id="recent-heading">Recently ended</h2>
        {{^hasRecent}}<p class="none">Nothing has ended yet.</p>{{/hasRecent}}
        <ul class="jobs">
        {{#recent}}{{>job}}{{/recent}}
        </ul>
        </section>
        </main>
        <footer><p>Times are in UTC. This file needs no network; what it shows is also in <a href="queue.json">queue.json</a>. Older jobs: <code>exportctl history</code>.</p></footer>
        <script>\(PageScript.text)</script>
        </body>
        </html>

        """

    /// One job, whatever its state.
    static let job = """
        <li data-state="{{state}}">
        <div class="head">{{#position}}<span class="place" title="place in the queue">{{.}}</span> {{/position}}<h3><bdi>{{name}}</bdi></h3> <span class="{{badge}}">{{state}}</span>{{#urgency}} <span class="badge">{{.}}</span>{{/urgency}} {{#warned}}<span class="badge warned">{{.}}</span>{{/warned}}</div>
        {{#formTitle}}<p><bdi>{{.}}</bdi></p>{{/formTitle}}
        {{#percent}}<div class="bar"><progress max="100" value="{{percent}}" aria-label="progress of {{jobID}}"></progress> <span>{{percent}} %</span></div>
        <p class="sub">{{#left}}<span class="left">{{.}}</span>{{/left}}{{doneOf}}{{#current}}<bdi>{{.}}</bdi>{{/current}}</p>{{/percent}}
        {{#message}}<p class="message"><bdi>{{.}}</bdi></p>{{/message}}
        <p class="sub"><bdi>{{user}}</bdi> · {{what}} · <time datetime="{{whenExact}}">{{when}}</time>{{#size}} · {{.}}{{/size}} · {{#packages}}<a href="{{.}}">{{/packages}}<code>{{jobID}}</code>{{#packages}}</a>{{/packages}}</p>
        </li>

        """
}
