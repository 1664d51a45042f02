#!/usr/bin/env python3
"""Add up the tests in a folder of JUnit reports: prints `passed=N failed=N`."""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

passed = failed = 0
for report in Path(sys.argv[1]).glob("*.xml"):
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is None:
            passed += 1
print(f"passed={passed} failed={failed}")
