/// One axis of a plot: which values it spans, in which unit, and where its ticks are.
struct Axis {
    /// A tick: where, and what stands beside it.
    struct Tick {
        var value: Double
        var label: String
    }

    /// The values at its ends, in the unit of the data; `low < high`.
    let low: Double
    let high: Double
    /// What it counts, with the unit of its labels.
    let title: String
    /// From low to high, at multiples of 1, 2 or 5 times a power of ten in the labels' unit.
    let ticks: [Tick]

    /// The steps between units, so that no label needs many digits.
    enum Quantity {
        case seconds
        case milliseconds
        case count

        /// The least that an axis spans: a share of its largest value, and never less than so much.
        fileprivate var least: (share: Double, span: Double) {
            switch self {
            case .milliseconds: (1e-3, 0.01)
            case .seconds: (1e-6, 1e-6)
            case .count: (1e-6, 1)
            }
        }

        fileprivate func unit(for span: Double) -> (name: String, factor: Double) {
            switch self {
            case .count: ("", 1)
            case .seconds where span > 3 * 3_600: ("h", 1 / 3_600)
            case .seconds where span > 300: ("min", 1 / 60)
            case .seconds: ("s", 1)
            case .milliseconds where span > 3 * 3_600_000: ("h", 1 / 3_600_000)
            case .milliseconds where span > 300_000: ("min", 1 / 60_000)
            case .milliseconds where span > 5_000: ("s", 1 / 1_000)
            case .milliseconds where span < 0.5: ("µs", 1_000)
            case .milliseconds: ("ms", 1)
            }
        }
    }

    /// An axis over the given values; one value alone is given some room on both sides.
    ///
    /// `fitted` axes end at ticks; the others end where the values do.
    init(
        _ values: some Sequence<Double>,
        title: String,
        quantity: Quantity,
        including anchors: [Double] = [],
        fitted: Bool = true,
        ticks wanted: Int = 5
    ) {
        var low = Double.infinity
        var high = -Double.infinity
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        for value in anchors where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        if low > high { (low, high) = (0, 1) }
        // Values that are all but the same lie in the middle of some room, whose labels have few digits; where none is below
        // zero, the room is not either.
        let least = low == 0 && high == 0 ? 1 : max(max(abs(low), abs(high)) * quantity.least.share, quantity.least.span)
        if high - low < least {
            let (from, middle) = (low, low / 2 + high / 2)
            (low, high) = (middle - least / 2, middle + least / 2)
            if from >= 0, low < 0 { (low, high) = (0, high - low) }
        }
        // Beyond these a difference of two values would overflow.
        low = max(low, -1e300)
        high = min(high, 1e300)

        let (name, factor) = quantity.unit(for: max(abs(low), abs(high)))
        var step = Self.step((high - low) * factor, wanted)
        if quantity == .count { step = max(1, step) }
        var first = (low * factor / step).rounded(.down)
        var last = (high * factor / step).rounded(.up)
        if fitted {
            low = first * step / factor
            high = last * step / factor
        } else {
            first = (low * factor / step - 1e-9).rounded(.up)
            last = (high * factor / step + 1e-9).rounded(.down)
        }
        let decimals = Self.decimals(of: step)
        var ticks: [Tick] = []
        var index = first
        while index <= last, ticks.count <= 4 * wanted {
            let value = index * step
            ticks.append(Tick(value: value / factor, label: NumberText.fixed(value == 0 ? 0 : value, decimals)))
            index += 1
        }
        self.low = low
        self.high = high
        self.title = name.isEmpty ? title : "\(title) (\(name))"
        self.ticks = ticks
    }

    /// Where a value lies between the ends, 0 to 1; what lies outside is moved to the end.
    func position(_ value: Double) -> Double {
        min(1, max(0, (value - low) / (high - low)))
    }

    /// 1, 2 or 5 times a power of ten, so that about so many of them fill the span.
    private static func step(_ span: Double, _ wanted: Int) -> Double {
        let rough = span / Double(max(1, wanted))
        guard rough.isFinite, rough > 1e-300 else { return 1 }
        var power = 1.0
        while power * 10 <= rough { power *= 10 }
        while power > rough { power /= 10 }
        let multiple = rough / power
        return power * (multiple <= 1 ? 1 : multiple <= 2 ? 2 : multiple <= 5 ? 5 : 10)
    }

    private static func decimals(of step: Double) -> Int {
        var decimals = 0
        var scaled = step
        while scaled < 0.999_999, decimals < 9 {
            scaled *= 10
            decimals += 1
        }
        return decimals
    }
}
