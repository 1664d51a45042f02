/// The style of the page of image sets: the page's own, and what samples need.
enum ImagePageStyle {
    /// The SHA-256 of `text` in base 64, which the page's content policy names.
    static let hash = "q5zhsb6O3Xig0IK2Ag7RrRcUWBE+nD3ngOEysdtDYqA="

    static let text = PageStyle.text + samples

    private static let samples = """
        .samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr));gap:1.2rem 1rem;align-items:start;margin-top:.8rem}
        .samples svg{background:var(--panel);border:1px solid var(--rule);border-radius:4px;max-height:22rem}
        .samples figcaption{margin-top:.3rem}
        .samples p{margin:0}
        .missing{fill:var(--panel)}
        .samples .under{stroke:#000;stroke-opacity:.6;fill:none}
        .samples .area{fill-rule:evenodd;fill:currentColor;fill-opacity:.16;stroke:currentColor}
        .samples .line,.samples .dot{stroke:currentColor}
        .keys{list-style:none;margin:.2rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem .8rem;font-size:.8rem;color:var(--text)}
        .samples .keys li{color:var(--text)}
        .keys .swatch{display:inline-block;width:.8em;height:.8em;border-radius:2px;border:1px solid var(--axis);margin-right:.35em;vertical-align:-.05em;print-color-adjust:exact;-webkit-print-color-adjust:exact}
        .samples .k0{color:#ff5a4d}.samples .k0 .swatch{background:#ff5a4d}.samples .k1{color:#3aa0ff}.samples .k1 .swatch{background:#3aa0ff}.samples .k2{color:#39c15d}.samples .k2 .swatch{background:#39c15d}.samples .k3{color:#ffb000}.samples .k3 .swatch{background:#ffb000}.samples .k4{color:#c77dff}.samples .k4 .swatch{background:#c77dff}.samples .k5{color:#00c8c8}.samples .k5 .swatch{background:#00c8c8}.samples .k6{color:#ff6fb5}.samples .k6 .swatch{background:#ff6fb5}.samples .k7{color:#a0d911}.samples .k7 .swatch{background:#a0d911}.samples .k8{color:#ff8a3c}.samples .k8 .swatch{background:#ff8a3c}.samples .k9{color:#7f9cff}.samples .k9 .swatch{background:#7f9cff}.samples .k10{color:#e0d000}.samples .k10 .swatch{background:#e0d000}.samples .k11{color:#d0d0d0}.samples .k11 .swatch{background:#d0d0d0}
        @media print{.samples{grid-template-columns:repeat(3,1fr)}.samples figure{break-inside:avoid}}

        """
}
