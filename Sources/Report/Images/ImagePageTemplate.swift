/// The templates of the page of an export of image sets.
///
/// No value is written without escaping: none of them has a tag for that.
enum ImagePageTemplate {
    /// What the browser may load: the style of this page, by its hash, and pictures that the page itself holds.
    static let contentPolicy =
        "default-src 'none'; style-src 'sha256-\(ImagePageStyle.hash)'; img-src data:; base-uri 'none'; form-action 'none'"

    /// The whole page.
    static let page = """
        \(PageTemplate.opening(policy: contentPolicy, style: ImagePageStyle.text))
        <main>
        {{#losses}}
        <section aria-labelledby="losses-heading">
        <h2 id="losses-heading">Left out, or not as it was</h2>
        {{>table}}
        </section>
        {{/losses}}
        {{#hasSamples}}
        <section aria-labelledby="samples-heading">
        <h2 id="samples-heading">Samples</h2>
        <p>Taken evenly from the whole package. The outlines are those of the sets, as they were read.</p>
        <div class="samples">
        {{#samples}}{{>sample}}{{/samples}}
        </div>
        </section>
        {{/hasSamples}}
        <section aria-labelledby="counts-heading">
        <h2 id="counts-heading">What the package holds</h2>
        {{#tables}}{{>table}}{{/tables}}
        </section>
        </main>
        <footer><p>Made by exportd {{version}}. This file needs no network and loads nothing.</p></footer>
        </body>
        </html>

        """

    /// A sample image with what is annotated in it.
    static let sample = """
        <figure class="sample">
        <svg viewBox="0 0 {{width}} {{height}}" role="img" aria-labelledby="{{identifier}}t {{identifier}}d">
        <title id="{{identifier}}t">{{caption}}</title>
        <desc id="{{identifier}}d">{{description}}</desc>
        {{#picture}}<image width="{{pictureWidth}}" height="{{pictureHeight}}" transform="{{turn}}" preserveAspectRatio="none" href="data:image/jpeg;base64,{{.}}"/>
        {{/picture}}
        {{^picture}}<rect class="missing" width="{{width}}" height="{{height}}"/>
        {{/picture}}
        {{#shapes}}<g class="{{colour}}"><title>{{className}}</title>
        {{#area}}<path class="under" stroke-width="{{stroke}}" d="{{.}}"/><path class="area" stroke-width="{{stroke}}" d="{{.}}"/>{{/area}}
        {{#line}}<path class="under" stroke-width="{{stroke}}" d="{{.}}"/><path class="line" stroke-width="{{stroke}}" d="{{.}}"/>{{/line}}
        {{#dots}}<path class="under dot" stroke-width="{{dot}}" d="{{.}}"/><path class="dot" stroke-width="{{dot}}" d="{{.}}"/>{{/dots}}
        </g>
        {{/shapes}}
        </svg>
        <figcaption><bdi>{{caption}}</bdi></figcaption>
        <p class="sub"><bdi>{{subtitle}}</bdi></p>
        <ul class="keys">{{#keys}}<li class="{{colour}}"><span class="swatch"></span><bdi>{{className}}</bdi> {{count}}</li>{{/keys}}{{#remainder}}<li>{{.}}</li>{{/remainder}}</ul>
        </figure>

        """
}
