/// The templates of a plot: within the page, and as a file of its own.
enum PlotTemplate {
    /// What is between the tags of an SVG, for both.
    private static let drawing = """
        <title id="{{identifier}}t">{{heading}}</title>
        <desc id="{{identifier}}d">{{description}}</desc>
        {{#rows}}<path class="grid" d="M{{left}} {{at}}H{{right}}"/><text class="tick" x="{{yLabelX}}" y="{{at}}" dy=".32em" text-anchor="end">{{label}}</text>
        {{/rows}}
        {{#columns}}<path class="grid" d="M{{at}} {{top}}V{{bottom}}"/><text class="tick" x="{{at}}" y="{{xLabelY}}" text-anchor="{{anchor}}">{{label}}</text>
        {{/columns}}
        {{#paths}}<path class="{{style}}" d="{{data}}"/>
        {{/paths}}
        <path class="axis" d="M{{left}} {{bottom}}H{{right}}"/>
        {{#labels}}<text class="{{style}}" x="{{x}}" y="{{y}}" text-anchor="{{anchor}}">{{text}}</text>
        {{/labels}}
        <text class="title" x="{{xTitleX}}" y="{{xTitleY}}" text-anchor="middle">{{xTitle}}</text>
        <text class="title" x="4" y="{{keyTextY}}">{{yTitle}}</text>
        {{#keys}}<path class="key {{style}}" d="M{{x}} {{keyY}}h12"/><text class="tick" x="{{textX}}" y="{{keyTextY}}">{{meaning}}</text>
        {{/keys}}

        """

    /// A plot within the page, drawn in the page's colours.
    static let plot = """
        <svg viewBox="0 0 {{width}} {{height}}" role="img" aria-labelledby="{{identifier}}t {{identifier}}d">
        \(drawing)</svg>

        """

    /// A plot as a file: it brings its colours, a heading and a white ground, so that it looks the same wherever it is pasted.
    static let file = """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -34 {{width}} {{fileHeight}}" width="800" role="img" aria-labelledby="{{identifier}}t {{identifier}}d">
        <style>\(style)</style>
        <rect y="-34" width="100%" height="100%" fill="#fff"/>
        <text class="heading" x="4" y="-20">{{shortHeading}}</text>
        <text x="4" y="-6">{{subjectName}}</text>
        \(drawing)</svg>

        """

    private static let style = """
        text{font:10px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#4d565f}\
        .heading{font-size:11px;font-weight:600;fill:#1b1f24}.title{fill:#1b1f24}.lane{fill:#1b1f24;paint-order:stroke;stroke:#fff;stroke-width:3px}path{fill:none;stroke-linecap:round;stroke-linejoin:round}\
        .grid{stroke:#e1e5ea}.axis{stroke:#6b757f}.series{stroke:#0b57a4;stroke-width:1.2}.level{stroke:#8a4b00;stroke-width:1.4;stroke-dasharray:5 3}\
        .bars{fill:#0b57a4}.track{stroke:#c3cad2;stroke-width:1.5}.drop{fill:#b3261e}.key{stroke-width:2.5}.key.drop{stroke:#b3261e;stroke-width:5;stroke-linecap:butt}
        """
}
