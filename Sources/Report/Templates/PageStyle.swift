/// The page's style: the system's own fonts, two sets of colours of which every pair of text and ground has a contrast of
/// at least 4.5 to 1, and nothing that is told by colour alone.
enum PageStyle {
    /// The SHA-256 of `text` in base 64, which the page's content policy names.
    static let hash = "9KcHs4oCIF108QbG4ExCtVf2DZp/V9sST3gu5pwfCuI="

    static let text = """

        :root{color-scheme:light dark;--ground:#fff;--panel:#f5f7f9;--text:#1b1f24;--dim:#4d565f;--rule:#d3d9df;--grid:#e1e5ea;--axis:#6b757f;--ink:#0b57a4;--level:#8a4b00;--bad:#b3261e;--good:#17652f;--bad-ground:#fdecea;--on-bad:#fff;--shade:#1b1f2440}
        @media (prefers-color-scheme:dark){:root{--ground:#14171a;--panel:#1d2125;--text:#e6e9ec;--dim:#abb4bd;--rule:#3a424a;--grid:#2a3036;--axis:#8b959f;--ink:#79b4ff;--level:#f0b060;--bad:#ff8b80;--good:#7fd69a;--bad-ground:#3a1f1d;--on-bad:#14171a;--shade:#000000b3}}
        @media print{:root{color-scheme:light;--ground:#fff;--panel:#fff;--text:#000;--dim:#333;--rule:#aaa;--grid:#ddd;--axis:#555;--ink:#0b57a4;--level:#8a4b00;--bad:#b3261e;--good:#17652f;--bad-ground:#fff;--on-bad:#fff;--shade:transparent}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:1240px;padding:1.25rem 1rem 3rem;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
        h1{font-size:1.7rem;line-height:1.2;margin:.2rem 0 .6rem}
        h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
        h3,h4{font-size:1rem;margin:0}
        p{margin:.4rem 0;max-width:46rem}
        a{color:var(--ink)}
        :focus-visible{outline:2px solid var(--ink);outline-offset:2px}
        .lead{font-size:1.05rem}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.6rem;margin:1rem 0 0}
        .facts div{background:var(--panel);border:1px solid var(--rule);border-left:4px solid var(--rule);border-radius:6px;padding:.5rem .75rem;display:flex;flex-direction:column-reverse;justify-content:flex-end}
        .facts .bad{border-left-color:var(--bad)}
        .facts .good{border-left-color:var(--good)}
        .facts dt{color:var(--dim);font-size:.85rem}
        .facts dd{margin:0;font-size:1.45rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.25}
        .filter{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.5rem 0}
        .filter[hidden]{display:none}
        .filter input,.filter select{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--axis);border-radius:5px;padding:.25rem .5rem;max-width:100%}
        .filter output{color:var(--dim)}
        .scroll{overflow-x:auto;max-width:100%;margin:.4rem 0;border:1px solid var(--rule);border-radius:6px;background:linear-gradient(to left,var(--ground) 30%,transparent) right/4rem 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) right/1.1rem 100% no-repeat scroll}
        .scroll.tall{max-height:80vh;overflow:auto}
        .tall thead th{position:sticky;top:0;z-index:1}
        .tall thead th:first-child{left:0;z-index:2}
        table{border-collapse:separate;border-spacing:0;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--dim);padding:.4rem .6rem}
        caption span{display:inline-block;position:sticky;left:.6rem;max-width:calc(100vw - 5.5rem)}
        th,td{padding:.35rem .6rem;border-top:1px solid var(--rule);text-align:left;vertical-align:top;overflow-wrap:normal}
        thead th{vertical-align:bottom;font-weight:600;background:var(--panel);min-width:4.4rem}
        thead th:not(:first-child):not(.w){text-align:right}
        thead th.l{min-width:7.2rem}
        .unit{font-weight:400;color:var(--dim)}
        tbody th{font-weight:500;position:sticky;left:0;background:var(--ground);min-width:10.5rem;max-width:20rem;overflow-wrap:anywhere}
        td.n,td.v{text-align:right;white-space:nowrap}
        td.w{min-width:16rem}
        tbody tr:hover>*{background:var(--panel)}
        th button{font:inherit;color:inherit;background:none;border:0;padding:0;text-align:inherit;cursor:pointer}
        th button:hover{text-decoration:underline}
        th[aria-sort] button::after{content:" \\2193"}
        th[aria-sort=ascending] button::after{content:" \\2191"}
        .v.failed,.badge.failed{color:var(--bad);font-weight:700}
        .v.passed,.badge.passed{color:var(--good)}
        .v.unjudged,.badge.unjudged{color:var(--dim)}
        .badge{border:1px solid currentColor;border-radius:1em;padding:0 .6em;font-size:.85rem;white-space:nowrap}
        .badge.failed{background:var(--bad);border-color:var(--bad);color:var(--on-bad)}
        .recording{border:1px solid var(--rule);border-radius:8px;margin:.6rem 0;padding:0 1rem}
        .recording[open]{padding-bottom:1rem}
        .recording>summary{padding:.7rem 0;cursor:pointer}
        .recording h3{display:inline}
        .sub{display:inline-block;color:var(--dim);font-size:.875rem}
        .findings,.notes{margin:.2rem 0 .8rem;padding:.6rem .8rem .6rem 1.8rem;background:var(--panel);border:1px solid var(--rule);border-left:4px solid var(--level);border-radius:6px}
        .findings{background:var(--bad-ground);border-color:var(--bad)}
        .stream{margin-top:1.2rem;border-top:1px solid var(--rule);padding-top:.8rem}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:.8rem;margin-top:.4rem}
        figure{margin:0;min-width:0;max-width:560px}
        figure.wide{max-width:720px;margin:.2rem 0 .8rem}
        figcaption{font-weight:600;font-size:.875rem}
        .values{font-size:.875rem;color:var(--dim)}
        .values summary,main>section>details>summary{cursor:pointer;padding:.2rem 0}
        .remainder{color:var(--dim);font-size:.875rem}
        .terms dt{font-weight:600}
        .terms dd{margin:0 0 .5rem;max-width:46rem}
        footer{margin-top:2.5rem;border-top:1px solid var(--rule);color:var(--dim);font-size:.875rem}
        svg{display:block;width:100%;height:auto}
        svg text{font-size:10.5px;fill:var(--dim)}
        svg .title,svg .lane{fill:var(--text)}
        figure.wide svg text{font-size:9px}
        svg .lane{paint-order:stroke;stroke:var(--ground);stroke-width:3px}
        @media (min-width:800px){tbody th{min-width:19.5rem}}
        @media (max-width:600px){figure.wide svg text{font-size:11.5px}}
        svg path{fill:none;stroke-linecap:round;stroke-linejoin:round}
        svg .grid{stroke:var(--grid)}
        svg .axis{stroke:var(--axis)}
        svg .series{stroke:var(--ink);stroke-width:1.2}
        svg .level{stroke:var(--level);stroke-width:1.4;stroke-dasharray:5 3}
        svg .bars{fill:var(--ink)}
        svg .track{stroke:var(--rule);stroke-width:1.5}
        svg .drop{fill:var(--bad)}
        svg .key{stroke-width:2.5}
        svg .key.drop{stroke:var(--bad);stroke-width:5;stroke-linecap:butt}
        @page{margin:13mm}
        @media print{body{max-width:none;padding:0;font-size:10.5pt}.filter,.values{display:none}.scroll,.scroll.tall{overflow:visible;max-height:none;border:0;background:none}.tall thead th{position:static}.recording .scroll{break-inside:avoid}table{font-size:7.5pt}th,td{padding:2px 4px;min-width:0!important}.recording table{font-size:6.5pt}.recording td,.recording th{padding:2px 3px}.recording .w{display:none}.plots{grid-template-columns:1fr 1fr}.recording tbody th{min-width:15em!important}.findings,.notes{break-inside:avoid}tbody th{position:static;min-width:12em!important}figure,tr,.facts div{break-inside:avoid}h2,h3,h4,summary{break-after:avoid}.recording{border:0;padding:0}details::details-content{content-visibility:visible}a{color:inherit;text-decoration:none}}

        """
}
