/// The page's style: the system's own fonts, two sets of colours of which every pair of text and ground has a contrast of
/// at least 4.5 to 1, and nothing that is told by colour alone.
enum PageStyle {
    static let text = """

        :root{color-scheme:light dark;--ground:#fff;--panel:#f5f7f9;--text:#1b1f24;--dim:#4d565f;--rule:#d3d9df;--axis:#6b757f;--ink:#0b57a4;--bad:#b3261e;--good:#17652f;--level:#8a4b00;--bad-ground:#fdecea;--track:#dfe4e9}
        @media (prefers-color-scheme:dark){:root{--ground:#14171a;--panel:#1d2125;--text:#e6e9ec;--dim:#abb4bd;--rule:#3a424a;--axis:#8b959f;--ink:#79b4ff;--bad:#ff8b80;--good:#7fd69a;--level:#f0b060;--bad-ground:#3a1f1d;--track:#333b43}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:1100px;padding:1.25rem 1rem 3rem;background:var(--ground);color:var(--text);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
        [hidden]{display:none!important}
        h1{font-size:1.7rem;line-height:1.2;margin:.2rem 0}
        h2{font-size:1.2rem;margin:1.8rem 0 .5rem}
        h3{font-size:1rem;margin:0;display:inline}
        p{margin:.15rem 0}
        a{color:var(--ink)}
        code{font-size:.9em}
        .sub code,.sub time{white-space:nowrap}
        .left{color:var(--text);font-weight:600}
        :focus-visible{outline:2px solid var(--ink);outline-offset:2px}
        .sub,.none,footer{color:var(--dim);font-size:.875rem}
        .old{color:var(--bad);font-weight:600}
        .problems{margin:.6rem 0;padding:.6rem .8rem .6rem 1.8rem;background:var(--bad-ground);border:1px solid var(--bad);border-radius:6px}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.6rem;margin:.8rem 0}
        .facts div{background:var(--panel);border:1px solid var(--rule);border-left:4px solid var(--rule);border-radius:6px;padding:.45rem .7rem;display:flex;flex-direction:column-reverse;justify-content:flex-end}
        .facts .bad{border-left-color:var(--bad)}
        .facts .good{border-left-color:var(--good)}
        .facts dt{color:var(--dim);font-size:.8rem}
        .facts dd{margin:0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
        .facts .small dd{font-size:.875rem;line-height:1.85}
        .filter{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.8rem 0}
        .filter input,.filter select{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--axis);border-radius:5px;padding:.3rem .5rem;max-width:100%}
        .filter output{color:var(--dim)}
        .jobs,.quota{list-style:none;margin:0;padding:0}
        .jobs li{border-top:1px solid var(--rule);padding:.5rem 0}
        .jobs li:last-child{border-bottom:1px solid var(--rule)}
        .head{display:flex;flex-wrap:wrap;gap:.2rem .6rem;align-items:baseline}
        .place{min-width:2ch;text-align:right;color:var(--dim);font-variant-numeric:tabular-nums}
        .badge{border:1px solid currentColor;border-radius:1em;padding:0 .6em;font-size:.8rem;white-space:nowrap}
        .badge.completed{color:var(--good)}
        .badge.failed{color:var(--bad);font-weight:700}
        .badge.cancelled,.badge.pending{color:var(--dim)}
        .badge.processing{color:var(--ink)}
        .badge.warned{color:var(--level)}
        .message{color:var(--bad)}
        .bar{display:flex;gap:.6rem;align-items:center;margin:.3rem 0;font-variant-numeric:tabular-nums}
        .bar progress{flex:1}
        .bar span{min-width:4.5rem;text-align:right}
        progress{-webkit-appearance:none;appearance:none;width:100%;height:.7rem;border:0;border-radius:.35rem;background:var(--track);overflow:hidden;color:var(--ink)}
        progress::-webkit-progress-bar{background:var(--track)}
        progress::-webkit-progress-value{background:var(--ink)}
        progress::-moz-progress-bar{background:var(--ink)}
        progress.near::-webkit-progress-value{background:var(--bad)}
        progress.near::-moz-progress-bar{background:var(--bad)}
        .quota{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.8rem}
        .quota li{background:var(--panel);border:1px solid var(--rule);border-radius:6px;padding:.5rem .8rem}
        .quota p{font-size:.875rem}
        .quota progress{display:block;margin:.1rem 0 .5rem}
        .badge.expired{color:var(--dim)}
        footer{margin-top:2.5rem;border-top:1px solid var(--rule);padding-top:.5rem}

        """
}
