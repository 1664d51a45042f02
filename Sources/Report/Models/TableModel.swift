import Mustache
import Quality

/// A table as its template writes it: a caption, headed columns, and rows that begin with their heading.
struct TableModel {
    /// The heading of a column.
    struct Column {
        var heading: String
        /// What its numbers count; nil where the heading says it.
        var unit: String?
        /// Whether its cells hold words, which begin on the left as its heading does then.
        var isOfWords = false
        /// Its class in the page's style: room for words, or for a heading that would else take many lines.
        var headingStyle: String? { isOfWords ? "w" : heading.utf8.count > 12 ? "l" : nil }
    }

    /// A row: its heading, and the other cells.
    struct Row {
        var rowHeading: String
        /// The identifier of what says more about it.
        var link: String?
        /// Its verdict, for the filter.
        var verdict: String?
        var cells: [Cell]
    }

    /// A cell.
    struct Cell {
        var text: String
        /// Its class in the page's style: `n` a number, `w` words, none a single one; a verdict is `v` and its name.
        var cellStyle: String

        static func number(_ text: String) -> Cell { Cell(text: text, cellStyle: "n") }
        static func word(_ text: String) -> Cell { Cell(text: text, cellStyle: "") }
        static func words(_ text: String) -> Cell { Cell(text: text, cellStyle: "w") }
        static func verdict(_ verdict: QualityVerdict) -> Cell { Cell(text: verdict.words, cellStyle: "v \(verdict.rawValue)") }
    }

    /// Unique within the page; empty where nothing points at the table.
    var tableIdentifier: String?
    var caption: String
    /// What stands above the headings of the rows.
    var corner: String
    var columns: [Column]
    var rows: [Row]
    /// What the table leaves out.
    var remainder: String?
    /// Whether it has so many rows that it scrolls by itself, so that what follows it can be reached.
    var isTall: Bool { rows.count > 60 }
}

// What is computed is not found by reflection.
extension TableModel: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "tableIdentifier": tableIdentifier
        case "caption": caption
        case "corner": corner
        case "columns": columns
        case "rows": rows
        case "remainder": remainder
        case "isTall": isTall
        default: nil
        }
    }
}

extension TableModel.Column: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "heading": heading
        case "unit": unit
        case "headingStyle": headingStyle
        default: nil
        }
    }
}

// A page has a hundred thousand cells: the template asks them by name rather than through reflection.
extension TableModel.Row: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "rowHeading": BreakableText(rowHeading)
        case "link": link
        case "verdict": verdict
        case "cells": cells
        default: nil
        }
    }
}

extension TableModel.Cell: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "cellStyle": cellStyle
        default: nil
        }
    }
}
