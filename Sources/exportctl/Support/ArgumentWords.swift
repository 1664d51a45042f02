public import ArgumentParser
public import ExportCore
public import Formats

// Words that are the same on the command line as in requests.

extension FormatName: ExpressibleByArgument {}

extension JobState: ExpressibleByArgument {}

extension QuotaWindow: ExpressibleByArgument {}
