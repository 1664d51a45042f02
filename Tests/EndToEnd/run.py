#!/usr/bin/env python3
"""Run the end-to-end tests: the real programs, built before, on temporary spools.

Names on the command line choose tests as `python -m unittest` would: a file's name, or file.Class.test.
"""
import argparse
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


class Report(unittest.TestResult):
    """Prints one line for each test as it ends, and remembers them for the JUnit report."""

    def __init__(self):
        super().__init__()
        self.cases = []

    def startTest(self, test):
        super().startTest(test)
        self.started, self.outcome, self.detail = time.monotonic(), "passed", ""

    def _note(self, outcome, detail):
        if self.outcome in ("passed", "skipped"):
            self.outcome, self.detail = outcome, detail

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note("failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        if not hasattr(test, "_testMethodName"):  # a class or module that could not be set up
            self.startTest(test)
            self._note("failed", self._exc_info_to_string(err, test))
            self.stopTest(test)
        else:
            self._note("failed", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note("failed", f"{subtest}\n{self._exc_info_to_string(err, test)}")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note("skipped", reason)

    def stopTest(self, test):
        super().stopTest(test)
        seconds = time.monotonic() - self.started
        name = getattr(test, "_testMethodName", str(test)).removeprefix("test_").replace("_", " ")
        self.cases.append((type(test).__name__, name, seconds, self.outcome, self.detail))
        print(f"{self.outcome:8} {seconds:6.1f} s  {name}" + (f" ({self.detail})" if self.outcome == "skipped" else ""), flush=True)
        if self.outcome == "failed":
            print(self.detail, flush=True)

    def write(self, path):
        root = ElementTree.Element("testsuites")
        suite = ElementTree.SubElement(root, "testsuite", name="EndToEnd")
        for group, name, seconds, outcome, detail in self.cases:
            case = ElementTree.SubElement(suite, "testcase", classname=group, name=name, time=f"{seconds:.3f}")
            if outcome != "passed":
                ElementTree.SubElement(case, "failure" if outcome == "failed" else "skipped").text = detail
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("names", nargs="*")
    p.add_argument("--xunit", type=Path, help="write a JUnit report here")
    options = p.parse_args()
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(options.names) if options.names else loader.discover(str(HERE), "test_*.py")
    report = Report()
    suite.run(report)
    if options.xunit:
        report.write(options.xunit)
    outcomes = [case[3] for case in report.cases]
    print(f"end to end: {outcomes.count('passed')} passed, {outcomes.count('failed')} failed, {outcomes.count('skipped')} skipped")
    return 1 if "failed" in outcomes or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
